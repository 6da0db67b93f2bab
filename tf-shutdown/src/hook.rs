//! What is to be done at the end, in which order, and for how long.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::core::Core;
use crate::outcome::Outcome;
use crate::report::{HookOutcome, HookReport};
use crate::task::panic_text;
use crate::wait::lock;

/// Names when a hook runs.
///
/// | stage | in state | order |
/// |---|---|---|
/// | `Intake` | [`Intake`](crate::State::Intake) | all at once |
/// | `Resources` | [`Closing`](crate::State::Closing), after the work in flight | last registered first |
/// | `Telemetry` | [`Flushing`](crate::State::Flushing), after all else | last registered first |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Stage {
    /// Ends what brings work in: consumers, schedulers.
    Intake,
    /// Closes what the work needed: pools, connections to brokers.
    Resources,
    /// Writes out what tells about it all: traces, metrics, logs.
    Telemetry,
}

impl Stage {
    /// The name in events and reports, such as `resources`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Resources => "resources",
            Self::Telemetry => "telemetry",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Refines a hook that is registered already; may be ignored.
///
/// Without effect once the hook has begun.
#[derive(Debug)]
pub struct HookHandle {
    core: Arc<Core>,
    key: u64,
}

impl HookHandle {
    /// Limits how long the hook may take. The default is what its stage has left, less a share for
    /// those that run after it.
    #[expect(
        clippy::must_use_candidate,
        reason = "the hook is changed in place; the handle may be ignored"
    )]
    #[expect(clippy::return_self_not_must_use, reason = "the handle may be ignored")]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.change(|hook| hook.timeout = Some(timeout));
        self
    }

    /// Lets the hook run beside its neighbours in the order that are parallel too.
    pub fn parallel(self) -> Self {
        self.change(|hook| hook.is_parallel = true);
        self
    }

    fn change(&self, change: impl FnOnce(&mut Hook)) {
        let mut hooks = lock(&self.core.hooks);
        if let Some(hook) = hooks.list.iter_mut().find(|hook| hook.key == self.key) {
            change(hook);
        }
    }
}

type Run = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Option<String>> + Send>> + Send>;

pub(crate) struct Hook {
    key: u64,
    stage: Stage,
    name: Cow<'static, str>,
    timeout: Option<Duration>,
    is_parallel: bool,
    run: Run,
}

/// The hooks that have not begun.
#[derive(Default)]
pub(crate) struct Hooks {
    list: Vec<Hook>,
    next: u64,
    /// Stages up to this one have begun.
    begun: Option<Stage>,
    missed: Vec<HookReport>,
}

impl Core {
    pub(crate) fn hook<F, Fut>(
        self: &Arc<Self>,
        stage: Stage,
        name: Cow<'static, str>,
        hook: F,
    ) -> HookHandle
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        let run: Run = Box::new(move || {
            let future = hook();
            Box::pin(async move { future.await.failure() })
        });
        let mut hooks = lock(&self.hooks);
        let key = hooks.next;
        hooks.next += 1;
        let refused = if hooks.begun.is_some_and(|begun| begun >= stage) {
            hooks.missed.push(HookReport::new(
                &name,
                stage,
                Duration::ZERO,
                HookOutcome::Missed,
            ));
            Some(run)
        } else {
            hooks.list.push(Hook {
                key,
                stage,
                name,
                timeout: None,
                is_parallel: false,
                run,
            });
            None
        };
        drop(hooks);
        // What the closure holds is dropped outside of the lock: its drop may register hooks.
        drop(refused);
        HookHandle {
            core: Arc::clone(self),
            key,
        }
    }

    /// Takes a stage's hooks out, in the order in which they run; those who come later are too late.
    pub(crate) fn begin_hooks(&self, stage: Stage) -> Vec<Hook> {
        let mut hooks = lock(&self.hooks);
        hooks.begun = Some(stage);
        let (mut begun, rest): (Vec<_>, _) =
            hooks.list.drain(..).partition(|hook| hook.stage == stage);
        hooks.list = rest;
        begun.reverse();
        begun
    }

    /// Those that came when their stage had begun.
    pub(crate) fn missed_hooks(&self) -> Vec<HookReport> {
        lock(&self.hooks).missed.clone()
    }

    pub(crate) fn has_hooks(&self, stage: Stage) -> bool {
        lock(&self.hooks)
            .list
            .iter()
            .any(|hook| hook.stage == stage)
    }
}

impl Hook {
    /// Runs as a task of its own, so that one that blocks its thread does not stop the clock of this future.
    pub(crate) async fn run(self, deadline: Instant) -> HookReport {
        let begun = Instant::now();
        let limit = match self.timeout {
            Some(timeout) => deadline.min(begun + timeout),
            None => deadline,
        };
        let run = self.run;
        let mut task = tokio::spawn(async move { run().await });
        let outcome = match timeout_at(limit, &mut task).await {
            Ok(Ok(None)) => HookOutcome::Done,
            Ok(Ok(Some(error))) => HookOutcome::Failed(error),
            Ok(Err(error)) => match error.try_into_panic() {
                Ok(payload) => HookOutcome::Panicked(panic_text(&*payload)),
                Err(_) => HookOutcome::Late,
            },
            Err(_) => {
                task.abort();
                HookOutcome::Late
            }
        };
        HookReport::new(&self.name, self.stage, begun.elapsed(), outcome)
    }
}

/// Puts neighbours that are parallel together: each batch runs at once, the batches one after another.
pub(crate) fn batches(hooks: Vec<Hook>) -> Vec<Vec<Hook>> {
    let mut batches: Vec<Vec<Hook>> = Vec::new();
    for hook in hooks {
        match batches.last_mut() {
            Some(batch) if hook.is_parallel && batch.iter().all(|one| one.is_parallel) => {
                batch.push(hook);
            }
            _ => batches.push(vec![hook]),
        }
    }
    batches
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook")
            .field("stage", &self.stage)
            .field("name", &self.name)
            .field("timeout", &self.timeout)
            .field("is_parallel", &self.is_parallel)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.list).finish()
    }
}
