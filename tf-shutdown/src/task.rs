//! Tasks that belong to the lifecycle.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::task::JoinHandle;

use crate::events;
use crate::group::Guard;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::token::Target;
use crate::wait::Watch;

/// Says that nothing new is taken in, because the lifecycle stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lifecycle is stopping and takes in nothing new")]
pub struct Stopped {
    _private: (),
}

impl Stopped {
    pub(crate) fn new() -> Self {
        Self { _private: () }
    }
}

/// Tells why a task gave no result.
#[derive(thiserror::Error)]
#[error(transparent)]
pub struct TaskError(Cause);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error(transparent)]
    Stopped(Stopped),
    #[error("the task was aborted")]
    Aborted,
    #[error("the task panicked: {message}")]
    Panicked {
        message: String,
        payload: Box<dyn Any + Send>,
    },
}

/// The kind of a [`TaskError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskErrorKind {
    /// It never ran, because the lifecycle was stopping.
    Stopped,
    /// It was dropped: by [`TaskHandle::abort`], when the time was up, or with its runtime.
    Aborted,
    /// It panicked.
    Panicked,
}

impl TaskError {
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> TaskErrorKind {
        match self.0 {
            Cause::Stopped(_) => TaskErrorKind::Stopped,
            Cause::Aborted => TaskErrorKind::Aborted,
            Cause::Panicked { .. } => TaskErrorKind::Panicked,
        }
    }

    /// What the task panicked with, if it did.
    #[must_use]
    pub fn into_panic(self) -> Option<Box<dyn Any + Send>> {
        match self.0 {
            Cause::Panicked { payload, .. } => Some(payload),
            Cause::Stopped(_) | Cause::Aborted => None,
        }
    }

    fn panicked(payload: Box<dyn Any + Send>) -> Self {
        Self(Cause::Panicked {
            message: panic_text(&*payload),
            payload,
        })
    }
}

impl fmt::Debug for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TaskError").field(&self.kind()).finish()
    }
}

/// The text of a panic, for those that have one.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no text").to_owned()
}

/// Waits for a task, or aborts it. Dropped, it leaves the task running.
///
/// # Cancel safety
///
/// Awaiting `&mut handle` is safe to drop: the task runs on and the handle can be awaited again.
///
/// # Examples
///
/// ```
/// use tf_shutdown::{Lifecycle, Options, TaskErrorKind};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let life = Lifecycle::new(Options::for_tests().budget());
/// let sum = life.spawn("sum", async { Ok::<_, String>(1 + 1) });
/// assert_eq!(sum.await.unwrap(), Ok(2));
///
/// let _ = life.shutdown().await;
/// let late = life.spawn("late", async {});
/// assert!(late.is_finished());
/// assert_eq!(late.await.unwrap_err().kind(), TaskErrorKind::Stopped);
/// # }
/// ```
#[derive(Debug)]
pub struct TaskHandle<T> {
    task: Result<JoinHandle<Option<T>>, Stopped>,
}

impl<T> TaskHandle<T> {
    pub(crate) fn running(task: JoinHandle<Option<T>>) -> Self {
        Self { task: Ok(task) }
    }

    pub(crate) fn refused(stopped: Stopped) -> Self {
        Self { task: Err(stopped) }
    }

    /// Drops the task at its next await; no failure, even of an essential one.
    ///
    /// A blocking task that has begun cannot be aborted.
    pub fn abort(&self) {
        if let Ok(task) = &self.task {
            task.abort();
        }
    }

    /// Whether it ended or was refused.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.task.as_ref().map_or(true, JoinHandle::is_finished)
    }
}

impl<T> Future for TaskHandle<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let task = match &mut self.task {
            Ok(task) => task,
            Err(stopped) => return Poll::Ready(Err(TaskError(Cause::Stopped(*stopped)))),
        };
        Pin::new(task).poll(cx).map(|result| match result {
            Ok(Some(output)) => Ok(output),
            Ok(None) => Err(TaskError(Cause::Aborted)),
            Err(error) => Err(match error.try_into_panic() {
                Ok(payload) => TaskError::panicked(payload),
                Err(_) => TaskError(Cause::Aborted),
            }),
        })
    }
}

/// What the end of a task means to the lifecycle.
pub(crate) trait Judge<T> {
    fn ended(&self, guard: &Guard, output: &T);
    fn panicked(&self, guard: &Guard, message: String);
}

/// A task without a name: its panic is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anonymous;

impl<T> Judge<T> for Anonymous {
    fn ended(&self, _: &Guard, _: &T) {}

    fn panicked(&self, guard: &Guard, message: String) {
        guard.core().count_failure(true);
        events::task_panicked(guard.core(), guard.group(), &message);
    }
}

/// A named task; the end of an essential one is a reason to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) essential: bool,
}

impl<T: Outcome> Judge<T> for Named {
    fn ended(&self, guard: &Guard, output: &T) {
        let core = guard.core();
        let name = || guard.name().unwrap_or_default();
        if let Some(error) = output.failure() {
            core.count_failure(false);
            events::task_failed(core, &name(), &error);
            if self.essential {
                core.stop(Reason::TaskFailed {
                    name: name(),
                    error,
                });
            }
        } else if self.essential && core.request().is_none() {
            core.stop(Reason::TaskEnded { name: name() });
        }
    }

    fn panicked(&self, guard: &Guard, message: String) {
        let core = guard.core();
        let name = guard.name().unwrap_or_default();
        core.count_failure(true);
        events::task_panicked(core, &name, &message);
        if self.essential {
            core.stop(Reason::TaskPanicked { name, message });
        }
    }
}

/// Runs what a blocking task does, and judges its end.
pub(crate) fn run_blocking<T, J: Judge<T>>(
    guard: &Guard,
    judge: J,
    work: impl FnOnce() -> T,
) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(output) => {
            judge.ended(guard, &output);
            Some(output)
        }
        Err(payload) => {
            judge.panicked(guard, panic_text(&*payload));
            resume_unwind(payload)
        }
    }
}

pin_project! {
    /// A spawned future: counted, judged at its end, and dropped at the abort, which gives `None`.
    pub(crate) struct Task<F, J> {
        #[pin]
        future: Option<F>,
        guard: Guard,
        judge: J,
    }
}

impl<F, J> Task<F, J> {
    pub(crate) fn new(future: F, guard: Guard, judge: J) -> Self {
        Self {
            future: Some(future),
            guard,
            judge,
        }
    }
}

impl<F: Future, J: Judge<F::Output>> Future for Task<F, J> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let core = this.guard.core();
        if core.has(Target::ABORT) {
            this.future.set(None);
            return Poll::Ready(None);
        }
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let watch = (!this.guard.heeds_abort() && !core.has(Target::STOP))
            .then(|| Watch::begin(core, cx.waker()));
        let result = catch_unwind(AssertUnwindSafe(|| future.poll(cx)));
        let is_covered = watch.is_some_and(|watch| watch.end(core));
        match result {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(output)) => {
                this.future.set(None);
                this.judge.ended(this.guard, &output);
                return Poll::Ready(Some(output));
            }
            Err(payload) => {
                this.judge.panicked(this.guard, panic_text(&*payload));
                resume_unwind(payload);
            }
        }
        if is_covered || this.guard.heed_abort(cx.waker()) {
            return Poll::Pending;
        }
        this.future.set(None);
        Poll::Ready(None)
    }
}
