//! What came out of a run.

use std::process::ExitCode;

use crate::audit::AuditEvent;
use crate::outcome::Outcome;

/// All that a run did, for the caller and for tests.
///
/// # Examples
///
/// ```
/// use tf_admin::{Env, Io, Outcome, Registry, Task};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let hello = Task::new("hello", "Greet").run(|cx, _| async move {
///     cx.output("hello")?;
///     Ok(())
/// });
/// let registry = Registry::builder("shop").add(hello).build()?;
/// let report = registry.run(["hello"], Env::default(), Io::captured()).await;
/// assert_eq!((report.outcome(), report.code()), (Outcome::Done, 0));
/// assert_eq!(report.stdout(), "hello\n");
/// assert_eq!(report.events().len(), 2);
/// # Ok::<(), tf_admin::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    pub(crate) outcome: Outcome,
    pub(crate) code: u8,
    pub(crate) run_id: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) events: Vec<AuditEvent>,
    pub(crate) effects: Vec<String>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) left_behind: bool,
}

impl Report {
    /// Returns how the run ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns the exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        self.code
    }

    /// Returns the name of the run, if a task was found.
    #[must_use]
    pub fn run_id(&self) -> Option<&str> {
        self.run_id.as_deref()
    }

    /// Returns what went wrong, without secrets.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns the audit of the run: a start and a finish, one refusal, or nothing if no task was found.
    #[must_use]
    pub fn events(&self) -> &[AuditEvent] {
        &self.events
    }

    /// Returns what the first 1,000 effects did, or in a dry run would have done.
    #[must_use]
    pub fn effects(&self) -> &[String] {
        &self.effects
    }

    /// Returns what was written to stdout, if [`Io::captured`](crate::Io::captured) kept it.
    #[must_use]
    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    /// Returns what was written to stderr, if [`Io::captured`](crate::Io::captured) kept it.
    #[must_use]
    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    /// Whether code of the task, or a read of stdin, still has a thread that could not be ended.
    ///
    /// A runtime that is dropped waits for such threads: use `Runtime::shutdown_background` instead, as
    /// [`Registry::main`](crate::Registry::main) does.
    #[must_use]
    pub fn left_behind(&self) -> bool {
        self.left_behind
    }
}

impl From<Report> for ExitCode {
    fn from(report: Report) -> Self {
        report.code.into()
    }
}
