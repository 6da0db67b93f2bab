//! Runs a process to its end, for a bounded time.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a process left behind.
#[derive(Debug)]
pub struct Output {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// Runs `command` with an empty standard input.
///
/// # Panics
///
/// Panics if it cannot be started, writes anything but UTF-8, or is not done after 20 seconds; it is
/// killed then.
#[must_use]
pub fn run(command: &mut Command) -> Output {
    const LIMIT: Duration = Duration::from_secs(20);
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => panic!("{command:?} does not start: {error}"),
    };
    let stdout = collect(child.stdout.take().expect("stdout is a pipe"));
    let stderr = collect(child.stderr.take().expect("stderr is a pipe"));
    let started = Instant::now();
    let status = loop {
        match child.try_wait().expect("the child can be waited for") {
            Some(status) => break status,
            None if started.elapsed() > LIMIT => {
                child.kill().expect("the child can be killed");
                child.wait().expect("the child can be waited for");
                panic!("{command:?} was not done after {LIMIT:?}");
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let join = |reader: thread::JoinHandle<String>| reader.join().expect("the output is UTF-8");
    Output {
        code: status.code(),
        stdout: join(stdout),
        stderr: join(stderr),
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).expect("the output is UTF-8");
        text
    })
}
