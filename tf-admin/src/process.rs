//! The one door to the process: variables, arguments, streams, signals and the clock.

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::task::{Context, Poll};
use std::time::SystemTime;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::audit::JsonAudit;
use crate::env::Env;
use crate::interrupts::Interrupt;
use crate::io::Io;

impl Env {
    /// Takes the variables of the process, its number and the name of the machine.
    pub fn from_env() -> Self {
        let host = rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned();
        Self::from_vars(std::env::vars_os())
            .host(host)
            .pid(std::process::id())
    }
}

impl Io {
    /// Takes the streams of the process, and its SIGINT and SIGTERM while a task runs.
    ///
    /// A signal that the process was started to ignore stays ignored.
    pub fn process() -> Self {
        Self::from_process(
            io::stdin(),
            io::stdin().is_terminal(),
            io::stderr().is_terminal(),
            io::stdout(),
            io::stderr(),
        )
    }
}

/// The words of the command line after the program's name, and after `admin` if it comes first.
pub(crate) fn arguments() -> impl Iterator<Item = OsString> {
    let mut arguments = std::env::args_os().skip(1).peekable();
    arguments.next_if(|word| word == "admin");
    arguments
}

/// Whether a variable has a value.
pub(crate) fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// Writes a line about a panic, at a time when nothing else can be relied on.
pub(crate) fn complain(line: &str) {
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// The audit of a program that has no other place for it.
pub(crate) fn audit() -> JsonAudit {
    JsonAudit::with_writer(io::stderr())
}

/// The signals of the process that end a run.
#[derive(Debug)]
pub(crate) struct Signals {
    int: Option<Signal>,
    term: Option<Signal>,
}

impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        let ignored = ignored();
        let listen = |kind: SignalKind| {
            let is_ignored = ignored >> (kind.as_raw_value() - 1) & 1 == 1;
            (!is_ignored).then(|| signal(kind)).transpose()
        };
        Ok(Self {
            int: listen(SignalKind::interrupt())?,
            term: listen(SignalKind::terminate())?,
        })
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Interrupt> {
        for (signal, interrupt) in [
            (&mut self.term, Interrupt::Term),
            (&mut self.int, Interrupt::Int),
        ] {
            if let Some(signal) = signal {
                if signal.poll_recv(cx).is_ready() {
                    return Poll::Ready(interrupt);
                }
            }
        }
        Poll::Pending
    }
}

/// The signals that the process ignores since it was started, a bit each; none where /proc cannot tell.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}
