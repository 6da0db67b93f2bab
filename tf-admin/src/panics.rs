//! Panics without their texts, which may hold secrets.

use std::any::Any;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::process::complain;

/// How many runs the process has now: a panic hook has no other way to know.
static RUNS: AtomicUsize = AtomicUsize::new(0);

/// Makes panics of tasks print their place only.
///
/// While a run is on, the hook writes the place of a panic and leaves out its text, which may hold a secret; the
/// audit has the text with secrets masked. At all other times the hook that was there before is called. It is global:
/// call it once, in `main`. [`Registry::main`](crate::Registry::main) does.
pub fn install_panic_hook() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if RUNS.load(Ordering::Relaxed) == 0 {
            previous(panic);
            return;
        }
        let place = panic.location();
        let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        complain(&format!("panic at {place}; the audit has the text\n"));
    }));
}

/// Counts a run while it exists.
pub(crate) struct Running(());

impl Running {
    pub(crate) fn begin() -> Self {
        RUNS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The text of a panic.
pub(crate) fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a text").to_owned()
}
