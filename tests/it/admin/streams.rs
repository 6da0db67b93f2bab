//! Readers that go away or stand still, and results of both forms.

use std::fs::File;
use std::io::{PipeReader, Read, Write, pipe};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::live::{Live, Place, ended};

/// More than a pipe holds.
const MUCH: &str = "100000";

fn start(mut command: Command, stdout: impl Into<Stdio>) -> Live {
    command.stdin(Stdio::null()).stdout(stdout);
    Live::start_with(command, tempfile::tempfile().expect("a file is made"))
}

fn flood(place: &Place, words: &[&str]) -> (Live, PipeReader) {
    let (reader, writer) = pipe().expect("a pipe is made");
    let words = [&["flood", MUCH], words].concat();
    (start(place.admin(&words), writer), reader)
}

#[test]
fn a_result_is_one_document() {
    let place = Place::new();
    let run = place.run(&["hello", "--times", "2"]);
    assert_eq!(run.stdout, "hello world\nhello world\n");
    let words = [
        "prune",
        "--older-than",
        "30",
        "--dry-run",
        "--format",
        "json",
    ];
    let run = place.run(&words);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document, json!({ "older_than_days": 30, "rows": 1500 }));
    let run = place.run(&["flood", MUCH, "--format", "json"]);
    let lines: Vec<String> = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(lines.len().to_string(), MUCH);
}

#[test]
fn a_reader_that_went_away_is_141_without_a_panic() {
    let place = Place::new();
    for words in [&["list"][..], &["help", "prune"], &["completions", "bash"]] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let run = start(place.admin(words), writer).end();
        assert_eq!(run.code, Some(141), "{words:?}: {run:#?}");
    }
    let (live, mut reader) = flood(&place, &[]);
    reader.read_exact(&mut [0; 7]).unwrap();
    drop(reader);
    assert_eq!(live.end().outcome(), ended(141, "closed_pipe"));
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let run = start(Place::new().admin(&["hello"]), full).end();
    assert_eq!(run.outcome(), ended(1, "failed"), "{run:#?}");
    assert!(run.messages().contains("was not written"), "{run:#?}");
}

#[test]
fn a_reader_that_stands_still_holds_up_neither_signal_nor_deadline() {
    let place = Place::new();
    let (live, reader) = flood(&place, &["--timeout", "500ms"]);
    assert_eq!(live.end().outcome(), ended(124, "timeout"));
    drop(reader);

    let (mut live, mut reader) = flood(&place, &[]);
    reader.read_exact(&mut [0; 7]).unwrap();
    live.signal(Signal::TERM);
    assert_eq!(live.end().outcome(), ended(143, "interrupted"));
}

#[test]
fn a_reader_that_stands_still_holds_up_no_task_that_was_told_to_stop() {
    let (_reader, mut writer) = pipe().unwrap();
    // The size of a pipe: one byte more would wait.
    writer.write_all(&[b'x'; 65_536]).unwrap();
    let place = Place::new();
    let mut live = start(
        place.admin(&["slow", "--seconds", "60", "--finish"]),
        writer,
    );
    live.until("working");
    live.signal(Signal::TERM);
    let run = live.end();
    assert_eq!(run.outcome(), ended(143, "interrupted"), "{run:#?}");
    assert!(run.took < Duration::from_secs(10), "{run:#?}");
}

#[test]
fn a_stderr_that_is_full_changes_nothing_but_the_messages() {
    let place = Place::new();
    for (words, code) in [(["hello", "--times=1"], 0), (["import", "/nowhere"], 1)] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = place.admin(&words);
        let output = command.stdin(Stdio::null()).stderr(full).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        assert_eq!(output.stdout.is_empty(), code != 0);
    }
}
