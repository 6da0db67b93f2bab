//! Whole services on a runtime of their own, without signals and without a hard deadline.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tf_shutdown::{Lifecycle, Options, Reason, Signals, Stage, State};

type Setup = Result<(), Box<dyn Error + Send + Sync>>;

/// A flag that a hook raises.
#[derive(Clone, Default)]
struct Flag(Arc<AtomicBool>);

impl Flag {
    fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_up(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

fn close_at_end(life: &Lifecycle) -> Flag {
    let flag = Flag::default();
    let closed = flag.clone();
    life.hook(Stage::Resources, "pool", async move || closed.raise());
    flag
}

#[derive(Debug, thiserror::Error)]
#[error("no pool")]
struct NoPool(#[source] io::Error);

#[test]
fn the_end_of_essential_work_ends_the_service_well() {
    let report = tf_shutdown::run(Signals::none(), Options::for_tests(), |life| async move {
        life.spawn_essential("migration", async {});
        life.ready();
        Ok(())
    });
    assert_eq!(report.exit_code(), 0, "{report}");
    assert_eq!(report.reason().map(Reason::kind), Some("task_ended"));
}

#[test]
fn an_error_of_the_setup_is_told_with_its_causes_after_the_hooks() {
    let flag = Flag::default();
    let closed = flag.clone();
    let report = tf_shutdown::run(Signals::none(), Options::for_tests(), |life| async move {
        life.hook(Stage::Resources, "pool", async move || closed.raise());
        Err(NoPool(io::Error::other("connection refused")).into())
    });
    assert_eq!(report.exit_code(), 1);
    let reason = report.reason().expect("a reason").to_string();
    assert!(reason.contains("no pool: connection refused"), "{reason}");
    assert!(flag.is_up());
}

#[test]
fn a_panic_of_the_setup_ends_with_101_after_the_hooks() {
    let flag = Flag::default();
    let closed = flag.clone();
    let report = tf_shutdown::run(Signals::none(), Options::for_tests(), |life| async move {
        life.hook(Stage::Resources, "pool", async move || closed.raise());
        let things: Vec<()> = Vec::new();
        things.first().copied().ok_or("nothing").expect("a thing");
        Ok(())
    });
    assert_eq!(report.exit_code(), 101, "{report}");
    assert!(report.to_string().contains("a thing"), "{report}");
    assert!(flag.is_up());
}

#[test]
fn a_panic_before_the_setup_is_a_future_is_no_different() {
    let report = tf_shutdown::run(Signals::none(), Options::for_tests(), |life| {
        let state = life.state();
        assert_eq!(state, State::Done, "too early");
        std::future::ready(Setup::Ok(()))
    });
    assert_eq!(report.exit_code(), 101, "{report}");
}

#[test]
fn a_setup_that_is_not_ready_is_dropped_at_the_request() {
    struct Dropped(Flag);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.raise();
        }
    }
    let flag = Flag::default();
    let dropped = Dropped(flag.clone());
    let report = tf_shutdown::run(Signals::none(), Options::for_tests(), |life| async move {
        let _dropped = dropped;
        life.stop("changed my mind");
        std::future::pending::<Setup>().await
    });
    assert_eq!(report.exit_code(), 0, "{report}");
    assert!(flag.is_up());
    // It is dropped by the request itself, not by what else wakes the conductor later.
    assert!(report.total() < Duration::from_secs(2), "{report}");
}

#[test]
fn a_server_may_be_awaited_in_the_setup_once_it_is_ready() {
    let flag = Flag::default();
    let finished = flag.clone();
    let report = tf_shutdown::run(Signals::none(), Options::for_tests(), |life| async move {
        life.ready();
        life.stop("enough");
        life.token().stopping().await;
        tokio::task::yield_now().await;
        finished.raise();
        Ok(())
    });
    assert_eq!(report.exit_code(), 0, "{report}");
    assert!(flag.is_up());
}

#[test]
fn a_setup_that_never_ends_is_named_with_its_place() {
    let options = Options::for_tests().total(Duration::from_millis(500));
    let report = tf_shutdown::run(Signals::none(), options, |life| async move {
        life.ready();
        life.stop("enough");
        std::future::pending::<Setup>().await
    });
    assert_eq!(report.exit_code(), 124, "{report}");
    let late = &report.stragglers()[0];
    assert_eq!(late.name(), Some("setup"));
    assert_eq!(late.place().map(std::panic::Location::file), Some(file!()));
}

#[test]
fn problems_are_reported_together_and_nothing_starts() {
    let options = Options::from_vars([("SHUTDOWN_TIMEOUT", "30"), ("SHUTDOWN_PRE_STOP", "x")]);
    let mut is_started = false;
    let report = tf_shutdown::run(Signals::none(), options, |_| {
        is_started = true;
        std::future::ready(Setup::Ok(()))
    });
    assert_eq!(report.exit_code(), 78);
    assert!(!is_started);
    assert_eq!(report.problems().len(), 2, "{report}");
    assert!(report.reason().is_none());
}

#[test]
fn blocking_work_that_goes_on_is_named_and_left_behind() {
    let (free, freed) = mpsc::channel::<()>();
    let begun = Instant::now();
    let options = Options::for_tests().total(Duration::from_millis(500));
    let report = tf_shutdown::run(Signals::none(), options, |life| async move {
        life.spawn_blocking("export", move |_| freed.recv().unwrap_or(()));
        life.ready();
        life.stop("enough");
        Ok(())
    });
    assert_eq!(report.exit_code(), 124, "{report}");
    assert_eq!(report.stragglers()[0].name(), Some("export"));
    assert!(begun.elapsed() < Duration::from_secs(5));
    drop(free);
}

#[test]
fn blocking_work_of_others_does_not_hold_up_the_end() {
    let (free, freed) = mpsc::channel::<()>();
    let begun = Instant::now();
    let report = tf_shutdown::run(Signals::none(), Options::for_tests(), |life| async move {
        tokio::task::spawn_blocking(move || freed.recv().is_ok());
        life.stop("enough");
        Ok(())
    });
    assert_eq!(report.exit_code(), 0, "{report}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    drop(free);
}

#[test]
fn a_hook_that_blocks_its_thread_is_late_and_the_others_run() {
    let (free, freed) = mpsc::channel::<()>();
    let flag = Flag::default();
    let closed = flag.clone();
    let options = Options::for_tests().total(Duration::from_millis(500));
    let report = tf_shutdown::run(Signals::none(), options, |life| async move {
        life.hook(Stage::Resources, "pool", async move || closed.raise());
        life.hook(Stage::Resources, "blocked", async move || {
            freed.recv().unwrap_or(());
        });
        life.stop("enough");
        Ok(())
    });
    assert_eq!(report.exit_code(), 124, "{report}");
    assert!(flag.is_up());
    drop(free);
}

#[test]
fn a_request_from_a_plain_thread_ends_the_service() {
    let report = tf_shutdown::run(Signals::none(), Options::for_tests(), |life| async move {
        let flag = close_at_end(&life);
        life.ready();
        let thread = life.clone();
        thread::spawn(move || thread.stop("from a thread"));
        life.token().stopping().await;
        assert!(!flag.is_up());
        Ok(())
    });
    assert_eq!(report.exit_code(), 0, "{report}");
    assert!(report.to_string().contains("from a thread"));
}

#[test]
fn the_exit_code_of_a_signal_is_for_those_who_ask() {
    let stop = |options: Options| {
        let report = tf_shutdown::run(Signals::none(), options, |life| async move {
            life.stop(Reason::Signal {
                signal: tf_shutdown::Signal::Term,
                origin: None,
            });
            Ok(())
        });
        report.exit_code()
    };
    assert_eq!(stop(Options::for_tests()), 0);
    assert_eq!(stop(Options::for_tests().exit_with_signal_code()), 143);
}

#[tokio::test]
async fn a_lifecycle_on_a_runtime_of_others_reports_the_same() {
    let life = Lifecycle::start(Signals::none(), Options::for_tests()).unwrap();
    let flag = close_at_end(&life);
    life.ready();
    let report = life.shutdown().await;
    assert_eq!(report.exit_code(), 0);
    assert!(flag.is_up());

    let options = Options::from_vars([("SHUTDOWN_TIMEOUT", "30")]);
    let problems = Lifecycle::start(Signals::none(), options).unwrap_err();
    assert!(problems.to_string().contains("`SHUTDOWN_TIMEOUT`"));
    assert_eq!(tf_shutdown::Report::from(problems).exit_code(), 78);
}
