//! The example, running.

use std::process::{Command, Stdio};

use harness::{Lines, Output, Running, example, run};
use serde_json::Value;

/// The example in an environment that has these variables alone.
pub(super) fn command(words: &[&str], vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new(example("app"));
    command.args(words).env_clear().envs(vars.iter().copied());
    command
}

/// Runs it to its end.
pub(super) fn end(words: &[&str], vars: &[(&str, &str)]) -> Output {
    run(&mut command(words, vars))
}

/// Starts it, with both streams at hand.
pub(super) fn start(words: &[&str], vars: &[(&str, &str)]) -> Running {
    let mut command = command(words, vars);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Running::start(command)
}

/// Reads up to the event with this action.
pub(super) fn wait_for(lines: &mut Lines, action: &str) -> Value {
    let mut events = lines.filter_map(|line| event(&line));
    let found = events.find(|event| event["event"]["action"] == action);
    found.unwrap_or_else(|| panic!("no event `{action}`"))
}

/// A line of the log; nothing for other lines.
pub(super) fn event(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok().filter(Value::is_object)
}

/// The events among the lines.
pub(super) fn events(text: &str) -> Vec<Value> {
    text.lines().filter_map(event).collect()
}

pub(super) fn action(event: &Value) -> &str {
    event["event"]["action"].as_str().unwrap_or_default()
}

/// A port on which nothing listens any more.
pub(super) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}
