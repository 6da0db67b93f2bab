//! Why a wait ended without success.

use std::fmt;
use std::time::Duration;

use crate::probe::Report;

/// A wait that ended before every service was there.
///
/// `Display` names every service that was not, and what each of its endpoints said last. Holds
/// nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct WaitError {
    pub(super) kind: WaitErrorKind,
    pub(super) services: Vec<Seen>,
    pub(super) took: Duration,
}

/// One service at the end of the wait, and its last report if one was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) service: String,
    pub(super) report: Option<Report>,
    pub(super) is_there: bool,
}

impl WaitError {
    /// Returns why the wait ended.
    pub fn kind(&self) -> WaitErrorKind {
        self.kind
    }

    /// Returns the [`identity`](crate::Locator::identity) of every service that was not there.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        let missing = self.services.iter().filter(|seen| !seen.is_there);
        missing.map(|seen| seen.service.as_str())
    }

    /// Returns the last report of every service that has answered so far, there or not.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.services.iter().filter_map(|seen| seen.report.as_ref())
    }

    /// Returns how long the wait lasted.
    pub fn took(&self) -> Duration {
        self.took
    }
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.took.as_millis();
        match self.kind {
            WaitErrorKind::Timeout => write!(f, "not there after {millis} ms")?,
            WaitErrorKind::Cancelled => write!(f, "cancelled after {millis} ms")?,
            WaitErrorKind::Hopeless => write!(f, "given up after {millis} ms")?,
        }
        for missing in self.services.iter().filter(|seen| !seen.is_there) {
            write!(f, "; {}: ", missing.service)?;
            let Some(report) = &missing.report else {
                f.write_str("no answer yet")?;
                continue;
            };
            for (n, endpoint) in report.endpoints().iter().enumerate() {
                let sign = if n == 0 { "" } else { ", " };
                write!(f, "{sign}{} is {}", endpoint.endpoint(), endpoint.state())?;
            }
        }
        Ok(())
    }
}

/// Why a wait ended without success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitErrorKind {
    /// The time was over.
    Timeout,
    /// The future given to [`cancel_on`](crate::Wait::cancel_on) ended.
    Cancelled,
    /// A service was in a state that waiting does not mend.
    Hopeless,
}
