use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::Factor;

/// How to run the checks.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tf_check::{Factor, Options};
///
/// let options = Options::new().only([Factor::Port, Factor::Disposability]).timeout(Duration::from_secs(5));
/// ```
#[derive(Clone)]
#[must_use]
pub struct Options {
    pub(crate) only: Option<Vec<Factor>>,
    pub(crate) skip: Vec<Factor>,
    pub(crate) timeout: Duration,
    pub(crate) interrupt: Interrupt,
    pub(crate) progress: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// All rows, 10 seconds for each wait.
    pub fn new() -> Self {
        Self {
            only: None,
            skip: Vec::new(),
            timeout: Duration::from_secs(10),
            interrupt: Interrupt::default(),
            progress: Arc::new(|_| ()),
        }
    }

    /// Fills in these rows alone.
    pub fn only(mut self, factors: impl IntoIterator<Item = Factor>) -> Self {
        self.only = Some(factors.into_iter().collect());
        self
    }

    /// Leaves these rows out.
    pub fn skip(mut self, factors: impl IntoIterator<Item = Factor>) -> Self {
        self.skip = factors.into_iter().collect();
        self
    }

    /// Bounds each wait: for the program to listen, to answer, to end.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Stops as soon as the number is not 0: the signal that asked for it.
    pub fn stop_when(mut self, signal: Arc<AtomicUsize>) -> Self {
        self.interrupt = Interrupt(signal);
        self
    }

    /// Is told what is being done, from several threads.
    pub fn progress(mut self, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(tell);
        self
    }

    pub(crate) fn wants(&self, factor: Factor) -> bool {
        let named = self.only.as_ref().is_none_or(|only| only.contains(&factor));
        named && !self.skip.contains(&factor)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("only", &self.only)
            .field("skip", &self.skip)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Whether somebody wants the run to end.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    pub(crate) fn signal(&self) -> Option<i32> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            signal => i32::try_from(signal).ok(),
        }
    }
}
