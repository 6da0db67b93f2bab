//! Waiting that is always bounded, and ends when the run is interrupted.

use std::thread;
use std::time::{Duration, Instant};

use crate::options::Interrupt;

/// Asks until there is an answer; none when the time is over or the run is interrupted.
pub(crate) fn until<T>(
    interrupt: &Interrupt,
    limit: Duration,
    mut ask: impl FnMut() -> Option<T>,
) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        let passed = begun.elapsed();
        if passed >= limit || interrupt.signal().is_some() {
            return None;
        }
        thread::sleep(pause(passed).min(limit - passed));
    }
}

/// Exact for what takes milliseconds, cheap for what takes seconds.
fn pause(passed: Duration) -> Duration {
    (passed / 20).clamp(Duration::from_millis(1), Duration::from_millis(20))
}

/// `12 ms`, `1.5 s`.
pub(crate) fn took(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}
