//! What `init` makes global, and in which order, so that a failure leaves nothing behind.

use std::sync::Arc;
use std::thread;

use tracing_core::dispatcher::{self, Dispatch};
use tracing_core::subscriber::NoSubscriber;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

use crate::core::Core;
use crate::error::{Error, Fault, Problem};
use crate::layer::Layer;
use crate::settings::Panics;
use crate::{panics, process};

/// What is known to stand in the way before anything is built.
pub(crate) fn obstacles(panics: Panics) -> Vec<Problem> {
    let mut problems = Vec::new();
    if subscriber_is_set() {
        problems.push(Problem::new(Fault::SubscriberSet));
    }
    if panics != Panics::Off && process::is_panicking() {
        problems.push(Problem::new(Fault::Panicking));
    }
    problems
}

/// Whether the process has a global subscriber, whatever this thread has.
fn subscriber_is_set() -> bool {
    let is_set = || !dispatcher::get_default(Dispatch::is::<NoSubscriber>);
    if !dispatcher::has_been_set() {
        return false;
    }
    // A new thread has no subscriber of its own, so it sees the global one.
    thread::scope(|scope| {
        let asked = thread::Builder::new().spawn_scoped(scope, is_set);
        asked.is_ok_and(|asked| asked.join().unwrap_or(false))
    })
}

/// The steps that can be refused come first; the bridge is mute until the last of them is done.
pub(crate) fn install(core: &Arc<Core>, panics: Panics) -> Result<(), Error> {
    let dispatch = Dispatch::new(Registry::default().with(Layer::new(Arc::clone(core))));
    #[cfg(feature = "log")]
    crate::bridge::install(core).map_err(|_| Fault::LoggerSet)?;
    dispatcher::set_global_default(dispatch).map_err(|_| Fault::SubscriberSet)?;
    #[cfg(feature = "log")]
    core.filter.drive_log();
    panics::install(core, panics);
    process::flush_stdout();
    Ok(())
}
