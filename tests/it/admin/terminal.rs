//! A person at a terminal, by `script`, which gives a command a pseudo terminal.

use std::fs;
use std::process::{Command, Stdio};

use harness::{Running, example, packaged};

use super::live::Place;

const PRUNE: &str = "prune --older-than 30d --reason tidy";

const PROMPT: &str = "type the name of the task";

/// A run at a terminal.
struct Session {
    place: Place,
    running: Running,
    shown: Vec<String>,
}

impl Session {
    fn start(words: &str) -> Self {
        let place = Place::new();
        let mut command = Command::new(packaged("script", "bsdutils"));
        let code = format!("exec {} {words}", example("admin").display());
        command.args(["--quiet", "--return", "--command", &code, "/dev/null"]);
        place.surround(&mut command);
        command.env("SHELL", "/bin/sh").env("TERM", "xterm");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        Self {
            place,
            running: Running::start(command),
            shown: Vec::new(),
        }
    }

    /// Types keys when the question is there.
    fn answer(&mut self, keys: &str) {
        let shown = self.running.stdout.by_ref();
        self.shown
            .extend(shown.take_while(|line| !line.contains(PROMPT)));
        self.running.write(keys);
    }

    /// Its code, and all that the terminal has shown.
    fn end(mut self) -> (Option<i32>, String, Place) {
        self.shown.extend(self.running.stdout.by_ref());
        let status = self.running.wait();
        (status.code(), self.shown.join("\n"), self.place)
    }
}

#[test]
fn the_name_of_the_task_is_a_yes() {
    let mut session = Session::start(PRUNE);
    session.answer("prune\n");
    let (code, shown, place) = session.end();
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(place.effects().len(), 3);
    assert!(shown.contains("rows: 1500"), "{shown}");
}

#[test]
fn everything_else_is_a_no() {
    for keys in ["yes\n", "y\n", "\n", "Prune\n", "prune it\n", "\u{4}"] {
        let mut session = Session::start(PRUNE);
        session.answer(keys);
        let (code, shown, place) = session.end();
        assert_eq!(code, Some(77), "{keys:?}: {shown}");
        assert_eq!(place.effects(), [""; 0]);
        assert!(!place.path("locks").exists());
    }
}

#[test]
fn ctrl_c_at_the_question_is_130() {
    let mut session = Session::start(PRUNE);
    session.answer("\u{3}");
    let (code, shown, place) = session.end();
    assert_eq!(code, Some(130), "{shown}");
    assert_eq!(place.effects(), [""; 0]);
}

#[test]
fn nobody_is_asked_when_more_is_missing_or_all_is_given() {
    for (words, expected) in [
        ("prune --older-than 30d", 77),
        ("prune --older-than 30d --reason tidy --confirm prune", 0),
        ("prune --older-than 30d --reason tidy --confirm yes", 77),
        ("prune --older-than 30d --dry-run", 0),
        ("hello", 0),
    ] {
        let (code, shown, _) = Session::start(words).end();
        assert_eq!(code, Some(expected), "{words}: {shown}");
        assert!(!shown.contains(PROMPT), "{words}: {shown}");
    }
}

#[test]
fn a_secret_is_not_typed_where_a_terminal_shows_it() {
    let (code, shown, _) = Session::start("boom --key-stdin").end();
    assert_eq!(code, Some(2), "{shown}");
}

#[test]
fn progress_is_a_bar_there_and_leaves_no_trace() {
    let place = Place::new();
    let files: Vec<String> = (0..3)
        .map(|n| place.path(&n.to_string()).display().to_string())
        .collect();
    for file in &files {
        fs::write(file, "").unwrap();
    }
    let (code, shown, _) = Session::start(&format!("import {}", files.join(" "))).end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("0/3") || shown.contains("1/3"), "{shown:?}");
    let after = shown.rsplit("\u{1b}[2K").next().unwrap();
    assert!(!after.contains("/3 eta"), "{shown:?}");
    assert!(!shown.contains("admin.progress"), "{shown}");
}
