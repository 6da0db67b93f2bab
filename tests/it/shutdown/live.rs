//! The example, started, told by signals, and watched to its end.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Lines, Running, example};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

/// The example with these arguments and a time for its stop, in an environment that has no other variable.
pub(super) fn shutdown(timeout: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(example("shutdown"));
    command.args(arguments);
    bare(&mut command, timeout);
    command
}

/// The example behind a wrapper, which has its own arguments already.
pub(super) fn wrapped(timeout: &str, mut wrapper: Command, arguments: &[&str]) -> Command {
    wrapper.arg(example("shutdown")).args(arguments);
    bare(&mut wrapper, timeout);
    wrapper
}

/// Takes every variable away but what wrappers need.
pub(super) fn bare(command: &mut Command, timeout: &str) {
    let command = command.env_clear().env("PATH", "/usr/bin:/bin");
    command.env("SHUTDOWN_TIMEOUT", timeout);
}

/// The running service. It is killed when this is dropped.
pub(super) struct Live {
    running: Running,
    heard: Vec<String>,
    since: Instant,
}

impl Live {
    /// Starts with pipes for both outputs.
    pub(super) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::start_as_is(command)
    }

    /// Starts with the outputs that the command has.
    pub(super) fn start_as_is(mut command: Command) -> Self {
        command.stdin(Stdio::null());
        Self {
            running: Running::start(command),
            heard: Vec::new(),
            since: Instant::now(),
        }
    }

    /// Reads events until one of this name.
    pub(super) fn wait_for(&mut self, action: &str) -> Value {
        for line in self.running.stdout.by_ref() {
            self.heard.push(line.clone());
            match event(&line) {
                Some(event) if event["event"]["action"] == action => return event,
                _ => {}
            }
        }
        panic!("no `{action}` in {:#?}", self.heard);
    }

    /// Waits until it is ready; its process id.
    pub(super) fn wait_until_ready(&mut self) -> Pid {
        let starting = self.wait_for("lifecycle.starting");
        self.wait_for("lifecycle.ready");
        let pid = starting["lifecycle"]["pid"].as_i64().expect("a number");
        Pid::from_raw(i32::try_from(pid).expect("a small number")).expect("not 0")
    }

    /// The process that was started.
    pub(super) fn pid(&self) -> Pid {
        self.running.pid()
    }

    /// Sends a signal to the process that was started.
    pub(super) fn signal(&mut self, signal: Signal) {
        self.since = Instant::now();
        self.running.signal(signal);
    }

    /// Sends a signal to a process below it.
    pub(super) fn signal_process(&mut self, pid: Pid, signal: Signal) {
        self.since = Instant::now();
        kill_process(pid, signal).expect("the process is there");
    }

    /// Sends a signal to a group of processes.
    pub(super) fn signal_group(&mut self, pid: Pid, signal: Signal) {
        self.since = Instant::now();
        kill_process_group(pid, signal).expect("the group is there");
    }

    /// Lets time pass until this long after the last signal.
    pub(super) fn pass(&self, time: Duration) {
        std::thread::sleep(time.saturating_sub(self.since.elapsed()));
    }

    /// Closes this end of standard output; the process notices at its second line from now.
    pub(super) fn close_stdout(&mut self) {
        self.running.stdout = Lines::of(None::<std::io::Empty>);
    }

    /// Waits for its end. The time counts from the last signal, or from the start.
    pub(super) fn end(mut self) -> Ended {
        self.heard.extend(self.running.stdout.by_ref());
        let stderr = self.running.stderr.by_ref().collect();
        let status = self.running.wait();
        Ended {
            code: status.code(),
            signal: std::os::unix::process::ExitStatusExt::signal(&status),
            took: self.since.elapsed(),
            stdout: self.heard,
            stderr,
        }
    }
}

/// What a process left behind.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) took: Duration,
    pub(super) stdout: Vec<String>,
    pub(super) stderr: Vec<String>,
}

impl Ended {
    /// The last line of standard output, which must be the event `lifecycle.stopped`; its `lifecycle`.
    pub(super) fn stopped(&self) -> Value {
        Self::last_event(&self.stdout).unwrap_or_else(|| panic!("no last event: {self:#?}"))
    }

    /// The last line of standard error, which must be the event `lifecycle.stopped`; its `lifecycle`.
    pub(super) fn last_words(&self) -> Value {
        Self::last_event(&self.stderr).unwrap_or_else(|| panic!("no last words: {self:#?}"))
    }

    fn last_event(lines: &[String]) -> Option<Value> {
        let mut event = event(lines.last()?)?;
        (event["event"]["action"] == "lifecycle.stopped").then(|| event["lifecycle"].take())
    }

    /// The names of all events on standard output, in their order.
    pub(super) fn actions(&self) -> Vec<String> {
        let events = self.stdout.iter().filter_map(|line| event(line));
        events
            .filter_map(|event| Some(event["event"]["action"].as_str()?.to_owned()))
            .collect()
    }

    /// Whether standard output says that the pool was closed, which a hook does.
    pub(super) fn closed_the_pool(&self) -> bool {
        self.stdout
            .iter()
            .any(|line| line.contains("the pool is closed"))
    }
}

fn event(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok()
}
