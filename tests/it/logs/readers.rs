//! Readers that are closed, stopped, slow, or never were.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};

use harness::{Running, run, tool};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::Signal;
use serde_json::Value;

use super::{log_events, numbers, object, parsed, start};

fn pipe() -> (PipeReader, PipeWriter) {
    io::pipe().expect("a pipe can be made")
}

#[test]
fn a_service_outlives_the_reader_of_its_logs() {
    let (reader, writer) = pipe();
    drop(reader);
    let mut service = start(
        &["1000", "events:1000:10", "threads:4:100:8000", "report"],
        writer,
    );
    let said: Vec<String> = service.stderr.by_ref().collect();
    assert_eq!(service.wait().code(), Some(0), "{said:?}");
    let [complaint, report] = &*said else {
        panic!("{said:?}");
    };
    assert!(
        complaint.contains("stdout") && complaint.contains("Broken pipe"),
        "{complaint}"
    );
    assert_eq!(report, "dropped 0 errors 1400 flushed false");
}

#[test]
fn a_reader_of_both_streams_may_go_too() {
    let (reader, writer) = pipe();
    drop(reader);
    let mut command = log_events(&[
        "1000",
        "events:100:10",
        "panic",
        "threads:4:50:9000",
        "exit:7",
    ]);
    command.stdout(writer.try_clone().unwrap()).stderr(writer);
    assert_eq!(Running::start(command).wait().code(), Some(7));
}

#[test]
fn a_reader_that_is_stopped_delays_once_and_is_told_what_it_missed() {
    let (reader, writer) = pipe();
    let mut command = Command::new(tool("cat"));
    command.stdin(reader).stdout(Stdio::piped());
    let mut cat = Running::start(command);
    cat.signal(Signal::STOP);
    let actions = [
        "300",
        "events:5000:200",
        "report",
        "wait",
        "events:10:10",
        "report",
    ];
    let mut service = start(&actions, writer);

    let report = service.stderr.next().expect("the service goes on");
    let dropped: usize = report
        .split(' ')
        .nth(1)
        .and_then(|count| count.parse().ok())
        .unwrap();
    assert!(
        dropped > 1000 && report.ends_with("errors 0 flushed false"),
        "{report}"
    );
    cat.signal(Signal::CONT);
    let before: Vec<Value> = cat
        .stdout
        .by_ref()
        .take(5000 - dropped)
        .map(|line| object(&line))
        .collect();
    assert!(numbers(&before).into_iter().eq(0..5000 - dropped as u64));

    // All that got out has been read, so there is room again.
    service.nudge();
    let notice = object(&cat.stdout.next().expect("a notice"));
    assert_eq!(notice["log.level"], "WARN", "{notice}");
    assert!(
        notice.to_string().contains(&dropped.to_string()),
        "{notice}"
    );
    let after: Vec<Value> = cat.stdout.by_ref().map(|line| object(&line)).collect();
    assert!(numbers(&after).into_iter().eq(0..10));
    let report = service.stderr.next().expect("a report");
    assert_eq!(report, format!("dropped {dropped} errors 0 flushed true"));
    assert_eq!(service.wait().code(), Some(0));
}

#[test]
fn a_service_that_wants_to_wait_for_its_reader_loses_nothing() {
    let (reader, writer) = pipe();
    let mut command = Command::new(tool("cat"));
    command.stdin(reader).stdout(Stdio::piped());
    let mut cat = Running::start(command);
    cat.signal(Signal::STOP);
    let mut service = start(
        &["block", "events:2000:200", "threads:4:50:12000", "report"],
        writer,
    );
    cat.signal(Signal::CONT);
    let lines: Vec<Value> = cat.stdout.by_ref().map(|line| object(&line)).collect();
    assert_eq!(lines.len(), 2200);
    assert!(numbers(&lines[..2000]).into_iter().eq(0..2000));
    assert_eq!(
        service.stderr.next().as_deref(),
        Some("dropped 0 errors 0 flushed true")
    );
    assert_eq!(service.wait().code(), Some(0));
}

/// Reads in small pieces to the end.
fn slowly(mut reader: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        let mut piece = [0; 100];
        loop {
            match reader.read(&mut piece).expect("the stream can be read") {
                0 => return String::from_utf8(text).expect("the output is UTF-8"),
                length => text.extend_from_slice(&piece[..length]),
            }
        }
    })
}

/// As another process that shares the open file may do: node, a test harness, a continuous
/// integration's wrapper.
fn set_nonblocking(fd: impl AsFd) {
    let flags = fcntl_getfl(&fd).expect("flags can be read");
    fcntl_setfl(fd, flags | OFlags::NONBLOCK).expect("flags can be set");
}

#[test]
fn a_foreign_o_nonblock_loses_nothing() {
    let (pipe_reader, pipe_writer) = pipe();
    let (socket_reader, socket_writer) = UnixStream::pair().unwrap();
    let streams: [(JoinHandle<String>, OwnedFd); 2] = [
        (slowly(pipe_reader), pipe_writer.into()),
        (slowly(socket_reader), socket_writer.into()),
    ];
    for (reading, writer) in streams {
        set_nonblocking(&writer);
        let actions = ["20000", "events:5000:100", "threads:2:200:15000", "report"];
        let mut service = start(&actions, writer);
        assert_eq!(
            service.stderr.next().as_deref(),
            Some("dropped 0 errors 0 flushed true")
        );
        assert_eq!(service.wait().code(), Some(0));
        let lines = parsed(&reading.join().unwrap());
        assert_eq!(lines.len(), 5400);
        assert!(numbers(&lines[..5000]).into_iter().eq(0..5000));
    }
}

#[test]
fn whatever_is_closed_or_broken_the_service_ends_as_it_should() {
    let actions = [
        "500",
        "events:200:10",
        "panic",
        "threads:4:50:9000",
        "destructor",
        "exit:7",
    ];
    for redirection in [
        ">&-",
        "2>&-",
        ">&- 2>&-",
        "<&- >&- 2>&-",
        // Open, but not for writing.
        "1</dev/null",
        "1</dev/null 2</dev/null",
        ">/dev/full 2>/dev/full",
    ] {
        let program = log_events(&actions);
        let mut shell = Command::new(tool("sh"));
        shell
            .arg("-c")
            .arg(format!("exec \"$0\" \"$@\" {redirection}"));
        let output = run(shell.arg(program.get_program()).args(program.get_args()));
        assert_eq!(output.code, Some(7), "{redirection}: {}", output.stderr);
        let expected = if redirection == "2>&-" {
            200 + 1 + 200 + 3
        } else {
            0
        };
        assert_eq!(parsed(&output.stdout).len(), expected, "{redirection}");
    }
}

#[test]
fn a_complaint_waits_for_nobody() {
    let (_stderr_reader, mut stderr) = pipe();
    set_nonblocking(&stderr);
    while stderr.write(&[b'.'; 4096]).is_ok() {}
    let flags = fcntl_getfl(&stderr).unwrap();
    fcntl_setfl(&stderr, flags - OFlags::NONBLOCK).unwrap();
    let (stdout_reader, stdout) = pipe();
    drop(stdout_reader);
    let mut command = log_events(&["1000", "events:100:10", "exit:0"]);
    command.stdout(stdout).stderr(stderr);
    assert_eq!(Running::start(command).wait().code(), Some(0));
}
