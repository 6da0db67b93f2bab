//! What `tf-logs` promises, seen through its public interface.

mod allocations;
#[cfg(feature = "log")]
mod bridge;
mod builder;
mod capture;
mod dynamic;
mod ecs_fields;
mod failures;
mod filter;
mod identity;
mod lines;
mod panics;
mod pretty;
mod redact;
mod spans;
mod truncation;

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// A line that must be one JSON document.
#[track_caller]
fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

const CHILD: &str = "TF_LOGS_TEST_CHILD";

/// Runs `inside` in a process of its own, for what is global there, and gives what it wrote to stderr.
///
/// The process is this test program, told to run only the test `name`, which thus comes here again; there the
/// answer is `None`, and the test has to return.
#[track_caller]
fn in_own_process(name: &str, vars: &[(&str, &str)], inside: impl FnOnce()) -> Option<Vec<String>> {
    let (status, report, errors) = own_process(name, vars, inside)?;
    assert!(status.success(), "{name}: {report}{errors:?}");
    assert!(
        report.contains("1 passed"),
        "no test is called {name}: {report}"
    );
    Some(errors)
}

/// The same for a process that does not end well: its status, and what it wrote to stdout and stderr.
fn own_process(
    name: &str,
    vars: &[(&str, &str)],
    inside: impl FnOnce(),
) -> Option<(ExitStatus, String, Vec<String>)> {
    if std::env::var_os(CHILD).is_some_and(|child| child == name) {
        inside();
        return None;
    }
    let program = std::env::current_exe().expect("a test knows its program");
    let mut child = Command::new(program)
        .args(["--exact", name, "--nocapture"])
        .env_clear()
        .env(CHILD, name)
        .envs(vars.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the test program starts");
    let (sender, receiver) = mpsc::channel();
    let mut stderr = child.stderr.take().expect("it is piped");
    let mut stdout = child.stdout.take().expect("it is piped");
    let sender_too = sender.clone();
    thread::spawn(move || {
        let mut text = String::new();
        let read = stderr.read_to_string(&mut text);
        let _ = sender.send((true, read.map(|_| text)));
    });
    thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.read_to_string(&mut text);
        let _ = sender_too.send((false, read.map(|_| text)));
    });
    let (mut errors, mut report) = (String::new(), String::new());
    for _ in 0..2 {
        let Ok((is_stderr, text)) = receiver.recv_timeout(Duration::from_secs(60)) else {
            child.kill().expect("it can be ended");
            panic!("{name} does not end in its own process");
        };
        let text = text.expect("it writes UTF-8");
        if is_stderr {
            errors = text;
        } else {
            report = text;
        }
    }
    let status = child.wait().expect("it has ended");
    Some((status, report, errors.lines().map(str::to_owned).collect()))
}

/// Those lines that are events.
fn events(lines: &[String]) -> Vec<Value> {
    let lines = lines.iter().filter(|line| line.starts_with('{'));
    lines.map(|line| json(line)).collect()
}
