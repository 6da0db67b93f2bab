//! The handle on logs that were set up.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::core::Core;
use crate::direct;
use crate::filter::{Filter, FilterError};

/// Changes and observes logs that were set up; cheap to clone.
///
/// Nothing has to be held: dropping every handle changes nothing.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tracing::{Level, dispatcher};
///
/// let (logs, dispatch) = tf_logs::builder("orders").with_writer(std::io::sink()).build()?;
/// dispatcher::with_default(&dispatch, || {
///     assert!(!tracing::enabled!(target: "orders::cart", Level::DEBUG));
///     logs.set_filter("warn,orders=debug").expect("a filter that makes sense");
///     assert!(tracing::enabled!(target: "orders::cart", Level::DEBUG));
/// });
/// assert!(logs.flush(Duration::from_secs(1)));
/// assert_eq!((logs.dropped(), logs.write_errors()), (0, 0));
/// # Ok::<(), tf_logs::Error>(())
/// ```
#[derive(Clone)]
pub struct Logs {
    core: Arc<Core>,
}

impl Logs {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Replaces the filter; from then on events are written or not as it says.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the text; the filter in force stays.
    pub fn set_filter(&self, filter: &str) -> Result<(), FilterError> {
        self.core.filter.store(filter.parse()?);
        Ok(())
    }

    /// Gives the filter in force.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter::clone(&self.core.filter.load())
    }

    /// Counts the events lost because nobody read in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.core.sink.dropped()
    }

    /// Counts the events lost because the stream is closed or broken.
    #[must_use]
    pub fn write_errors(&self) -> u64 {
        self.core.sink.write_errors()
    }

    /// Counts the events that were cut to the size limit.
    #[must_use]
    pub fn truncated(&self) -> u64 {
        self.core.truncated.load(Ordering::Relaxed)
    }

    /// Waits at most this long until every event is out, and says whether that is so.
    ///
    /// An event is in the kernel when the macro returns, so on a descriptor there is only something to
    /// wait for if events were dropped: the reader, to tell it how many. An injected writer is flushed.
    #[must_use = "events may still be under way"]
    pub fn flush(&self, timeout: Duration) -> bool {
        let notice = |out: &mut Vec<u8>, resumed| direct::notice(&self.core, out, resumed);
        self.core.sink.flush(timeout, &notice)
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs")
            .field("filter", &self.filter())
            .field("dropped", &self.dropped())
            .field("write_errors", &self.write_errors())
            .field("truncated", &self.truncated())
            .finish()
    }
}
