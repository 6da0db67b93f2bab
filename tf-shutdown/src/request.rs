//! A request to stop, its times, and what came after it.

use std::time::Duration;

use tokio::time::Instant;

use crate::options::Budget;
use crate::reason::Reason;
use crate::report::SignalSeen;
use crate::signals::{Origin, Signal};

/// Later reasons that are kept; a thousand tasks that fail alike say nothing new.
const KEPT: usize = 32;

/// The times of one stop, from the request on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) total: Duration,
    pub(crate) pre_stop: Duration,
    pub(crate) reserve: Duration,
    pub(crate) source: &'static str,
}

impl Plan {
    pub(crate) fn of(budget: Budget) -> Self {
        Self {
            total: budget.total(),
            pre_stop: budget.pre_stop(),
            reserve: budget.reserve().min(budget.total()),
            source: budget.source(),
        }
    }

    /// That of a child, which must be done when its parent closes.
    pub(crate) fn within(total: Duration) -> Self {
        Self {
            total,
            pre_stop: Duration::ZERO,
            reserve: (total / 5).min(Duration::from_secs(5)),
            source: "parent",
        }
    }

    pub(crate) fn without_pre_stop(self) -> Self {
        Self {
            pre_stop: Duration::ZERO,
            ..self
        }
    }
}

/// The first request to stop.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) reason: Reason,
    pub(crate) at: Instant,
    pub(crate) plan: Plan,
}

impl Request {
    pub(crate) fn new(reason: Reason, plan: Plan) -> Self {
        Self {
            reason,
            at: Instant::now(),
            plan,
        }
    }

    /// When work in flight is dropped.
    pub(crate) fn drain_end(&self) -> Instant {
        self.at + (self.plan.total - self.plan.reserve)
    }

    /// When everything is over.
    pub(crate) fn end(&self) -> Instant {
        self.at + self.plan.total
    }
}

/// What came in besides the first request.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) also: Vec<Reason>,
    pub(crate) signals: Vec<SignalSeen>,
    pub(crate) failed: u64,
    pub(crate) panicked: u64,
}

impl Seen {
    /// Keeps a later reason. Signals are counted apart.
    pub(crate) fn also(&mut self, reason: Reason) {
        if reason.signal().is_none() && self.also.len() < KEPT {
            self.also.push(reason);
        }
    }

    pub(crate) fn signal(&mut self, signal: Signal, origin: Option<Origin>) {
        let known = self.signals.iter_mut().find(|seen| seen.signal == signal);
        match known {
            Some(seen) => seen.count += 1,
            None => self.signals.push(SignalSeen {
                signal,
                origin,
                count: 1,
            }),
        }
    }
}
