//! What did not get out, and who is told.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::kernel;

/// The reader is back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resumed {
    /// Events lost meanwhile.
    pub(crate) dropped: u64,
    /// When the first of them was lost.
    pub(crate) since: SystemTime,
}

/// Why a line is lost.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nobody reads.
    Stalled,
    Error(std::io::Error),
}

/// Counts over the life of the process.
#[derive(Debug, Default)]
pub(super) struct Losses {
    dropped: AtomicU64,
    errors: AtomicU64,
    complained: AtomicBool,
}

impl Losses {
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    /// Counts a line. The first error is also told on standard error, where somebody may look for
    /// the logs.
    pub(super) fn add(&self, failure: &Failure, to: &dyn fmt::Display) {
        match failure {
            Failure::Stalled => self.dropped.fetch_add(1, Ordering::Relaxed),
            Failure::Error(error) => {
                if !self.complained.swap(true, Ordering::Relaxed) {
                    kernel::complain(format_args!(
                        "tf-logs: cannot write to {to}: {error}; events are lost\n"
                    ));
                }
                self.errors.fetch_add(1, Ordering::Relaxed)
            }
        };
    }
}

/// The lines lost since the last one that got out.
#[derive(Debug, Default)]
pub(super) struct Gap {
    lost: Option<Resumed>,
    /// The next line begins within an abandoned one.
    torn: bool,
}

impl Gap {
    pub(super) fn is_open(&self) -> bool {
        self.lost.is_some() || self.torn
    }

    pub(super) fn count(&mut self) {
        let first = Resumed {
            dropped: 0,
            since: SystemTime::now(),
        };
        self.lost.get_or_insert(first).dropped += 1;
    }

    pub(super) fn tear(&mut self) {
        self.torn = true;
    }

    /// What to write before the next line.
    pub(super) fn report(&self, notice: Notice<'_>) -> Vec<u8> {
        let mut text = Vec::new();
        if self.torn {
            text.push(b'\n');
        }
        if let Some(resumed) = self.lost {
            let begin = text.len();
            let formatted = catch_unwind(AssertUnwindSafe(|| (notice.0)(&mut text, resumed)));
            if formatted.is_err() || !text.ends_with(b"\n") {
                text.truncate(begin);
            }
        }
        text
    }

    pub(super) fn close(&mut self) {
        *self = Self::default();
    }
}

/// Formats the event that tells of lost ones.
#[derive(Clone, Copy)]
pub(super) struct Notice<'a>(pub(super) &'a dyn Fn(&mut Vec<u8>, Resumed));

/// Asks again and again until there is an answer. The locks of the standard library know no time
/// limit, and whoever holds one of ours may be waiting for a reader.
pub(super) fn within<T>(limit: Duration, mut answer: impl FnMut() -> Option<T>) -> Option<T> {
    let begin = Instant::now();
    loop {
        let answer = answer();
        if answer.is_some() || begin.elapsed() >= limit {
            return answer;
        }
        thread::sleep(Duration::from_millis(1));
    }
}
