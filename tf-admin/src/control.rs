//! How a run tells its task to stop.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use tokio::sync::watch;

use crate::interrupts::Interrupt;

/// Why a task is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// A signal came.
    Interrupted(Interrupt),
    /// The deadline passed.
    Timeout,
    /// The lock is gone, so that another run may have begun.
    LockLost,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted(interrupt) => interrupt.fmt(f),
            Self::Timeout => f.write_str("the deadline passed"),
            Self::LockLost => f.write_str("the lock was lost"),
        }
    }
}

/// The error by which a task leaves early, so that what returns `Ok` has finished.
///
/// [`Cx::checkpoint`](crate::Cx::checkpoint) returns it. It may be wrapped in other errors: a run looks for it in
/// the whole chain of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped(pub(crate) StopReason);

impl Stopped {
    /// Returns why the task was to stop.
    #[must_use]
    pub fn reason(&self) -> StopReason {
        self.0
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stopped before the end: {}", self.0)
    }
}

impl std::error::Error for Stopped {}

/// The one bit that a task watches, and whether it was told.
#[derive(Debug)]
pub(crate) struct Control {
    reason: watch::Sender<Option<StopReason>>,
    /// Whether a checkpoint has failed, after which the task cannot end as if it had finished.
    was_told: AtomicBool,
}

impl Control {
    pub(crate) fn new() -> Self {
        Self {
            reason: watch::Sender::new(None),
            was_told: AtomicBool::new(false),
        }
    }

    /// Tells the task to stop; the first reason counts.
    pub(crate) fn stop(&self, reason: StopReason) {
        self.reason.send_if_modified(|current| {
            let is_first = current.is_none();
            current.get_or_insert(reason);
            is_first
        });
    }

    pub(crate) fn reason(&self) -> Option<StopReason> {
        *self.reason.borrow()
    }

    pub(crate) fn checkpoint(&self) -> Result<(), Stopped> {
        match self.reason() {
            None => Ok(()),
            Some(reason) => {
                self.was_told.store(true, Ordering::Relaxed);
                Err(Stopped(reason))
            }
        }
    }

    pub(crate) fn was_told(&self) -> bool {
        self.was_told.load(Ordering::Relaxed)
    }

    /// The output of the future, unless the task is to stop before there is one.
    pub(crate) async fn unless_stopped<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> Result<T, Stopped> {
        let mut future = pin!(future);
        let mut stopped = pin!(self.stopped());
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            stopped.as_mut().poll(cx).map(|reason| {
                self.was_told.store(true, Ordering::Relaxed);
                Err(Stopped(reason))
            })
        })
        .await
    }

    pub(crate) async fn stopped(&self) -> StopReason {
        let mut receiver = self.reason.subscribe();
        loop {
            if let Some(reason) = *receiver.borrow_and_update() {
                return reason;
            }
            if receiver.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
