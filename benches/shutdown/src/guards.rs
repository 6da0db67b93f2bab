//! What a piece of work costs that is counted and can be told to stop, and what it costs to ask.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;

use bench_support::Job;
use tf_shutdown::{Lifecycle, Options};
use tokio_graceful::Shutdown;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Pieces of work in one repetition.
pub const BATCH: u32 = 1_000;

/// The measure of the others comes first, the kit second.
pub const TAKE: [&str; 9] = [
    "tracker+clone",
    "tf-guard",
    "tracker-token",
    "cancel-clone",
    "cancel-child",
    "drain-watch",
    "graceful-guard",
    "atomic-pair",
    "arc-clone",
];

/// The measure of the others comes first, the kit second.
pub const ASK: [&str; 4] = [
    "cancelled",
    "tf-stopping",
    "drain-signaled",
    "graceful-cancelled",
];

/// How the wait for the stop is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// One future is polled again and again.
    Again,
    /// A future is made, polled and dropped each time.
    Afresh,
}

/// Takes and drops a guard.
pub fn take(job: Job, contestant: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime starts");
    let _inside = runtime.enter();
    let token = CancellationToken::new();
    let tracker = TaskTracker::new();
    match contestant {
        "tracker+clone" => repeat(job, || (tracker.token(), token.clone())),
        "tf-guard" => {
            let group = Lifecycle::new(Options::for_tests().budget()).group("work");
            repeat(job, || group.guard());
        }
        "tracker-token" => repeat(job, || tracker.token()),
        "cancel-clone" => repeat(job, || token.clone()),
        "cancel-child" => repeat(job, || token.child_token()),
        "drain-watch" => {
            let (_signal, watch) = drain::channel();
            repeat(job, || watch.clone());
        }
        "graceful-guard" => {
            let shutdown = Shutdown::new(std::future::pending::<()>());
            repeat(job, || shutdown.guard());
        }
        "atomic-pair" => {
            let count = AtomicUsize::new(0);
            repeat(job, || {
                count.fetch_add(1, Ordering::Relaxed);
                Leave(&count)
            });
        }
        "arc-clone" => {
            let shared = Arc::new(0_u64);
            repeat(job, || Arc::clone(&shared));
        }
        _ => panic!("no contestant is called {contestant}"),
    }
}

struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

fn repeat<T>(job: Job, take: impl Fn() -> T) {
    job.run(|| {
        for _ in 0..BATCH {
            black_box(take());
        }
    });
}

/// Polls a wait for a stop that does not come, from so many threads at once.
pub fn ask(job: Job, contestant: &str, ask: Ask, threads: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime starts");
    let _inside = runtime.enter();
    match contestant {
        "cancelled" => {
            let token = CancellationToken::new();
            poll(job, ask, threads, &|| token.cancelled());
        }
        "tf-stopping" => {
            let token = Lifecycle::new(Options::for_tests().budget()).token();
            poll(job, ask, threads, &|| token.stopping());
        }
        "drain-signaled" => {
            let (_signal, watch) = drain::channel();
            poll(job, ask, threads, &|| watch.clone().signaled());
        }
        "graceful-cancelled" => {
            let shutdown = Shutdown::new(std::future::pending::<()>());
            let guard = shutdown.guard();
            poll(job, ask, threads, &|| guard.cancelled());
        }
        _ => panic!("no contestant is called {contestant}"),
    }
}

fn poll<F: Future>(job: Job, ask: Ask, threads: u32, wait: &(impl Fn() -> F + Sync)) {
    let batch = || match ask {
        Ask::Again => {
            let mut waiting = pin!(wait());
            poll_batch(|cx| assert!(waiting.as_mut().poll(cx).is_pending()));
        }
        Ask::Afresh => poll_batch(|cx| assert!(pin!(wait()).poll(cx).is_pending())),
    };
    if threads == 1 {
        return job.run(batch);
    }
    // Many batches in each thread hide its start.
    job.run(|| {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| (0..BATCHES_OF_A_THREAD).for_each(|_| batch()));
            }
        });
    });
}

/// Batches that each of several threads does in one repetition.
pub const BATCHES_OF_A_THREAD: u32 = 200;

fn poll_batch(mut poll: impl FnMut(&mut Context<'_>)) {
    let waker = Waker::from(Arc::new(Task));
    let mut context = Context::from_waker(&waker);
    for _ in 0..BATCH {
        poll(&mut context);
    }
}

/// A waker that counts its owners, as a runtime's does.
struct Task;

impl Wake for Task {
    fn wake(self: Arc<Self>) {}
}
