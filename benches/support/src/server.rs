//! A server as a process of its own.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::client::PATIENCE;
use crate::valgrind;

/// What a pipe holds.
const PIPE: usize = 64 * 1_024;

/// A running server, killed when dropped.
#[derive(Debug)]
pub struct Server {
    process: Child,
    stderr: Option<JoinHandle<String>>,
    /// Where it listens on the loopback.
    pub port: u16,
}

/// How a process ended.
#[derive(Debug)]
pub struct End {
    /// How long that took.
    pub after: Duration,
    /// `None` when it was killed, since it did not end.
    pub status: Option<ExitStatus>,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Server {
    /// Starts it and waits until it has written its address to stdout, on whatever line.
    pub fn start(mut command: Command) -> Self {
        Self::attach(spawn(&mut command))
    }

    pub(crate) fn attach(mut process: Child) -> Self {
        let stdout = process.stdout.take().expect("stdout is a pipe");
        let mut stdout = BufReader::with_capacity(PIPE, stdout);
        let port = port(&mut stdout);
        // It ends with the server.
        thread::spawn(move || io::copy(&mut stdout, &mut io::sink()));
        let mut pipe = process.stderr.take().expect("stderr is a pipe");
        let read = move || {
            let mut text = Vec::new();
            // What came before an error is there.
            let _ = pipe.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        };
        Self {
            process,
            stderr: Some(thread::spawn(read)),
            port,
        }
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    fn handle(&self) -> OwnedFd {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
        let id = id.expect("a child has a process id");
        pidfd_open(id, PidfdFlags::empty()).expect("Linux has handles of processes")
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        pidfd_send_signal(self.handle(), signal).expect("the child has not been waited for");
    }

    /// Stops all its threads where they are.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
        let start = Instant::now();
        while !self.is_paused() {
            assert!(start.elapsed() < PATIENCE, "a process stops");
            thread::yield_now();
        }
    }

    fn is_paused(&self) -> bool {
        self.tasks("stat").iter().all(|stat| {
            let state = stat.rsplit_once(") ").map(|(_, rest)| rest);
            state.is_some_and(|rest| rest.starts_with('T'))
        })
    }

    /// A file of each thread.
    fn tasks(&self, file: &str) -> Vec<String> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.id()));
        let tasks = tasks.expect("a child has threads");
        // A thread may end meanwhile.
        let read = |task: io::Result<std::fs::DirEntry>| {
            std::fs::read_to_string(task.ok()?.path().join(file)).ok()
        };
        tasks.filter_map(read).collect()
    }

    /// Processor time that its threads have had.
    pub fn busy(&self) -> Duration {
        let nanos = self.tasks("schedstat").into_iter().filter_map(|times| {
            let (running, _) = times.split_once(' ')?;
            running.parse::<u64>().ok()
        });
        Duration::from_nanos(nanos.sum())
    }

    /// The most bytes in memory so far.
    pub fn peak(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.id()));
        let text = text.expect("Linux tells the size");
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let size = line.and_then(|line| line.trim().strip_suffix(" kB"));
        1_024 * size.and_then(|size| size.parse().ok()).unwrap_or(0_u64)
    }

    /// Bytes in memory.
    pub fn resident(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/statm", self.id()));
        let text = text.expect("Linux tells the size");
        let pages = text.split(' ').nth(1).and_then(|pages| pages.parse().ok());
        4_096 * pages.unwrap_or(0_u64)
    }

    /// Sends a signal that ends it, and waits elsewhere; one that has not ended within the limit is killed.
    pub fn ask(self, signal: Signal, limit: Duration) -> Ending {
        let handle = self.handle();
        let start = Instant::now();
        self.signal(signal);
        Ending {
            handle,
            end: thread::spawn(move || self.end(start, limit)),
        }
    }

    fn end(mut self, start: Instant, limit: Duration) -> End {
        let handle = self.handle();
        let left = limit.saturating_sub(start.elapsed());
        let left = Timespec::try_from(left).expect("a limit is short");
        let mut handles = [PollFd::from_borrowed_fd(handle.as_fd(), PollFlags::IN)];
        let ended = poll(&mut handles, Some(&left)).expect("a process can be waited for") > 0;
        let after = start.elapsed();
        if !ended {
            self.process.kill().expect("a child can be killed");
        }
        let status = self.process.wait().expect("a child ends");
        let stderr = self.stderr.take().map(JoinHandle::join);
        End {
            after,
            status: ended.then_some(status),
            stderr: stderr.and_then(Result::ok).unwrap_or_default(),
        }
    }

    /// Asks it to end and waits.
    pub fn terminate(self) -> End {
        self.ask(Signal::TERM, PATIENCE).wait()
    }
}

/// A server that was asked to end.
#[derive(Debug)]
pub struct Ending {
    handle: OwnedFd,
    end: JoinHandle<End>,
}

impl Ending {
    /// Sends a further signal, in vain where it has ended.
    pub fn signal(&self, signal: Signal) {
        let _ = pidfd_send_signal(&self.handle, signal);
    }

    /// The end.
    pub fn wait(self) -> End {
        self.end.join().expect("the wait does not panic")
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = self.after.as_secs_f64();
        match self.status.map(|status| (status.code(), status.signal())) {
            None => f.write_str("did not end"),
            Some((Some(code), _)) => write!(f, "{after:.2} s, exit {code}"),
            Some((None, signal)) => write!(f, "{after:.2} s, signal {}", signal.unwrap_or(0)),
        }
    }
}

impl End {
    /// What callgrind counted.
    pub fn instructions(&self) -> u64 {
        valgrind::instructions(&self.stderr)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail after `end`.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn spawn(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"))
}

/// Reads until a line has the address.
fn port(stdout: &mut impl BufRead) -> u16 {
    let mut seen = String::new();
    loop {
        let from = seen.len();
        let read = stdout.read_line(&mut seen).expect("a server writes text");
        assert!(read > 0, "no address in {seen:?}");
        let port = seen[from..].split_once("127.0.0.1:").map(|(_, rest)| {
            let end = rest.find(|letter: char| !letter.is_ascii_digit());
            rest[..end.unwrap_or(rest.len())].parse()
        });
        if let Some(Ok(port)) = port {
            return port;
        }
    }
}
