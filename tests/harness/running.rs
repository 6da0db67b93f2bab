//! A process that a test talks with while it runs.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

const LIMIT: Duration = Duration::from_secs(30);

/// A running process; whichever of its streams the command declares as piped are at hand. Dropping
/// it ends the process.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    /// Lines of standard output.
    pub stdout: Lines,
    /// Lines of standard error.
    pub stderr: Lines,
}

impl Running {
    /// Starts it. The command is consumed, so that no descriptor given to it stays open here.
    ///
    /// # Panics
    ///
    /// Panics if it cannot be started.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => panic!("{command:?} does not start: {error}"),
        };
        Self {
            stdin: child.stdin.take(),
            stdout: Lines::of(child.stdout.take()),
            stderr: Lines::of(child.stderr.take()),
            child,
        }
    }

    /// Writes an empty line to its standard input.
    ///
    /// # Panics
    ///
    /// Panics if nobody reads it.
    pub fn nudge(&mut self) {
        self.write("\n");
    }

    /// Writes a text to its standard input.
    ///
    /// # Panics
    ///
    /// Panics if nobody reads it.
    pub fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is a pipe");
        stdin.write_all(text.as_bytes()).expect("the process reads");
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends a signal.
    ///
    /// # Panics
    ///
    /// Panics if the process has been waited for.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is there");
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// Panics if it does not end in half a minute; it is killed then.
    #[must_use]
    pub fn wait(mut self) -> ExitStatus {
        let begin = std::time::Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                return status;
            }
            assert!(begin.elapsed() < LIMIT, "the process does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lines as they arrive, each waited for at most half a minute.
#[derive(Debug)]
pub struct Lines(Receiver<String>);

impl Lines {
    /// Reads from now on, on a thread of its own. Nothing to read from is the end of all lines.
    ///
    /// # Panics
    ///
    /// The thread panics at anything but UTF-8, which then looks like the end.
    #[must_use]
    pub fn of(from: Option<impl Read + Send + 'static>) -> Self {
        let (sender, lines) = mpsc::channel();
        if let Some(from) = from {
            thread::spawn(move || {
                for line in BufReader::new(from).lines() {
                    if sender.send(line.expect("the output is UTF-8")).is_err() {
                        return;
                    }
                }
            });
        }
        Self(lines)
    }
}

impl Iterator for Lines {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        match self.0.recv_timeout(LIMIT) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing arrived in {LIMIT:?}"),
        }
    }
}
