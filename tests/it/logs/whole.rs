//! Lines that nothing tears: many processes, many threads, one write each.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::process::{Command, Stdio};

use harness::{Running, packaged, run};
use serde_json::Value;

use super::{log_events, numbers, parsed};

#[test]
fn processes_on_one_pipe_never_tear_lines_that_the_kernel_keeps_whole() {
    let (mut reader, writer) = io::pipe().unwrap();
    let start = |_| {
        let mut command = log_events(&["20000", "events:400:3600"]);
        command.stdout(writer.try_clone().unwrap());
        Running::start(command)
    };
    let services: Vec<Running> = (0..4).map(start).collect();
    drop(writer);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    for service in services {
        assert_eq!(service.wait().code(), Some(0));
    }
    assert!(text.lines().all(|line| (3600..4096).contains(&line.len())));
    let mut by_process: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for line in parsed(&text) {
        let process = line["process"]["pid"]
            .as_u64()
            .expect("a line has its process");
        by_process.entry(process).or_default().push(line);
    }
    assert_eq!(by_process.len(), 4);
    for lines in by_process.values() {
        assert!(numbers(lines).into_iter().eq(0..400));
    }
}

#[test]
fn threads_never_tear_lines_of_any_length() {
    let output = run(&mut log_events(&["20000", "threads:8:300:15500"]));
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    let longest = output.stdout.lines().map(str::len).max();
    assert!(
        longest > Some(15_000) && longest < Some(16_384),
        "{longest:?}"
    );
    let lines = parsed(&output.stdout);
    assert_eq!(lines.len(), 8 * 300);
    for thread in 0..8_u64 {
        let own = lines.iter().filter(|line| line["thread"] == thread);
        assert!(numbers(own).into_iter().eq(0..300));
    }
}

/// The calls about standard output that a run makes.
fn calls(actions: &[&str], stdout: Stdio) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let trace = folder.path().join("trace");
    let program = log_events(actions);
    let mut strace = Command::new(packaged("strace", "strace"));
    strace.args([
        "-f",
        "-s",
        "0",
        "-e",
        "trace=write,writev,pwrite64,pwritev,pwritev2,poll,ppoll",
    ]);
    strace
        .arg("-o")
        .arg(&trace)
        .arg(program.get_program())
        .args(program.get_args());
    strace.stdout(stdout);
    assert_eq!(Running::start(strace).wait().code(), Some(0));
    let trace = fs::read_to_string(trace).expect("strace has written");
    let about_stdout = |call: &&str| call.contains("(1, ") || call.contains("fd=1, events=POLLOUT");
    trace
        .lines()
        .filter(about_stdout)
        .map(str::to_owned)
        .collect()
}

#[test]
fn an_event_is_one_system_call() {
    let folder = tempfile::tempdir().unwrap();
    for actions in [["1000", "events:100:200"], ["1000", "threads:4:25:3000"]] {
        // A pipe that holds all of it, so that no reader is needed meanwhile.
        let (_reader, writer) = io::pipe().unwrap();
        rustix::pipe::fcntl_setpipe_size(&writer, 1 << 20).unwrap();
        let calls_to_pipe = calls(&actions, writer.into());
        assert_eq!(calls_to_pipe.len(), 100, "{calls_to_pipe:?}");
        let calls_to_null = calls(&actions, Stdio::null());
        assert_eq!(calls_to_null.len(), 100, "{calls_to_null:?}");
        // The kernel refuses the flag for a file once.
        let file = File::create(folder.path().join("lines")).unwrap();
        let calls_to_file = calls(&actions, file.into());
        assert!(
            (100..=101).contains(&calls_to_file.len()),
            "{calls_to_file:?}"
        );
        let text = fs::read_to_string(folder.path().join("lines")).unwrap();
        assert_eq!(parsed(&text).len(), 100);
    }
}
