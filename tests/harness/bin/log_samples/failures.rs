//! Errors, broken values, and panics.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::panic;
use std::thread;

use tracing::{error, info, info_span};

#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: u16,
    pub(super) cause: Option<Box<Failure>>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failure {}\nof two lines", self.code)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

pub(super) fn errors() {
    let cause = Failure {
        code: 2,
        cause: None,
    };
    let failure = Failure {
        code: 1,
        cause: Some(Box::new(cause)),
    };
    error!(error = tf_logs::error(&failure), "error chain");
    error!(shop.failure = tf_logs::error(&failure), "error elsewhere");
    error!(error = %failure, "error as text");
    error!(error = ?failure, "error as debug");
    error!(
        error.code = "E7",
        error = tf_logs::error(&failure),
        "error with a code"
    );
    error!(err = tf_logs::error(&failure), error = "text", "two errors");
}

struct Broken(fn(&mut fmt::Formatter<'_>) -> fmt::Result);

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half \" a")?;
        (self.0)(f)
    }
}

pub(super) fn broken() {
    info!(before = 1, failing = ?Broken(|_| Err(fmt::Error)), after = 2, "failing");
    info!(panicking = ?Broken(|_| panic!("in a Debug")), after = 2, "panicking");
    info!(logging = ?Broken(|_| { info!(order.id = 1, "inner"); Ok(()) }), after = 2, "logging");
    info!("failing message {:?}", Broken(|_| Err(fmt::Error)));
    info!(order.state = ?Broken(|_| Err(fmt::Error)), order.id = 3, "failing in an object");
}

struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        info!("from a thread's destructor");
    }
}

pub(super) fn panics() {
    thread_local! { static LAST: RefCell<Option<Last>> = const { RefCell::new(None) } }
    let worker = thread::Builder::new()
        .name("worker \"7\"\n".into())
        .spawn(|| {
            LAST.with(|last| *last.borrow_mut() = Some(Last));
            let _span = info_span!("job", job.id = 9, error = "of the span").entered();
            panic!("job failed:\n{}", 1)
        });
    assert!(worker.expect("threads start").join().is_err());
    assert!(panic::catch_unwind(|| panic::panic_any(5)).is_err());
}
