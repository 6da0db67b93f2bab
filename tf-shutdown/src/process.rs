//! The only door to the process: variables, ids, inherited signal state, standard error, the end.

use std::ffi::OsString;
use std::fs;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::signals::Signal;

pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

pub(crate) fn pid() -> u32 {
    std::process::id()
}

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

pub(crate) fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// The signals that were ignored or blocked when this was called, as bits: bit 0 is signal 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inherited {
    ignored: u64,
    blocked: u64,
}

impl Inherited {
    /// Asks the kernel; where it does not tell, nothing is ignored or blocked.
    pub(crate) fn read() -> Self {
        // The thread's own file: the mask of blocked signals belongs to a thread.
        let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        Self::from_status(&status)
    }

    #[cfg(test)]
    pub(crate) fn ignoring_all() -> Self {
        Self {
            ignored: u64::MAX,
            blocked: 0,
        }
    }

    fn from_status(status: &str) -> Self {
        let mask = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            u64::from_str_radix(line.trim(), 16).ok()
        };
        Self {
            ignored: mask("SigIgn:").unwrap_or(0),
            blocked: mask("SigBlk:").unwrap_or(0),
        }
    }

    pub(crate) fn ignores(self, signal: i32) -> bool {
        self.ignored & bit(signal) != 0
    }

    pub(crate) fn blocks(self, signal: i32) -> bool {
        self.blocked & bit(signal) != 0
    }
}

fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// Composes a text and writes it to standard error by a helper thread, which is left alone after
/// `patience`: the reader of a full pipe may never come back.
///
/// The descriptor is a copy, so that a thread that hangs in `eprintln!` with its lock does not matter.
pub(crate) fn write_stderr(text: impl FnOnce() -> String + Send + 'static, patience: Duration) {
    let Ok(descriptor) = io::stderr().as_fd().try_clone_to_owned() else {
        return;
    };
    let (done, is_done) = mpsc::channel();
    let writer = thread::Builder::new().name("tf-last-words".to_owned());
    let started = writer.spawn(move || {
        // A closed reader is no reason to do anything else.
        let written = File::from(descriptor).write_all(text().as_bytes());
        let _ = done.send(written.is_ok());
    });
    if started.is_ok() {
        let _ = is_done.recv_timeout(patience);
    }
}

/// Ends the process at once: no destructors, no handlers of the C library.
pub(crate) fn end(code: i32) -> ! {
    signal_hook::low_level::exit(code)
}

/// Ends the process as the system would have by this signal.
///
/// The kernel drops signals with their default action for process 1, so there a code says it.
pub(crate) fn end_by(signal: Signal) {
    if pid() != 1 {
        let _ = signal_hook::low_level::emulate_default_handler(signal.number());
    }
    end(i32::from(signal.exit_code()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_masks_of_the_kernel_are_read() {
        let status = "Name:\tx\nSigBlk:\t0000000000004000\nSigIgn:\t0000000000001006\nSigCgt:\t0\n";
        let inherited = Inherited::from_status(status);
        let ignored: Vec<i32> = (1..=32)
            .filter(|signal| inherited.ignores(*signal))
            .collect();
        assert_eq!(ignored, [2, 3, 13]);
        assert!(inherited.blocks(15) && !inherited.blocks(2));
    }

    #[test]
    fn a_kernel_that_does_not_tell_ignores_nothing() {
        for status in ["", "SigIgn:\tx\n", "SigIgn\n"] {
            assert_eq!(Inherited::from_status(status), Inherited::default());
        }
    }
}
