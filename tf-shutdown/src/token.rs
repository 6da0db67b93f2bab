//! What a task sees of the lifecycle.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_core::Stream;
use pin_project_lite::pin_project;
use tokio::sync::futures::OwnedNotified;

use crate::core::Core;
use crate::reason::Reason;
use crate::state::State;
use crate::wait::{self, Mark};

/// Tells a task where the lifecycle stands; cheap to clone and to ask.
///
/// Asking is one load. A pending [`stopping`](Self::stopping) that is polled again by the same task takes no
/// lock, so make it once, outside the loop. All waits are fused: once done they stay done.
///
/// # Examples
///
/// ```
/// use tf_shutdown::{Lifecycle, Options, State};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let life = Lifecycle::new(Options::for_tests().budget());
/// let token = life.token();
/// let (sender, mut jobs) = tokio::sync::mpsc::channel::<u32>(4);
/// let consumer = life.spawn("consumer", async move {
///     while let Some(Some(_job)) = token.until_stopping(jobs.recv()).await {}
/// });
///
/// life.stop("the example is over");
/// let report = life.shutdown().await;
/// consumer.await.unwrap();
/// assert_eq!(life.state(), State::Done);
/// assert_eq!(report.exit_code(), 0);
/// # drop(sender);
/// # }
/// ```
#[derive(Clone)]
pub struct Token {
    core: Arc<Core>,
}

impl Token {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Where the lifecycle stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.core.state()
    }

    /// Whether nothing new is to be begun: the state is [`State::Intake`] or later.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.core.has(Target::STOP)
    }

    /// Whether work that goes on is being dropped.
    #[must_use]
    pub fn is_aborting(&self) -> bool {
        self.core.has(Target::ABORT)
    }

    /// Waits until nothing new is to be begun.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is lost when it is dropped.
    pub fn stopping(&self) -> Reached {
        Reached::new(&self.core, Target::STOP)
    }

    /// Waits until work should go elsewhere: [`State::LameDuck`], or a later state where that one is skipped.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is lost when it is dropped.
    pub fn lame_duck(&self) -> Reached {
        self.reached(State::LameDuck)
    }

    /// Waits until the time for work in flight is up.
    ///
    /// Never ends when all work ends in time. Tasks spawned through the lifecycle are dropped at that moment
    /// without asking; this is for the others.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is lost when it is dropped.
    pub fn aborting(&self) -> Reached {
        Reached::new(&self.core, Target::ABORT)
    }

    /// Waits until this state or a later one.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is lost when it is dropped.
    pub fn reached(&self, state: State) -> Reached {
        Reached::new(&self.core, Target::state(state))
    }

    /// Why the lifecycle stops, once that was asked for.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.core.request().map(|request| request.reason.clone())
    }

    /// When work in flight will be dropped, once a stop was asked for.
    ///
    /// Hooks have more time than that: the reserve of the [`Budget`](crate::Budget).
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let request = self.core.request()?;
        Some(request.drain_end().into_std())
    }

    /// How long it is until the [`deadline`](Self::deadline), at least 0.
    ///
    /// A long job reads this to decide between a checkpoint and giving up.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let request = self.core.request()?;
        let now = tokio::time::Instant::now();
        Some(request.drain_end().saturating_duration_since(now))
    }

    /// Runs a future until it is done or nothing new is to be begun, which gives `None`.
    ///
    /// When both hold, the answer is `None` and the future is not polled, so that a future which is always ready
    /// cannot keep a loop alive.
    ///
    /// # Cancel safety
    ///
    /// As safe as the future itself, which is dropped at the stop: what receives one thing at a time is fine.
    pub fn until_stopping<F: Future>(&self, future: F) -> UntilStopping<F> {
        UntilStopping {
            stopping: self.stopping(),
            future,
        }
    }

    /// Ends a stream when nothing new is to be begun.
    ///
    /// Of use for bodies that are sent for ever, such as server-sent events.
    pub fn until_stopping_stream<S: Stream>(&self, stream: S) -> UntilStoppingStream<S> {
        UntilStoppingStream {
            stopping: self.stopping(),
            stream,
        }
    }

    /// A token of tokio-util that is cancelled when nothing new is to be begun.
    ///
    /// All calls give clones of one token; cancelling it does not stop the lifecycle.
    #[cfg(feature = "tokio-util")]
    #[must_use]
    pub fn cancellation_token(&self) -> tokio_util::sync::CancellationToken {
        self.core.cancellation_token()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("state", &self.state())
            .field("is_aborting", &self.is_aborting())
            .finish_non_exhaustive()
    }
}

