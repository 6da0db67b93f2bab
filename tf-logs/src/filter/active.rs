//! The filter in force.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tracing_core::{Level, LevelFilter};

use super::Filter;

/// The filter in force, which may be replaced at any time.
///
/// Callsites remember what it said about them, so it is asked once per callsite and change, and per
/// record of the crate `log`.
#[derive(Debug)]
pub(crate) struct Active {
    filter: RwLock<Arc<Filter>>,
    /// Whether the maximum level of the crate `log` follows.
    drives_log: AtomicBool,
}

impl Active {
    pub(crate) fn new(filter: Filter) -> Self {
        Self {
            filter: RwLock::new(Arc::new(filter)),
            drives_log: AtomicBool::new(false),
        }
    }

    pub(crate) fn load(&self) -> Arc<Filter> {
        Arc::clone(&self.filter.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn enables(&self, level: &Level, target: &str) -> bool {
        let filter = self.filter.read().unwrap_or_else(PoisonError::into_inner);
        filter.enables(level, target)
    }

    pub(crate) fn max_level(&self) -> LevelFilter {
        let filter = self.filter.read().unwrap_or_else(PoisonError::into_inner);
        filter.max_level()
    }

    pub(crate) fn store(&self, filter: Filter) {
        let filter = Arc::new(filter);
        {
            let mut current = self.filter.write().unwrap_or_else(PoisonError::into_inner);
            *current = Arc::clone(&filter);
            // Below the lock, so that of two changes the later one decides here too.
            if self.drives_log() {
                set_log_level(filter.max_level());
            }
        }
        tracing_core::callsite::rebuild_interest_cache();
    }

    /// Makes the maximum level of the crate `log` follow this filter.
    #[cfg(feature = "log")]
    pub(crate) fn drive_log(&self) {
        let current = self.filter.write().unwrap_or_else(PoisonError::into_inner);
        self.drives_log.store(true, Ordering::Release);
        set_log_level(current.max_level());
    }

    pub(crate) fn drives_log(&self) -> bool {
        self.drives_log.load(Ordering::Acquire)
    }
}

#[cfg(feature = "log")]
fn set_log_level(level: LevelFilter) {
    crate::bridge::set_max_level(level);
}

#[cfg(not(feature = "log"))]
fn set_log_level(_: LevelFilter) {}
