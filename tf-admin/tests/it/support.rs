//! What several topics need.

use std::sync::{Arc, Mutex};

use tf_admin::{
    Attempt, AuditEvent, BoxFuture, Env, Guard, GuardError, Held, Holder, Interrupter, Interrupts,
    Io, Registry, RegistryBuilder, Report, Task,
};
use tokio::sync::watch;

/// Surroundings of a machine on which nobody is logged in.
pub(crate) fn env(vars: &[(&str, &str)]) -> Env {
    Env::from_vars(vars.iter().copied()).host("web-1").pid(4711)
}

pub(crate) fn registry(tasks: impl IntoIterator<Item = Task>) -> Registry {
    let builder = Registry::builder("shop").version("1.2.3");
    let builder = tasks.into_iter().fold(builder, RegistryBuilder::add);
    builder.build().expect("the declaration is right")
}

/// A registry with a lock.
pub(crate) fn locked(lock: &TestLock, tasks: impl IntoIterator<Item = Task>) -> Registry {
    let builder = Registry::builder("shop").lock(lock.clone());
    let builder = tasks.into_iter().fold(builder, RegistryBuilder::add);
    builder.build().expect("the declaration is right")
}

/// Runs a command line of words without spaces.
pub(crate) async fn run(registry: &Registry, line: &str) -> Report {
    let words: Vec<&str> = line.split_whitespace().collect();
    registry.run(words, env(&[]), Io::captured()).await
}

pub(crate) fn interruptible() -> (Interrupter, Io) {
    let (interrupter, interrupts) = Interrupts::channel();
    (interrupter, Io::captured().interrupts(interrupts))
}

/// The names of the events of a report.
pub(crate) fn actions(report: &Report) -> Vec<&'static str> {
    report
        .events()
        .iter()
        .map(|event| event.action.as_str())
        .collect()
}

pub(crate) fn last(report: &Report) -> &AuditEvent {
    report.events().last().expect("the run was recorded")
}

/// A lock that does what a test tells it.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestLock {
    pub(crate) state: Arc<Mutex<State>>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) holder: Option<Holder>,
    pub(crate) keys: Vec<String>,
    pub(crate) releases: usize,
    pub(crate) broken: Option<fn() -> GuardError>,
    lost: watch::Sender<Option<String>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            holder: None,
            keys: Vec::new(),
            releases: 0,
            broken: None,
            lost: watch::Sender::new(None),
        }
    }
}

impl TestLock {
    pub(crate) fn held_by(actor: &str) -> Self {
        let lock = Self::default();
        lock.state.lock().expect("no holder panicked").holder = Some(Holder {
            run_id: "0199-other".into(),
            task: "prune".into(),
            host: "web-2".into(),
            pid: 99,
            actor: actor.into(),
            since: std::time::SystemTime::UNIX_EPOCH,
        });
        lock
    }

    pub(crate) fn free(&self) {
        self.state.lock().expect("no holder panicked").holder = None;
    }

    pub(crate) fn lose(&self, reason: &str) {
        let state = self.state.lock().expect("no holder panicked");
        state.lost.send_replace(Some(reason.to_owned()));
    }

    pub(crate) fn releases(&self) -> usize {
        self.state.lock().expect("no holder panicked").releases
    }

    pub(crate) fn attempts(&self) -> Vec<String> {
        self.state.lock().expect("no holder panicked").keys.clone()
    }
}

impl Guard for TestLock {
    fn try_acquire<'a>(
        &'a self,
        key: &'a str,
        holder: &'a Holder,
    ) -> BoxFuture<'a, Result<Attempt, GuardError>> {
        Box::pin(async move {
            let mut state = self.state.lock().expect("no holder panicked");
            state.keys.push(key.to_owned());
            if let Some(broken) = state.broken {
                return Err(broken());
            }
            if let Some(holder) = &state.holder {
                return Ok(Attempt::Busy(Some(holder.clone())));
            }
            state.holder = Some(holder.clone());
            Ok(Attempt::Held(Box::new(TestHeld(self.clone()))))
        })
    }

    fn holder<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Holder>, GuardError>> {
        Box::pin(async move {
            Ok(self
                .state
                .lock()
                .expect("no holder panicked")
                .holder
                .clone())
        })
    }

    fn warning(&self) -> Option<String> {
        Some("a lock for tests protects nothing".into())
    }
}

#[derive(Debug)]
struct TestHeld(TestLock);

impl Held for TestHeld {
    fn lost(&mut self) -> BoxFuture<'_, String> {
        let mut lost = self
            .0
            .state
            .lock()
            .expect("no holder panicked")
            .lost
            .subscribe();
        Box::pin(async move {
            let reason = lost.wait_for(Option::is_some).await;
            reason
                .expect("the sender lives")
                .clone()
                .expect("the sender lives")
        })
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, Result<(), GuardError>> {
        Box::pin(async move {
            let mut state = self.0.state.lock().expect("no holder panicked");
            state.holder = None;
            state.releases += 1;
            Ok(())
        })
    }
}
