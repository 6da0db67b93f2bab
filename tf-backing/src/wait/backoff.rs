//! How long to wait before the next probe.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(2);
/// Between successes in a row.
pub(super) const STEADY: Duration = Duration::from_millis(500);

/// The delay after so many failures in a row, at least one; `dice` shortens it by up to its half.
pub(super) fn after(failures: u32, dice: u64) -> Duration {
    let doublings = failures.saturating_sub(1).min(5);
    let full = (FIRST * 2_u32.pow(doublings)).min(LONGEST);
    let half = full / 2;
    let part = u64::try_from(half.as_micros()).map_or(0, |micros| dice % (micros + 1));
    full - Duration::from_micros(part)
}

/// A number that nobody can foresee; the hasher's keys are the standard library's only dice.
pub(super) fn dice(failures: u32) -> u64 {
    RandomState::new().hash_one(failures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_from_100_ms_to_2_s_and_lose_at_most_their_half() {
        let full = [100, 200, 400, 800, 1600, 2000, 2000];
        for (failures, full) in (1..).zip(full).chain([(u32::MAX, 2000)]) {
            let full = Duration::from_millis(full);
            assert_eq!(after(failures, 0), full);
            for dice in [1, 7, 49_999, 50_000, u64::MAX] {
                let delay = after(failures, dice);
                assert!(full / 2 <= delay && delay <= full, "{failures}: {delay:?}");
            }
        }
    }

    #[test]
    fn two_waits_do_not_march_in_step() {
        let delays: std::collections::BTreeSet<_> = (0..20).map(|_| after(6, dice(6))).collect();
        assert!(delays.len() > 10);
    }
}
