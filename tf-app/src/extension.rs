//! What a company's framework adds to every app.

use std::sync::Arc;

use tf_admin::{Attempt, AuditError, AuditEvent, AuditSink, Guard, GuardError, Holder};

type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a framework of your own adds to each app that it builds, given by [`App::extend`](crate::App::extend).
///
/// # Examples
///
/// ```
/// use tf_app::Extension;
///
/// let house = Extension::new()
///     .log_field("labels.team", "checkout")
///     .redact(["iban"]);
/// # drop(house);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing before `App::extend`"]
pub struct Extension {
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) redact: Vec<String>,
    pub(crate) audit: Option<Audit>,
    pub(crate) lock: Option<Lock>,
}

impl Extension {
    /// Starts with nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field to every log line.
    pub fn log_field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Hides the values of log fields with these names.
    pub fn redact<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.redact.extend(names.into_iter().map(Into::into));
        self
    }

    /// Sets where the audit of tasks goes, instead of the log.
    pub fn audit(mut self, sink: impl AuditSink + 'static) -> Self {
        self.audit = Some(Audit(Arc::new(sink)));
        self
    }

    /// Sets what keeps a task from running twice; `ADMIN_LOCK_URL` wins.
    pub fn lock(mut self, guard: impl Guard + 'static) -> Self {
        self.lock = Some(Lock(Arc::new(guard)));
        self
    }

    /// Adds another extension, whose word counts where both have one.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.fields.extend(other.fields);
        self.redact.extend(other.redact);
        Self {
            audit: other.audit.or(self.audit),
            lock: other.lock.or(self.lock),
            ..self
        }
    }
}

/// A sink that clones share.
#[derive(Clone, Debug)]
pub(crate) struct Audit(Arc<dyn AuditSink>);

impl AuditSink for Audit {
    fn record<'a>(&'a self, event: &'a AuditEvent) -> BoxFuture<'a, Result<(), AuditError>> {
        self.0.record(event)
    }
}

/// A lock that clones share.
#[derive(Clone, Debug)]
pub(crate) struct Lock(Arc<dyn Guard>);

impl Guard for Lock {
    fn try_acquire<'a>(
        &'a self,
        key: &'a str,
        holder: &'a Holder,
    ) -> BoxFuture<'a, Result<Attempt, GuardError>> {
        self.0.try_acquire(key, holder)
    }

    fn holder<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Holder>, GuardError>> {
        self.0.holder(key)
    }

    fn warning(&self) -> Option<String> {
        self.0.warning()
    }
}
