//! What the tests share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use tf_shutdown::{Budget, Lifecycle, Options, Reason, Signal};

pub(crate) const TOTAL: Duration = Duration::from_secs(10);
pub(crate) const RESERVE: Duration = Duration::from_secs(2);
pub(crate) const DRAIN: Duration = Duration::from_secs(8);

pub(crate) fn budget() -> Budget {
    Options::for_tests().total(TOTAL).reserve(RESERVE).budget()
}

pub(crate) fn life() -> Lifecycle {
    Lifecycle::new(budget())
}

pub(crate) fn with_pre_stop(pre_stop: Duration) -> Lifecycle {
    let options = Options::for_tests().total(TOTAL).reserve(RESERVE);
    Lifecycle::new(options.pre_stop(pre_stop).budget())
}

pub(crate) fn sigterm() -> Reason {
    Reason::Signal {
        signal: Signal::Term,
        origin: None,
    }
}

pub(crate) fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Lets everything that is ready run, without letting the clock move.
pub(crate) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// Keeps what happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diary(Arc<Mutex<Vec<&'static str>>>);

impl Diary {
    pub(crate) fn write(&self, line: &'static str) {
        self.0.lock().expect("nobody panics with it").push(line);
    }

    pub(crate) fn read(&self) -> Vec<&'static str> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

/// Writes when it is dropped.
pub(crate) struct OnDrop(pub(crate) Diary, pub(crate) &'static str);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.write(self.1);
    }
}

/// Counts how often its waker was called.
#[derive(Debug, Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Self::default());
        (Arc::clone(&wakes), Waker::from(wakes))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

pub(crate) fn poll<F: Future>(
    future: std::pin::Pin<&mut F>,
    waker: &Waker,
) -> std::task::Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}
