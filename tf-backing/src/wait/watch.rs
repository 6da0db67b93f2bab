//! One service that is waited for: its history, and when to ask again.

use std::time::Duration;

use super::backoff;
use super::change::Change;
use super::error::Seen;
use super::{Goal, Locator, Outcome, Report};

/// After so many answers of another protocol in a row it is no accident of a restart.
const WRONG_ENOUGH: u32 = 3;

/// What is known of one service.
pub(super) struct Watch<'a> {
    pub(super) locator: &'a Locator,
    goal: Goal,
    last: Option<Report>,
    successes: u32,
    failures: u32,
    /// Answers in a row that waiting does not mend.
    finals: u32,
}

/// What follows from a report.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The service is there.
    There,
    /// Waiting does not help.
    Hopeless,
    /// Ask again after this time.
    Again(Duration),
}

impl<'a> Watch<'a> {
    pub(super) fn new(locator: &'a Locator, goal: Goal) -> Self {
        Self {
            locator,
            goal,
            last: None,
            successes: 0,
            failures: 0,
            finals: 0,
        }
    }

    /// Takes a report and tells of every endpoint that has changed.
    pub(super) fn take(
        &mut self,
        report: Report,
        after: Duration,
        mut tell: impl FnMut(&Change),
    ) -> Next {
        for (n, endpoint) in report.endpoints().iter().enumerate() {
            let last = self.last.as_ref();
            let before = last.and_then(|last| Some(last.endpoints().get(n)?.outcome()));
            if before != Some(endpoint.outcome()) {
                tell(&Change {
                    service: report.service().to_owned(),
                    endpoint: endpoint.clone(),
                    before,
                    after,
                });
            }
        }
        let outcome = self.goal.outcome(&report);
        self.last = Some(report);
        self.next(outcome)
    }

    fn next(&mut self, outcome: Outcome) -> Next {
        if self.goal.is_met(outcome) {
            (self.failures, self.finals) = (0, 0);
            self.successes += 1;
            return match self.successes >= self.goal.consecutive {
                true => Next::There,
                false => Next::Again(backoff::STEADY),
            };
        }
        self.successes = 0;
        self.failures = self.failures.saturating_add(1);
        self.finals = if outcome.is_final() {
            self.finals + 1
        } else {
            0
        };
        let enough = match outcome {
            Outcome::NotReady(_) => 1,
            _ => WRONG_ENOUGH,
        };
        match outcome.is_final() && self.finals >= enough {
            true => Next::Hopeless,
            false => Next::Again(backoff::after(self.failures, backoff::dice(self.failures))),
        }
    }

    pub(super) fn into_report(self) -> Option<Report> {
        self.last
    }

    pub(super) fn into_seen(self, is_there: bool) -> Seen {
        Seen {
            service: self.locator.identity(),
            report: self.last,
            is_there,
        }
    }
}
