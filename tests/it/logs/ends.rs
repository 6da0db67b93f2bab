//! What is left of the lines when the process ends, in whichever way.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use harness::{Running, run};
use rustix::process::Signal;
use serde_json::Value;

use super::{lines_of, log_events, numbers, object, parsed};

#[test]
fn an_event_is_out_when_the_macro_returns_however_the_process_ends() {
    for (end, code) in [("exit:7", Some(7)), ("abort", None), ("kill", None)] {
        let output = run(&mut log_events(&[
            "1000",
            "events:100:300",
            "events:1:12000",
            end,
        ]));
        assert_eq!((output.code, output.stderr.as_str()), (code, ""), "{end}");
        let lines = parsed(&output.stdout);
        assert!(numbers(&lines).into_iter().eq((0..100).chain([0])), "{end}");
    }
}

#[test]
fn sigkill_from_outside_takes_no_event_that_was_logged() {
    let mut command = log_events(&["1000", "acknowledged:100000000"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut service = Running::start(command);
    let mut acknowledged: Vec<String> = service.stderr.by_ref().take(500).collect();
    service.signal(Signal::KILL);
    acknowledged.extend(service.stderr.by_ref());
    let lines: Vec<Value> = service.stdout.by_ref().map(|line| object(&line)).collect();
    // The last one may be out without the macro having returned.
    let returned = acknowledged.len() as u64;
    assert!((returned..=returned + 1).contains(&(lines.len() as u64)));
    assert!(numbers(&lines).into_iter().eq(0..lines.len() as u64));
    assert_eq!(service.wait().signal(), Some(Signal::KILL.as_raw()));
}

#[test]
fn a_panic_in_a_task_is_one_line() {
    let (code, lines) = lines_of(&["1000", "panic", "exit:0"]);
    let [line] = &*lines else {
        panic!("{lines:?}");
    };
    assert_eq!((code, &line["log.level"]), (Some(0), &"ERROR".into()));
    assert!(
        line.to_string().contains(r#"no more \"paper\"\nin tray 2"#),
        "{line}"
    );
    assert_eq!(line["process"]["thread"]["name"], "worker-7", "{line}");
}

#[test]
fn destructors_of_thread_locals_may_log() {
    let (code, lines) = lines_of(&["1000", "destructor"]);
    assert_eq!(code, Some(0));
    let messages: Vec<_> = lines
        .iter()
        .map(|line| line["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        ["from the thread", "from a destructor", "from a destructor"]
    );
}
