//! The parts of a registry, before they are checked.

use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use super::{App, Registry, SetupFn, check};
use crate::audit::AuditSink;
use crate::error::{Error, Problem, ProblemKind};
use crate::guard::Guard;
use crate::setup::{Setup, SetupError};
use crate::task::Task;

/// How long a task may take to stop, unless the registry says otherwise.
const GRACE: Duration = Duration::from_secs(10);

/// A registry that is being put together; [`build`](Self::build) checks it.
#[must_use = "a registry exists after `build`"]
pub struct RegistryBuilder<S> {
    app: App,
    tasks: Vec<Task<S>>,
    setup: SetupFn<S>,
    has_setup: bool,
    lock: Option<Arc<dyn Guard>>,
    audit: Option<Arc<dyn AuditSink>>,
    grace: Duration,
    problems: Vec<Problem>,
}

impl RegistryBuilder<()> {
    pub(super) fn new(app: String) -> Self {
        Self {
            app: App {
                usage: format!("{app} admin"),
                name: app,
                ..App::default()
            },
            tasks: Vec::new(),
            setup: Box::new(|_| Box::pin(ready(Ok(())))),
            has_setup: false,
            lock: None,
            audit: None,
            grace: GRACE,
            problems: Vec::new(),
        }
    }

    /// Sets what makes the state that tasks use; must come before the first task.
    ///
    /// It runs after the command line was read, and only when a task runs: help and lists need no configuration.
    /// It has the same time as the task, and a signal ends it.
    pub fn with_state<S, F, Fut>(self, setup: F) -> RegistryBuilder<S>
    where
        F: Fn(Setup) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<S, SetupError>> + Send + 'static,
    {
        let mut problems = self.problems;
        for task in &self.tasks {
            let name = task.name();
            let text = format!("task `{name}` was added before `with_state`");
            problems.push(Problem::new(ProblemKind::Order, name, text));
        }
        RegistryBuilder {
            app: self.app,
            tasks: Vec::new(),
            setup: Box::new(move |given| Box::pin(setup(given))),
            has_setup: true,
            lock: self.lock,
            audit: self.audit,
            grace: self.grace,
            problems,
        }
    }
}

impl<S> RegistryBuilder<S> {
    /// Sets the version of the application, for the audit and the list.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.app.version = Some(version.into());
        self
    }

    /// Sets the commit that the application was built from, for the audit.
    pub fn commit(mut self, commit: impl Into<String>) -> Self {
        self.app.commit = Some(commit.into());
        self
    }

    /// Sets the release that runs, for the audit and `--expect-release`; without it, `RELEASE_ID` counts.
    pub fn release(mut self, release: impl Into<String>) -> Self {
        self.app.release = Some(release.into());
        self
    }

    /// Sets where the release is known from, for the audit; by default `program`.
    pub fn release_source(mut self, source: impl Into<String>) -> Self {
        self.app.release_source = Some(source.into());
        self
    }

    /// Sets the fingerprint of the configuration without its secrets, for the audit.
    ///
    /// Where the configuration is read by the setup, [`Setup::config_fingerprint`] is the place.
    pub fn config_fingerprint(mut self, fingerprint: impl fmt::Display) -> Self {
        self.app.config_fingerprint = Some(fingerprint.to_string());
        self
    }

    /// Sets what stands before a task's name on the command line, for help; by default the name and `admin`.
    pub fn usage(mut self, usage: impl Into<String>) -> Self {
        self.app.usage = usage.into();
        self
    }

    /// Adds a task.
    #[expect(
        clippy::should_implement_trait,
        reason = "it puts a task in, as `Vec::push` does; nothing is summed"
    )]
    pub fn add(mut self, task: Task<S>) -> Self {
        self.tasks.push(task);
        self
    }

    /// Adds several tasks.
    pub fn add_all(mut self, tasks: impl IntoIterator<Item = Task<S>>) -> Self {
        self.tasks.extend(tasks);
        self
    }

    /// Sets the lock that keeps tasks from running twice at the same time.
    pub fn lock(mut self, guard: impl Guard + 'static) -> Self {
        self.lock = Some(Arc::new(guard));
        self
    }

    /// Sets a text before every lock's key, for several installations on one store.
    pub fn lock_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.app.lock_namespace = Some(namespace.into());
        self
    }

    /// Sets where the audit goes; by default to `tracing`, by [`TracingAudit`](crate::TracingAudit).
    ///
    /// In a process without a `tracing` subscriber, where nobody would take the events, a run with the streams of the
    /// process writes the audit to stderr, by [`JsonAudit`](crate::JsonAudit).
    pub fn audit(mut self, sink: impl AuditSink + 'static) -> Self {
        self.audit = Some(Arc::new(sink));
        self
    }

    /// Sets how long a task may take to stop after a signal, its deadline or the loss of its lock; by default 10 s.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Checks the declaration.
    ///
    /// # Errors
    ///
    /// Every bad, reserved or duplicate name, every bad code, every argument that cannot work, at once.
    pub fn build(self) -> Result<Registry<S>, Error> {
        let mut problems = self.problems;
        // A setup may bring the lock; without one, there is none to come.
        let has_lock = self.lock.is_some() || self.has_setup;
        problems.extend(check::problems(&self.app, &self.tasks, has_lock));
        if !problems.is_empty() {
            return Err(Error::new(problems));
        }
        Ok(Registry {
            app: self.app,
            tasks: self.tasks,
            setup: self.setup,
            lock: self.lock,
            audit: self.audit,
            grace: self.grace,
        })
    }
}

impl<S> fmt::Debug for RegistryBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryBuilder")
            .field("app", &self.app)
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}
