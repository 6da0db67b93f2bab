//! A server as a process of its own.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::app::HELLO;

/// Longer than anything that is not stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// A plain request for the short answer.
pub const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n";

/// A running server, killed when dropped.
#[derive(Debug)]
pub struct Server {
    process: std::process::Child,
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

/// This binary in another role.
pub fn this_binary() -> Command {
    Command::new(std::env::current_exe().expect("the path of this binary is known"))
}

impl Server {
    /// Starts the contestant and waits until it has answered a request.
    pub fn start(contestant: &str, workers: usize) -> Self {
        Self::run(this_binary(), "serve", contestant, workers)
    }

    /// As [`Server::start`], with a program before this binary, or another role.
    pub fn run(mut command: Command, role: &str, contestant: &str, workers: usize) -> Self {
        let mut process = command
            .args([role, contestant])
            .env_clear()
            .env("TOKIO_WORKER_THREADS", workers.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let stdout = process.stdout.take().expect("stdout is a pipe");
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        read.expect("a server says its port");
        let port = line.trim().parse();
        let mut pipe = process.stderr.take().expect("stderr is a pipe");
        let read = move || {
            let mut text = Vec::new();
            // What came before an error is there.
            let _ = pipe.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        };
        let server = Self {
            process,
            stderr: Some(thread::spawn(read)),
            port: port.unwrap_or_else(|_| panic!("{contestant} said {line:?} for its port")),
        };
        assert!(is_answered(server.port), "{contestant} answers");
        server
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
        let read = |task: std::io::Result<std::fs::DirEntry>| {
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
        let count = self
            .stderr
            .lines()
            .find_map(|line| line.split_once("Collected : "))
            .and_then(|(_, count)| count.trim().parse().ok());
        count.unwrap_or_else(|| panic!("callgrind collected nothing:\n{}", self.stderr))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail after `end`.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Opens a connection; `None` where none can be had.
pub fn connect(port: u16) -> Option<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_nodelay(true).expect("TCP has this option");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a socket has timeouts");
    Some(stream)
}

/// Sends bytes over a connection of their own, which stays open.
pub fn send(port: u16, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(port).expect("a server listens");
    stream
        .write_all(bytes)
        .expect("a new connection takes bytes");
    stream
}

/// A whole response with status 200; `None` where the connection or the time ends before.
pub fn read_answer(stream: &mut TcpStream) -> Option<String> {
    let mut seen = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => seen.extend_from_slice(&buffer[..count]),
            Ok(0) | Err(_) => return None,
        }
        if seen.starts_with(b"HTTP/1.1 200") && seen.ends_with(HELLO.as_bytes()) {
            return String::from_utf8(seen).ok();
        }
    }
}

/// Whether a whole response comes.
pub fn has_answer(stream: &mut TcpStream) -> bool {
    read_answer(stream).is_some()
}

/// Whether a new connection gets an answer.
pub fn is_answered(port: u16) -> bool {
    has_answer(&mut send(port, REQUEST))
}

/// As [`is_answered`], within a time.
pub fn is_answered_within(port: u16, limit: Duration) -> bool {
    let mut stream = send(port, REQUEST);
    stream
        .set_read_timeout(Some(limit))
        .expect("a socket has timeouts");
    has_answer(&mut stream)
}
