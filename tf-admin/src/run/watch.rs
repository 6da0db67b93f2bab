//! The watch over a run: signals, the deadline, the grace time, the lock.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep};

use super::verdict::{End, Ran};
use crate::control::{Control, StopReason};
use crate::guard::Held;
use crate::interrupts::{Interrupt, Interrupts};
use crate::outcome::Outcome;
use crate::task::Ended;

/// A terminal may send SIGINT twice for one key: a second one counts after that time.
const SECOND: Duration = Duration::from_millis(500);

pub(super) struct Watch {
    interrupts: Interrupts,
    deadline: Option<Pin<Box<Sleep>>>,
    first_int: Option<Instant>,
    /// The first one that came.
    signal: Option<Interrupt>,
}

/// What ends a run from outside.
enum Cut {
    Interrupt(Interrupt),
    Deadline,
}

enum Event {
    Ended(Result<Ended, tokio::task::JoinError>),
    Cut(Cut),
    Lost(String),
    GraceOver,
}

impl Watch {
    pub(super) fn new(interrupts: Interrupts) -> Self {
        Self {
            interrupts,
            deadline: None,
            first_int: None,
            signal: None,
        }
    }

    /// Begins to listen for signals.
    pub(super) fn start(&mut self) -> Result<(), End> {
        self.interrupts
            .start()
            .map_err(|error| End::new(Outcome::Failed, format!("no signal handler: {error}")))
    }

    pub(super) fn signal(&self) -> Option<Interrupt> {
        self.signal
    }

    /// Ends what follows after this time; zero is never.
    pub(super) fn limit(&mut self, timeout: Option<Duration>) {
        let timeout = timeout.filter(|timeout| !timeout.is_zero());
        self.deadline = timeout.map(|timeout| Box::pin(sleep(timeout)));
    }

    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<Cut> {
        if let Poll::Ready(interrupt) = self.interrupts.poll_next(cx) {
            self.signal.get_or_insert(interrupt);
            return Poll::Ready(Cut::Interrupt(interrupt));
        }
        match &mut self.deadline {
            Some(deadline) => deadline.as_mut().poll(cx).map(|()| Cut::Deadline),
            None => Poll::Pending,
        }
    }

    /// The output of the future, unless a signal or the deadline comes before there is one.
    pub(super) async fn unless_cut<T>(
        &mut self,
        doing: &str,
        future: impl Future<Output = T>,
    ) -> Result<T, End> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            self.poll_cut(cx).map(|cut| Err(cut.end(doing)))
        })
        .await
    }

    /// Watches a task until it ends, or is to be ended by force.
    pub(super) async fn over(
        &mut self,
        job: &mut JoinHandle<Ended>,
        control: &Control,
        held: Option<&mut Box<dyn Held>>,
        grace: Duration,
    ) -> (Ran, Option<String>) {
        let mut lost = held.map(|held| held.lost());
        let mut loss = None;
        let mut patience: Option<Pin<Box<Sleep>>> = None;
        loop {
            let event = poll_fn(|cx| {
                if let Poll::Ready(ended) = Pin::new(&mut *job).poll(cx) {
                    return Poll::Ready(Event::Ended(ended));
                }
                if let Some(Poll::Ready(reason)) = lost.as_mut().map(|lost| lost.as_mut().poll(cx))
                {
                    return Poll::Ready(Event::Lost(reason));
                }
                if let Poll::Ready(cut) = self.poll_cut(cx) {
                    return Poll::Ready(Event::Cut(cut));
                }
                match &mut patience {
                    Some(patience) => patience.as_mut().poll(cx).map(|()| Event::GraceOver),
                    None => Poll::Pending,
                }
            });
            let reason = match event.await {
                Event::Ended(ended) => return (Ran::Ended(ended), loss),
                Event::GraceOver => return (Ran::GraceOver(grace), loss),
                Event::Cut(Cut::Interrupt(interrupt)) => {
                    if self.is_second(interrupt) {
                        return (Ran::Forced, loss);
                    }
                    StopReason::Interrupted(interrupt)
                }
                Event::Cut(Cut::Deadline) => {
                    self.deadline = None;
                    StopReason::Timeout
                }
                Event::Lost(reason) => {
                    lost = None;
                    loss = Some(reason);
                    StopReason::LockLost
                }
            };
            control.stop(reason);
            patience.get_or_insert_with(|| Box::pin(sleep(grace)));
        }
    }

    /// Whether this is a SIGINT that follows another one deliberately.
    fn is_second(&mut self, interrupt: Interrupt) -> bool {
        if interrupt != Interrupt::Int {
            return false;
        }
        let now = Instant::now();
        let first = *self.first_int.get_or_insert(now);
        now.duration_since(first) >= SECOND
    }
}

impl Cut {
    fn end(self, doing: &str) -> End {
        match self {
            Self::Interrupt(interrupt) => {
                End::interrupted(interrupt, format!("{interrupt} while {doing}"))
            }
            Self::Deadline => End::new(
                Outcome::Timeout,
                format!("the deadline passed while {doing}"),
            ),
        }
    }
}