/// What a wait is for: a state or later, or the abort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target(u8);

impl Target {
    pub(crate) const STOP: Self = Self(State::Intake as u8);
    pub(crate) const ABORT: Self = Self(u8::MAX);

    fn state(state: State) -> Self {
        Self(state.code())
    }

    pub(crate) fn code(self) -> u8 {
        self.0
    }
}

/// The target of a wait, and whose waker is in the list where that matters; in one so that waits stay small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    Stop(Mark),
    Other(Target),
}

impl Goal {
    fn of(target: Target) -> Self {
        match target {
            Target::STOP => Self::Stop(Mark::NOBODY),
            _ => Self::Other(target),
        }
    }

    fn target(self) -> Target {
        match self {
            Self::Stop(_) => Target::STOP,
            Self::Other(target) => target,
        }
    }

    fn list(&mut self, mark: Mark) {
        if let Self::Stop(known) = self {
            *known = mark;
        }
    }
}

pin_project! {
    /// Waits for a moment of the lifecycle; made by [`Token`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct Reached {
        core: Arc<Core>,
        #[pin]
        listed: Option<OwnedNotified>,
        goal: Goal,
    }

    impl PinnedDrop for Reached {
        fn drop(this: Pin<&mut Self>) {
            if this.listed.is_some() {
                wait::uncover();
            }
        }
    }
}

impl Reached {
    fn new(core: &Arc<Core>, target: Target) -> Self {
        Self {
            core: Arc::clone(core),
            listed: None,
            goal: Goal::of(target),
        }
    }
}

impl Future for Reached {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let (core, target) = (&**this.core, this.goal.target());
        let mark = Mark::of(cx.waker());
        // The list of the stop is fired once, after the state is stored: while the state is not there,
        // the same waker is still listed. The other list is fired at each change, so it must be asked.
        let is_listed = this.listed.is_some() && *this.goal == Goal::Stop(mark);
        loop {
            if core.has(target) {
                // One that was notified goes without a lock, but only when it knows.
                if let Some(listed) = this.listed.as_mut().as_pin_mut() {
                    let _ = listed.poll(cx);
                }
                this.listed.set(None);
                return Poll::Ready(());
            }
            if is_listed {
                break;
            }
            if let Some(listed) = this.listed.as_mut().as_pin_mut() {
                if listed.poll(cx).is_pending() {
                    this.goal.list(mark);
                    break;
                }
            }
            // Listed before the state is looked at again, so that no change falls in between.
            let list = match target {
                Target::STOP => core.waits.stop(mark),
                _ => core.waits.change(),
            };
            this.listed.set(Some(Arc::clone(list).notified_owned()));
        }
        if target == Target::STOP {
            wait::cover(core, mark);
        }
        Poll::Pending
    }
}

impl fmt::Debug for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reached")
            .field("is_reached", &self.core.has(self.goal.target()))
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Runs a future until the stop; made by [`Token::until_stopping`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct UntilStopping<F> {
        #[pin]
        stopping: Reached,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for UntilStopping<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if this.stopping.poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        this.future.poll(cx).map(Some)
    }
}

pin_project! {
    /// Ends a stream at the stop; made by [`Token::until_stopping_stream`].
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct UntilStoppingStream<S> {
        #[pin]
        stopping: Reached,
        #[pin]
        stream: S,
    }
}

impl<S: Stream> Stream for UntilStoppingStream<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if this.stopping.poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        this.stream.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.stream.size_hint().1)
    }
}
