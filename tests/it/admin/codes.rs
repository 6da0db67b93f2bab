//! Every exit code of the table.

use std::collections::BTreeSet;
use std::fs;

use harness::root;
use rustix::process::Signal;
use serde_json::Value;

use super::live::{Ended, KEY, Live, Place, URL, ended};

/// The codes of the README, but for that of the setups which read input of their own; of the task's own ones, 7.
fn table() -> BTreeSet<i32> {
    let readme =
        fs::read_to_string(root().join("tf-admin/README.md")).expect("the README can be read");
    let (_, table) = readme
        .split_once("## Exit codes")
        .expect("it has the table");
    let (table, _) = table.split_once("```").expect("the table ends");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.filter_map(|row| row.split('|').next());
    let codes = cells.flat_map(|cell| cell.split(','));
    let codes = codes.filter_map(|code| code.trim().replace("3–63", "7").parse().ok());
    codes.filter(|&code| code != 65).collect()
}

/// A run of `slow` that has begun its work.
fn working(place: &Place, words: &[&str]) -> Live {
    let mut live = Live::start(place.admin(&[&["slow", "--seconds", "60"], words].concat()));
    live.until("working");
    live
}

fn signalled(place: &Place, signal: Signal) -> Ended {
    let mut live = working(place, &[]);
    live.signal(signal);
    live.end()
}

fn busy(place: &Place) -> Ended {
    let holder = working(place, &[]);
    let ended = place.run(&["slow", "--seconds", "0"]);
    drop(holder);
    ended
}

fn lock_lost(place: &Place) -> Ended {
    let live = working(place, &[]);
    fs::remove_file(place.lock_file()).expect("the lock has a file");
    live.end()
}

fn unavailable(place: &Place) -> Ended {
    let mut command = place.admin(&["nodry"]);
    command.env("DATABASE_WAIT", "200ms");
    Live::start(command).end()
}

fn bad_config(place: &Place) -> Ended {
    let mut command = place.admin(&["nodry"]);
    let url = URL.replace("127.0.0.1", "a b");
    command.env("DATABASE_URL", url).env("MAX_BATCH", "65536");
    Live::start(command).end()
}

fn panic(place: &Place) -> Ended {
    let mut command = place.admin(&["boom", "--key-env", "PAYMENT_KEY"]);
    command.env("PAYMENT_KEY", KEY);
    Live::start(command).end()
}

fn closed_pipe(place: &Place) -> Ended {
    let (reader, writer) = std::io::pipe().expect("a pipe is made");
    drop(reader);
    let mut command = place.admin(&["flood", "3"]);
    command.stdin(std::process::Stdio::null()).stdout(writer);
    Live::start_with(command, tempfile::tempfile().expect("a file is made")).end()
}

#[test]
fn every_code_of_the_table_is_reached() {
    type Scenario = fn(&Place) -> Ended;
    let scenarios: [(i32, &str, Scenario); 14] = [
        (0, "done", |place| place.run(&["hello"])),
        (1, "failed", |place| place.run(&["import", "/nowhere"])),
        (2, "usage", |place| place.run(&["hello", "--nmae", "x"])),
        (7, "failed", |place| place.run(&["code", "7"])),
        (69, "unavailable", unavailable),
        (70, "panic", panic),
        (75, "busy", busy),
        (76, "lock_lost", lock_lost),
        (77, "refused", |place| {
            place.run(&["prune", "--older-than", "30d"])
        }),
        (78, "config", bad_config),
        (124, "timeout", |place| {
            working(place, &["--timeout", "100ms"]).end()
        }),
        (130, "interrupted", |place| signalled(place, Signal::INT)),
        (141, "closed_pipe", closed_pipe),
        (143, "interrupted", |place| signalled(place, Signal::TERM)),
    ];
    let reached: BTreeSet<i32> = scenarios.iter().map(|(code, ..)| *code).collect();
    assert_eq!(reached, table());
    for (code, outcome, scenario) in scenarios {
        let place = Place::new();
        let run = scenario(&place);
        assert_eq!(run.outcome(), ended(code, outcome), "{run:#?}");
        let has_finished = place.effects().iter().any(|effect| effect == "end");
        assert!(!has_finished, "{code}");
    }
}

#[test]
fn a_code_that_is_not_declared_is_a_bug_and_never_cut_to_a_byte() {
    let place = Place::new();
    for code in ["0", "2", "9", "256", "263", "-249"] {
        let run = place.run(&["code", "--", code]);
        assert_eq!(run.outcome(), ended(70, "panic"), "{code}");
        assert!(run.messages().contains(code), "{run:#?}");
    }
}

#[test]
fn the_tasks_own_code_is_recorded_by_its_name() {
    let run = Place::new().run(&["code", "7"]);
    assert_eq!(run.record()["code_name"], "nothing_matched");
}

#[test]
fn a_refused_run_has_done_nothing() {
    let place = Place::new();
    let refused = [unavailable(&place), bad_config(&place)];
    let wrong = [
        &["nodry", "--dry-run"][..],
        &["prune", "--older-than", "30d"],
        &[
            "prune",
            "--older-than",
            "soon",
            "--confirm",
            "prune",
            "--reason",
            "x",
        ],
        &[
            "prune",
            "--older-than",
            "30d",
            "--confirm",
            "yes",
            "--reason",
            "x",
        ],
        &["nodry", "--expect-release", "v2"],
        &["nodry", "--wait", "1s", "--skip-if-locked"],
        &["nodry", "--timeout", "soon"],
    ];
    for run in refused
        .into_iter()
        .chain(wrong.map(|words| place.run(words)))
    {
        assert_eq!(run.audit().len(), 1, "{run:#?}");
        assert_eq!(run.record()["effects"], 0, "{run:#?}");
    }
    assert_eq!(place.effects(), [""; 0]);
    assert!(!place.path("locks").exists());
}

#[test]
fn a_bad_configuration_is_reported_whole() {
    let run = bad_config(&Place::new());
    for name in ["DATABASE_URL", "MAX_BATCH"] {
        assert!(run.messages().contains(name), "{run:#?}");
        assert!(
            run.record()["error"].as_str().unwrap().contains(name),
            "{run:#?}"
        );
    }
}

#[test]
fn the_release_can_be_asked_for() {
    let place = Place::new();
    for (expected, code) in [("v1", 0), ("v2", 2)] {
        let mut command = place.admin(&["hello", "--expect-release", expected]);
        command.env("RELEASE_ID", "v1");
        let run = Live::start(command).end();
        assert_eq!(run.code, Some(code), "{run:#?}");
        assert_eq!(run.record()["release"], Value::from("v1"));
    }
}
