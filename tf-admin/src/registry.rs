//! The tasks of an application, and what they share.

mod builder;
mod check;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::builder::RegistryBuilder;
use crate::audit::AuditSink;
use crate::guard::{BoxFuture, Guard};
use crate::setup::{Setup, SetupError};
use crate::task::Task;

/// The names that are commands of the registry itself, and the word before them.
pub(crate) const RESERVED: [&str; 4] = ["admin", "completions", "help", "list"];

/// The tasks of an application; `S` is the state that they use.
///
/// It is immutable and can run any number of tasks, one after the other or side by side.
pub struct Registry<S = ()> {
    pub(crate) app: App,
    pub(crate) tasks: Vec<Task<S>>,
    pub(crate) setup: SetupFn<S>,
    pub(crate) lock: Option<Arc<dyn Guard>>,
    /// Where the audit goes, if the program says so.
    pub(crate) audit: Option<Arc<dyn AuditSink>>,
    pub(crate) grace: Duration,
}

/// Makes the state of a run.
pub(crate) type SetupFn<S> =
    Box<dyn Fn(Setup) -> BoxFuture<'static, Result<S, SetupError>> + Send + Sync>;

/// What is known of the application.
#[derive(Clone, Debug, Default)]
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) commit: Option<String>,
    pub(crate) release: Option<String>,
    pub(crate) release_source: Option<String>,
    pub(crate) config_fingerprint: Option<String>,
    pub(crate) lock_namespace: Option<String>,
    /// What stands before a task's name on the command line.
    pub(crate) usage: String,
}

impl Registry {
    /// Begins a registry for an application of this name, which is part of every lock's key.
    pub fn builder(app: impl Into<String>) -> RegistryBuilder<()> {
        RegistryBuilder::new(app.into())
    }
}

impl<S> Registry<S> {
    /// Returns the tasks, in the order in which they were added.
    pub fn tasks(&self) -> impl Iterator<Item = &Task<S>> {
        self.tasks.iter()
    }

    /// The task with this name or alias.
    pub(crate) fn find(&self, name: &str) -> Option<&Task<S>> {
        self.tasks.iter().find(|task| {
            let spec = &task.spec;
            spec.name == name || spec.aliases.iter().any(|alias| alias == name)
        })
    }

    pub(crate) fn usage(&self) -> &str {
        &self.app.usage
    }
}

impl<S> fmt::Debug for Registry<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("app", &self.app)
            .field("tasks", &self.tasks)
            .field("lock", &self.lock)
            .field("audit", &self.audit)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}
