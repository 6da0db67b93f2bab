//! Where records go.

use std::fmt;
use std::io::Write;
use std::sync::Mutex;

use super::event::{AuditEvent, millis};
use super::{AuditError, AuditSink};
use crate::guard::BoxFuture;
use crate::io::lock;

/// Writes each record as a `tracing` event with a target below `tf_admin`: the default.
///
/// The level is INFO, or WARN where the exit code is not 0. A filter of the program that leaves out `tf_admin` at
/// INFO leaves out the audit.
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingAudit;

macro_rules! record {
    ($level:ident, $event:expr) => {{
        let (event, run) = ($event, &$event.run);
        let end = event.end.as_ref();
        let args = run.args_json();
        let message = event.action.as_str();
        tracing::event!(
            tracing::Level::$level,
            event.action = message,
            admin.run_id = run.run_id.as_str(),
            admin.task = run.task.as_str(),
            admin.app = run.app.as_str(),
            admin.version = run.version.as_deref(),
            admin.commit = run.commit.as_deref(),
            admin.release = run.release.as_deref(),
            admin.release_source = run.release_source.as_str(),
            admin.actor = run.actor.as_deref(),
            admin.actor_source = run.actor_source,
            admin.reason = run.reason.as_deref(),
            admin.host = run.host.as_str(),
            admin.pid = run.pid,
            admin.args = args.as_str(),
            admin.dry_run = run.dry_run,
            admin.danger = run.danger,
            admin.lock_key = run.lock_key.as_deref(),
            admin.config_fingerprint = run.config_fingerprint.as_deref(),
            admin.outcome = end.map(|end| end.outcome.as_str()),
            admin.code = end.map(|end| u64::from(end.code)),
            admin.code_name = end.and_then(|end| end.code_name.as_deref()),
            admin.error = end.and_then(|end| end.error.as_deref()),
            admin.duration_ms = end.map(|end| millis(end.duration)),
            admin.waited_ms = end.and_then(|end| end.waited).map(millis),
            admin.held_ms = end.and_then(|end| end.held).map(millis),
            admin.done = end.map(|end| end.done),
            admin.total = end.and_then(|end| end.total),
            admin.effects = end.map(|end| end.effects),
            admin.signalled = end.map(|end| end.signalled),
            "{message}"
        );
    }};
}

impl AuditSink for TracingAudit {
    fn record<'a>(&'a self, event: &'a AuditEvent) -> BoxFuture<'a, Result<(), AuditError>> {
        if event.end.as_ref().is_none_or(|end| end.code == 0) {
            record!(INFO, event);
        } else {
            record!(WARN, event);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Writes each record as a line of JSON, for programs without a `tracing` subscriber.
///
/// # Examples
///
/// ```
/// let audit = tf_admin::JsonAudit::with_writer(std::io::stderr());
/// ```
pub struct JsonAudit {
    writer: Mutex<Box<dyn Write + Send>>,
}

impl JsonAudit {
    /// Creates a sink that writes to anything.
    #[must_use]
    pub fn with_writer(writer: impl Write + Send + 'static) -> Self {
        Self {
            writer: Mutex::new(Box::new(writer)),
        }
    }

    fn write(&self, event: &AuditEvent) -> Result<(), AuditError> {
        let line = serde_json::to_string(event);
        let line = line.map_err(|error| AuditError::new(error.to_string()))?;
        let mut writer = lock(&self.writer);
        let written = writer
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| writer.flush());
        written.map_err(|error| AuditError::new(error.to_string()))
    }
}

impl AuditSink for JsonAudit {
    fn record<'a>(&'a self, event: &'a AuditEvent) -> BoxFuture<'a, Result<(), AuditError>> {
        Box::pin(std::future::ready(self.write(event)))
    }
}

impl fmt::Debug for JsonAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonAudit").finish_non_exhaustive()
    }
}
