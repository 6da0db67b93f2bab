//! Real signals to this process. Each test has a kind of its own, because every installed sentinel hears all.

use std::sync::mpsc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use signal_hook::low_level::raise;
use tf_shutdown::{Options, QuitAction, Reason, Report, Signal, Signals, State};

const LIMIT: Duration = Duration::from_secs(10);

/// Sentinels of ended lifecycles do nothing; those of two at once would hear each other's signals.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn send(signal: Signal) {
    raise(signal.number()).expect("a signal of the system");
}

fn run_until_stopped(signals: Signals, begin: impl FnOnce()) -> Report {
    tf_shutdown::run(signals, Options::for_tests(), |life| async move {
        life.ready();
        begin();
        life.token().stopping().await;
        Ok(())
    })
}

#[test]
fn a_signal_between_install_and_run_is_kept() {
    let _alone = alone();
    let signals = Signals::install();
    assert!(signals.problems().is_empty());
    send(Signal::Term);
    let report = tf_shutdown::run(signals, Options::for_tests(), |life| async move {
        life.token().stopping().await;
        life.ready();
        Ok(())
    });
    assert_eq!(report.exit_code(), 0, "{report}");
    assert_eq!(report.reason().and_then(Reason::signal), Some(Signal::Term));
}

#[test]
fn repeated_terminations_are_counted() {
    let _alone = alone();
    let (called, is_called) = mpsc::channel();
    let signals = Signals::builder()
        .on_hangup(move || called.send(()).unwrap_or(()))
        .install();
    let report = tf_shutdown::run(signals, Options::for_tests(), |life| async move {
        life.ready();
        for _ in 0..3 {
            send(Signal::Term);
            // Signals are taken round by round: after two more, that one was taken.
            for _ in 0..2 {
                send(Signal::Hup);
                is_called.recv_timeout(LIMIT)?;
            }
        }
        Ok(())
    });
    assert_eq!(report.exit_code(), 0, "{report}");
    assert_eq!(report.signals()[0].count(), 3, "{report}");
}

#[cfg(feature = "origin")]
#[test]
fn the_sender_is_known() {
    let _alone = alone();
    let report = run_until_stopped(Signals::install(), || send(Signal::Term));
    let Some(Reason::Signal {
        origin: Some(origin),
        ..
    }) = report.reason()
    else {
        panic!("no sender in {report}");
    };
    assert_eq!(origin.pid, i32::try_from(std::process::id()).unwrap());
}

#[test]
fn a_hangup_calls_back_and_does_not_stop() {
    let _alone = alone();
    let (called, is_called) = mpsc::channel();
    let signals = Signals::builder()
        .on_hangup(move || called.send(()).unwrap_or(()))
        .install();
    let report = run_until_stopped(signals, move || {
        for _ in 0..2 {
            send(Signal::Hup);
            is_called
                .recv_timeout(LIMIT)
                .expect("the callback is called");
        }
        send(Signal::Term);
    });
    assert_eq!(
        report.reason().and_then(Reason::signal),
        Some(Signal::Term),
        "{report}"
    );
}

#[test]
fn a_callback_that_blocks_does_not_hold_up_other_signals() {
    let _alone = alone();
    let (free, freed) = mpsc::channel::<()>();
    let signals = Signals::builder()
        .on_hangup(move || freed.recv().unwrap_or(()))
        .install();
    let report = run_until_stopped(signals, || {
        for _ in 0..10 {
            send(Signal::Hup);
        }
        send(Signal::Term);
    });
    assert_eq!(report.exit_code(), 0, "{report}");
    drop(free);
}

#[test]
fn a_user_signal_makes_a_lame_duck_that_works_on() {
    let _alone = alone();
    let signals = Signals::builder()
        .on_signal(Signal::Usr1, State::LameDuck)
        .install();
    let report = tf_shutdown::run(signals, Options::for_tests(), |life| async move {
        life.ready();
        send(Signal::Usr1);
        life.token().lame_duck().await;
        assert!(!life.token().is_stopping());
        send(Signal::Term);
        life.token().stopping().await;
        Ok(())
    });
    assert_eq!(report.exit_code(), 0, "{report}");
}

#[test]
fn quit_may_be_graceful_or_fast() {
    let _alone = alone();
    let graceful = Signals::builder().quit(QuitAction::Graceful).install();
    let report = run_until_stopped(graceful, || send(Signal::Quit));
    assert_eq!(report.exit_code(), 0, "{report}");

    let fast = Signals::builder().quit(QuitAction::DumpThenFast).install();
    let report = tf_shutdown::run(fast, Options::for_tests(), |life| async move {
        life.spawn("endless", std::future::pending::<()>());
        life.ready();
        send(Signal::Quit);
        Ok(())
    });
    assert_eq!(report.stragglers()[0].name(), Some("endless"), "{report}");
    assert!(
        report.total() < Options::for_tests().budget().total() / 2,
        "{report}"
    );
}
