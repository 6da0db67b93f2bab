//! Keeps one process of a server, which ends with the test process.

use std::io::Write;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::place::Place;

/// A running server under `keeper.sh`.
///
/// A static is never dropped and a killed process drops nothing, so the server hangs on a pipe: the
/// system closes it in every case.
pub(super) struct Keeper {
    shell: Child,
}

impl Keeper {
    /// Starts what `add` adds to the command line.
    pub(super) fn start(place: &Place, discard: &str, add: fn(&Place, &mut Command)) -> Self {
        let mut command = place.command("bash");
        command.args(["-c", include_str!("keeper.sh"), "keeper", discard]);
        add(place, &mut command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match command.spawn() {
            Ok(shell) => Self { shell },
            Err(error) => panic!("bash does not start: {error}"),
        }
    }

    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.shell.try_wait().expect("the shell can be waited for")
    }

    /// Sends the server a signal and waits for its end; after 30 seconds it is discarded.
    pub(super) fn end(mut self, signal: &str) {
        const LIMIT: Duration = Duration::from_secs(30);
        let pipe = self.shell.stdin.as_mut().expect("stdin is a pipe");
        // The pipe is broken when the server has ended by itself.
        let told = writeln!(pipe, "{signal}");
        let started = Instant::now();
        while self.ended().is_none() {
            assert!(
                started.elapsed() < LIMIT,
                "a server goes on {LIMIT:?} after {signal} ({told:?})"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().expect("the shell can be waited for");
    }
}
