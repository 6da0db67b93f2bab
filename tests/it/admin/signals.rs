//! Signals and deadlines: what is reported as done is done, and everything ends.

use std::time::Duration;

use rustix::process::Signal;

use super::live::{Live, Place, ended};

/// The grace time of the example.
const GRACE: Duration = Duration::from_secs(2);

/// What counts as a second SIGINT comes that much later.
const SECOND: Duration = Duration::from_millis(500);

fn slow(place: &Place, words: &[&str]) -> Live {
    let mut live = Live::start(place.admin(&[&["slow"], words].concat()));
    live.until("working");
    live
}

#[test]
fn work_that_is_finished_in_the_grace_time_is_done() {
    for words in [
        &["--seconds", "60", "--finish"][..],
        &["--seconds", "1", "--deaf"],
    ] {
        for signal in [Signal::INT, Signal::TERM] {
            let place = Place::new();
            let mut live = slow(&place, words);
            live.signal(signal);
            let run = live.end();
            assert_eq!(run.outcome(), ended(0, "done"), "{run:#?}");
            assert_eq!(run.record()["signalled"], true);
            assert_eq!(run.stdout, "finished\n");
            assert_eq!(place.effects(), ["begin", "end"]);
        }
    }
}

#[test]
fn work_that_leaves_early_is_not_done() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let place = Place::new();
        let mut live = slow(&place, &["--seconds", "60"]);
        live.signal(signal);
        let run = live.end();
        assert_eq!(run.outcome(), ended(code, "interrupted"), "{run:#?}");
        assert_eq!(run.record()["signalled"], true);
        assert!(run.took < GRACE, "{run:#?}");
        assert_eq!(place.effects(), ["begin"]);
    }
}

#[test]
fn a_deaf_task_is_ended_after_the_grace_time() {
    let place = Place::new();
    let mut live = slow(&place, &["--seconds", "60", "--deaf"]);
    live.signal(Signal::TERM);
    let run = live.end();
    assert_eq!(run.outcome(), ended(143, "interrupted"), "{run:#?}");
    assert!(run.took >= GRACE, "{run:#?}");
}

#[test]
fn a_second_sigint_ends_a_deaf_task_at_once() {
    let place = Place::new();
    let mut live = slow(&place, &["--seconds", "60", "--deaf"]);
    live.signal(Signal::INT);
    live.pass(SECOND + Duration::from_millis(100));
    live.signal(Signal::INT);
    let run = live.end();
    assert_eq!(run.outcome(), ended(130, "interrupted"), "{run:#?}");
    assert!(run.messages().contains("second SIGINT"), "{run:#?}");
}

#[test]
fn two_sigints_of_one_key_are_one() {
    let place = Place::new();
    let mut live = slow(&place, &["--seconds", "1", "--deaf"]);
    live.signal(Signal::INT);
    live.signal(Signal::INT);
    let run = live.end();
    assert_eq!(run.outcome(), ended(0, "done"), "{run:#?}");
}

#[test]
fn a_second_sigterm_does_not_force() {
    let place = Place::new();
    let mut live = slow(&place, &["--seconds", "60", "--deaf"]);
    live.signal(Signal::TERM);
    live.pass(SECOND + Duration::from_millis(100));
    live.signal(Signal::TERM);
    live.signal(Signal::TERM);
    let run = live.end();
    assert_eq!(run.outcome(), ended(143, "interrupted"), "{run:#?}");
    assert!(run.messages().contains("did not stop within"), "{run:#?}");
    let duration = run.record()["duration_ms"].as_u64().unwrap();
    assert!(u128::from(duration) >= GRACE.as_millis(), "{run:#?}");
}

#[test]
fn a_signal_that_is_ignored_from_the_start_stays_ignored() {
    let place = Place::new();
    let mut shell = std::process::Command::new("/bin/sh");
    shell
        .args(["-c", "trap '' INT; exec \"$@\"", "sh"])
        .arg(harness::example("admin"))
        .args(["slow", "--seconds", "1"]);
    place.surround(&mut shell);
    let mut live = Live::start(shell);
    live.until("working");
    live.signal(Signal::INT);
    let run = live.end();
    assert_eq!(run.outcome(), ended(0, "done"), "{run:#?}");
    assert_eq!(run.record()["signalled"], false);
}

#[test]
fn a_deadline_ends_deaf_and_attentive_tasks() {
    for words in [&[][..], &["--deaf"]] {
        let place = Place::new();
        let live = slow(
            &place,
            &[&["--seconds", "60", "--timeout", "300ms"], words].concat(),
        );
        let run = live.end();
        assert_eq!(run.outcome(), ended(124, "timeout"), "{run:#?}");
        assert_eq!(run.record()["signalled"], false);
        assert_eq!(place.effects(), ["begin"]);
    }
}

#[test]
fn sudden_death_is_a_start_without_a_finish() {
    let place = Place::new();
    let mut live = slow(&place, &["--seconds", "60"]);
    live.signal(Signal::KILL);
    let run = live.end();
    assert_eq!(run.signal, Some(Signal::KILL.as_raw()));
    assert_eq!(run.record()["outcome"], serde_json::Value::Null);
}
