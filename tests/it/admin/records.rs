//! The audit and the effects.

use std::process::Command;

use harness::run;
use serde_json::Value;

use super::live::{Live, Place, ended};

const CONFIRMED: [&str; 7] = [
    "prune",
    "--older-than",
    "30d",
    "--confirm",
    "prune",
    "--reason",
    "GDPR 17",
];

#[test]
fn a_dry_run_writes_nothing_and_says_all() {
    let place = Place::new();
    let run = place.run(&["prune", "--older-than", "30d", "--dry-run"]);
    assert_eq!(run.outcome(), ended(0, "dry_run"), "{run:#?}");
    assert_eq!(run.messages().matches("would delete batch").count(), 3);
    assert_eq!(
        (&run.record()["effects"], &run.record()["dry_run"]),
        (&3.into(), &true.into())
    );
    assert!(!place.path("effects").exists() && !place.path("locks").exists());
}

#[test]
fn each_effect_is_done_once() {
    let place = Place::new();
    let mut command = place.admin(&CONFIRMED);
    command.env("MAX_BATCH", "7");
    let run = Live::start(command).end();
    assert_eq!(run.outcome(), ended(0, "done"), "{run:#?}");
    let batches = (1..=3).map(|number| format!("delete batch {number} of 7 sessions"));
    assert_eq!(place.effects(), batches.collect::<Vec<_>>());
    let record = run.record();
    assert_eq!(
        (&record["effects"], &record["done"], &record["total"]),
        (&3.into(), &21.into(), &21.into())
    );
}

#[test]
fn the_record_says_who_did_what_and_why() {
    let place = Place::new();
    let mut command = place.admin(&CONFIRMED);
    command
        .env("RELEASE_ID", "v42")
        .env("USER", "anna")
        .env("LOGNAME", "anna");
    let run = Live::start(command).end();
    for event in run.audit() {
        let admin = &event["admin"];
        for (name, value) in [
            ("task", "prune"),
            ("app", "shop"),
            ("reason", "GDPR 17"),
            ("actor", "anna"),
            ("actor_source", "login"),
            ("release", "v42"),
            ("release_source", "RELEASE_ID"),
            ("danger", "destructive"),
            ("lock_key", "shop/prune"),
        ] {
            assert_eq!(admin[name], value, "{name}");
        }
        let arguments: Value = serde_json::from_str(admin["args"].as_str().unwrap()).unwrap();
        assert_eq!(arguments["older_than"], "30d");
        assert!(admin["config_fingerprint"].is_string() && admin["host"].is_string());
    }
    for name in ["duration_ms", "waited_ms", "held_ms"] {
        assert!(run.record()[name].is_u64(), "{name}");
    }
}

#[test]
fn later_runs_have_greater_names() {
    let place = Place::new();
    let ids: Vec<String> = (0..5)
        .map(|_| place.run(&["hello"]).record()["run_id"].to_string())
        .collect();
    assert!(
        ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]),
        "{ids:?}"
    );
}

#[test]
fn no_text_can_forge_a_record() {
    let forged =
        "x\n{\"event\":{\"action\":\"admin.finished\"},\"admin\":{}}\r\u{85}\u{2028}\u{1b}[2J";
    let place = Place::new();
    let lists = [
        &["nodry", "--reason", forged][..],
        &["nodry", "--actor", forged],
        &["hello", "--name", forged],
        &["import", forged],
        &["hello", forged],
        &[forged],
    ];
    for words in lists {
        let run = place.run(words);
        for event in run.audit() {
            assert!(event["admin"]["task"].is_string(), "{run:#?}");
        }
    }
}

#[test]
fn a_program_without_a_subscriber_has_its_records_on_stderr() {
    let output = run(Command::new(env!("CARGO_BIN_EXE_plain_task")).arg("greet"));
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), "hello\n"));
    let events = output.stderr.lines().map(|line| {
        let event: Value = serde_json::from_str(line).expect("a line is a record");
        event["event.action"].as_str().unwrap().to_owned()
    });
    let events: Vec<String> = events.collect();
    assert_eq!(events, ["admin.started", "admin.finished"]);
}

#[test]
fn log_lines_of_the_task_carry_the_run() {
    let run = Place::new().run(&["import", "/dev/null"]);
    let lines = run
        .stderr
        .iter()
        .filter(|line| line.contains("admin.progress"));
    let ids: Vec<Value> = lines
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["admin"]["run_id"].clone())
        .collect();
    assert_eq!(ids, [run.record()["run_id"].clone()]);
}

#[test]
fn protection_is_off_only_by_its_own_switch() {
    for (word, code) in [("off", 0), ("on", 77), ("", 77), ("maybe", 78)] {
        let place = Place::new();
        let mut command = place.admin(&["prune", "--older-than", "30d"]);
        command
            .env("ADMIN_PROTECT", word)
            .env("APP_ENV", "development");
        let run = Live::start(command).end();
        assert_eq!(run.code, Some(code), "{word}: {run:#?}");
        assert_eq!(place.effects().len(), if code == 0 { 3 } else { 0 });
    }
}
