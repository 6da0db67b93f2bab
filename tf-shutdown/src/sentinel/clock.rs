//! When the process must be gone, and which signal ends it at once.

use std::time::{Duration, Instant};

use crate::signals::Signal;

/// What the service has beyond its budget before the process is ended.
const OVERTIME: Duration = Duration::from_millis(500);
/// One Ctrl-C can arrive twice: to the process group, and forwarded by a parent.
const SAME_PRESS: Duration = Duration::from_millis(500);

/// Counts from the first stop request on.
#[derive(Debug, Default)]
pub(super) struct Clock {
    first_stop: Option<Instant>,
    limit: Limit,
    interrupts: u32,
}

#[derive(Clone, Copy, Debug, Default)]
enum Limit {
    #[default]
    Unknown,
    None,
    After(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Deliver,
    Force,
}

impl Clock {
    pub(super) fn limit(&mut self, limit: Option<Duration>) {
        self.limit = limit.map_or(Limit::None, Limit::After);
    }

    pub(super) fn has_limit(&self) -> bool {
        !matches!(self.limit, Limit::Unknown)
    }

    pub(super) fn stop_requested(&mut self, now: Instant) {
        self.first_stop.get_or_insert(now);
    }

    pub(super) fn first_stop(&self) -> Option<Instant> {
        self.first_stop
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.limit {
            Limit::After(limit) => self.first_stop?.checked_add(limit + OVERTIME),
            Limit::None | Limit::Unknown => None,
        }
    }

    /// Takes a signal that asks for the end. SIGTERM never forces, however often it comes: platforms
    /// repeat it.
    pub(super) fn signal(&mut self, signal: Signal, now: Instant) -> Verdict {
        if signal == Signal::Int {
            self.interrupts += 1;
            let stopping = self.first_stop.map(|at| now.saturating_duration_since(at));
            if self.interrupts > 1 && stopping.is_some_and(|time| time >= SAME_PRESS) {
                return Verdict::Force;
            }
        }
        self.stop_requested(now);
        Verdict::Deliver
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(signals: &[(u64, Signal)]) -> Vec<Verdict> {
        let (mut clock, start) = (Clock::default(), Instant::now());
        let verdict = |(at, signal): &(u64, Signal)| {
            clock.signal(*signal, start + Duration::from_millis(*at))
        };
        signals.iter().map(verdict).collect()
    }

    #[test]
    fn a_second_interrupt_forces_only_when_it_is_another_press() {
        use Signal::Int;
        use Verdict::{Deliver, Force};
        assert_eq!(verdicts(&[(0, Int), (499, Int)]), [Deliver, Deliver]);
        assert_eq!(verdicts(&[(0, Int), (500, Int)]), [Deliver, Force]);
        assert_eq!(
            verdicts(&[(0, Int), (10, Int), (20, Int), (600, Int)]),
            [Deliver, Deliver, Deliver, Force]
        );
    }

    #[test]
    fn the_first_interrupt_after_a_termination_does_not_force() {
        use Signal::{Int, Term};
        use Verdict::{Deliver, Force};
        assert_eq!(
            verdicts(&[(0, Term), (5000, Int), (6000, Int)]),
            [Deliver, Deliver, Force]
        );
    }

    #[test]
    fn terminations_never_force() {
        let storm: Vec<_> = (0..100).map(|n| (n * 100, Signal::Term)).collect();
        assert!(verdicts(&storm).iter().all(|v| *v == Verdict::Deliver));
    }

    #[test]
    fn the_deadline_counts_from_the_first_request() {
        let (mut clock, start) = (Clock::default(), Instant::now());
        clock.limit(Some(Duration::from_secs(2)));
        assert_eq!(clock.deadline(), None);
        clock.stop_requested(start);
        clock.signal(Signal::Term, start + Duration::from_secs(1));
        assert_eq!(clock.deadline(), Some(start + Duration::from_millis(2500)));
    }

    #[test]
    fn without_a_limit_there_is_no_deadline() {
        let mut clock = Clock::default();
        clock.stop_requested(Instant::now());
        assert_eq!(clock.deadline(), None);
        assert!(!clock.has_limit());
        clock.limit(None);
        assert_eq!(clock.deadline(), None);
        assert!(clock.has_limit());
    }
}
