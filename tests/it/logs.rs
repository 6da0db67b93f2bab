//! What reaches the reader of a service's logs, whatever happens to either of them.

use std::process::{Command, Stdio};

use harness::{Output, Running, run};
use serde_json::Value;

mod ends;
mod example;
mod readers;
mod whole;

/// The program that logs in the ways its arguments name.
fn log_events(actions: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_log_events"));
    command.args(actions).stdin(Stdio::null());
    command
}

/// Its lines, and nothing on standard error.
fn lines_of(actions: &[&str]) -> (Option<i32>, Vec<Value>) {
    let Output {
        code,
        stdout,
        stderr,
    } = run(&mut log_events(actions));
    assert_eq!(stderr, "");
    (code, parsed(&stdout))
}

/// Every line is one JSON object with a line feed.
fn parsed(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    text.lines().map(object).collect()
}

fn object(line: &str) -> Value {
    match serde_json::from_str(line) {
        Ok(value @ Value::Object(_)) => value,
        other => panic!("{other:?}: {line}"),
    }
}

/// The numbers that the program gave its events.
fn numbers<'a>(lines: impl IntoIterator<Item = &'a Value>) -> Vec<u64> {
    let numbers = lines.into_iter().map(|line| line["number"].as_u64());
    numbers
        .map(|number| number.expect("an event with its number"))
        .collect()
}

/// Starts it with this standard output, and standard error at hand.
fn start(actions: &[&str], stdout: impl Into<Stdio>) -> Running {
    let mut command = log_events(actions);
    command
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped());
    Running::start(command)
}
