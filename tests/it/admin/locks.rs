//! One run at a time on a host, by the lock on a file.

use std::fs::File;
use std::time::Duration;

use rustix::fs::{CWD, Mode, mkfifoat};
use rustix::process::Signal;

use super::live::{Ended, Live, Place, ended};

/// A run that holds the lock until it is told to stop.
fn holder(place: &Place) -> Live {
    let mut command = place.admin(&["slow", "--seconds", "60", "--actor", "anna"]);
    command.env("ADMIN_ACTOR", "nobody");
    let mut live = Live::start(command);
    live.until("working");
    live
}

fn contender(place: &Place, words: &[&str]) -> Live {
    Live::start(place.admin(&[&["slow", "--seconds", "0"], words].concat()))
}

fn stop(mut live: Live) -> Ended {
    live.signal(Signal::TERM);
    let run = live.end();
    assert_eq!(run.outcome(), ended(143, "interrupted"));
    run
}

#[test]
fn a_held_lock_is_75_at_once_and_names_its_holder() {
    let place = Place::new();
    let holder = holder(&place);
    let run = contender(&place, &[]).end();
    assert_eq!(run.outcome(), ended(75, "busy"), "{run:#?}");
    let pid = format!("pid {}", holder.pid());
    let id = stop(holder).record()["run_id"].as_str().unwrap().to_owned();
    for words in ["`shop/slow`", "anna", &pid, &id] {
        assert!(run.messages().contains(words), "{words}: {run:#?}");
        assert!(
            run.record()["error"].as_str().unwrap().contains(words),
            "{run:#?}"
        );
    }
    assert_eq!(place.effects(), ["begin"]);
}

#[test]
fn other_tasks_and_tasks_that_only_read_are_not_held_up() {
    let place = Place::new();
    let holder = holder(&place);
    for words in [&["nodry"][..], &["hello"], &["code", "7"]] {
        let run = place.run(words);
        assert!(matches!(run.code, Some(0 | 7)), "{run:#?}");
    }
    stop(holder);
}

#[test]
fn to_skip_is_success_without_a_result() {
    let place = Place::new();
    let holder = holder(&place);
    let run = contender(&place, &["--skip-if-locked"]).end();
    assert_eq!(run.outcome(), ended(0, "skipped"), "{run:#?}");
    assert_eq!(run.stdout, "");
    assert!(run.messages().contains("skipped: "), "{run:#?}");
    stop(holder);
    let run = contender(&place, &["--skip-if-locked"]).end();
    assert_eq!(
        (run.outcome(), &*run.stdout),
        (ended(0, "done"), "finished\n")
    );
}

#[test]
fn who_waits_gets_the_lock_when_it_is_free() {
    let place = Place::new();
    let holder = holder(&place);
    let mut waiting = contender(&place, &["--wait", "25s"]);
    waiting.until("waiting: ");
    stop(holder);
    let run = waiting.end();
    assert_eq!(run.outcome(), ended(0, "done"), "{run:#?}");
    assert!(run.record()["waited_ms"].as_u64() > Some(0), "{run:#?}");
    assert_eq!(place.effects(), ["begin", "begin", "end"]);
}

#[test]
fn who_waits_gives_up_in_time() {
    let place = Place::new();
    let holder = holder(&place);
    let run = contender(&place, &["--wait", "600ms"]).end();
    assert_eq!(run.outcome(), ended(75, "busy"), "{run:#?}");
    assert!(run.record()["waited_ms"].as_u64() >= Some(600), "{run:#?}");
    let run = contender(&place, &["--wait", "1h", "--timeout", "600ms"]).end();
    assert_eq!(run.outcome(), ended(124, "timeout"), "{run:#?}");
    stop(holder);
}

#[test]
fn who_waits_can_be_stopped() {
    let place = Place::new();
    let holder = holder(&place);
    let mut waiting = contender(&place, &["--wait", "1h"]);
    waiting.until("waiting: ");
    waiting.signal(Signal::TERM);
    let run = waiting.end();
    assert_eq!(run.outcome(), ended(143, "interrupted"), "{run:#?}");
    stop(holder);
}

#[test]
fn a_killed_holder_holds_nothing() {
    let place = Place::new();
    let mut holder = holder(&place);
    holder.signal(Signal::KILL);
    holder.end();
    let run = contender(&place, &[]).end();
    assert_eq!(run.outcome(), ended(0, "done"), "{run:#?}");
}

#[test]
fn a_lock_whose_file_is_gone_is_lost_within_two_seconds() {
    let place = Place::new();
    let holder = holder(&place);
    let since = std::time::Instant::now();
    std::fs::remove_file(place.lock_file()).unwrap();
    let run = holder.end();
    assert_eq!(run.outcome(), ended(76, "lock_lost"), "{run:#?}");
    assert!(since.elapsed() < Duration::from_secs(2), "{run:#?}");
    assert_eq!(place.effects(), ["begin"]);
}

#[test]
fn a_dry_run_takes_no_lock_and_shows_the_holder() {
    let place = Place::new();
    let run = place.run(&["import", "--dry-run", "/dev/null"]);
    assert_eq!(run.outcome(), ended(0, "dry_run"), "{run:#?}");
    assert!(!place.path("locks").exists());

    let fifo = place.path("fifo");
    mkfifoat(CWD, &fifo, Mode::RUSR | Mode::WUSR).unwrap();
    let real = Live::start(place.admin(&["import", fifo.to_str().unwrap()]));
    // Opening waits for the reader, which has the lock by then.
    let writer = File::options().write(true).open(&fifo).unwrap();
    let run = place.run(&["import", "--dry-run", "/dev/null"]);
    assert_eq!(run.outcome(), ended(0, "dry_run"), "{run:#?}");
    let pid = format!("pid {}", real.pid());
    assert!(run.messages().contains(&pid), "{run:#?}");
    drop(writer);
    assert_eq!(real.end().outcome(), ended(0, "done"));
}

#[test]
fn of_many_runs_at_once_each_works_alone_or_not_at_all() {
    let place = Place::new();
    let words = ["slow", "--seconds", "0"];
    let live: Vec<Live> = (0..6).map(|_| Live::start(place.admin(&words))).collect();
    let runs: Vec<Ended> = live.into_iter().map(Live::end).collect();
    let done = runs.iter().filter(|run| run.code == Some(0)).count();
    assert!(
        runs.iter().all(|run| matches!(run.code, Some(0 | 75))),
        "{runs:#?}"
    );
    assert!(done > 0);
    // Runs that overlapped would have begun twice before an end.
    assert_eq!(place.effects(), ["begin", "end"].repeat(done));
}

#[test]
fn a_lock_folder_that_cannot_be_is_a_configuration_error() {
    let place = Place::new();
    let mut command = place.admin(&["nodry"]);
    command.env("ADMIN_LOCK_DIR", "/dev/null/locks");
    let run = Live::start(command).end();
    assert_eq!(run.outcome(), ended(78, "config"), "{run:#?}");
    assert!(run.messages().contains("/dev/null/locks"), "{run:#?}");
    assert_eq!(place.effects(), [""; 0]);
}
