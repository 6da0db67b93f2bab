//! The system calls. Nothing here goes through the buffers and locks of the standard library.

use std::fmt;
use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::{Errno, write};

/// POSIX's `PIPE_BUF`: up to here a write to a pipe is done as a whole or not at all.
pub(super) const PIPE_BUF: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// An open descriptor.
#[derive(Debug)]
pub(super) enum Target {
    Stdout,
    Stderr,
    #[cfg(test)]
    Owned(std::os::fd::OwnedFd),
}

impl AsFd for Target {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stdout => rustix::stdio::stdout(),
            Self::Stderr => rustix::stdio::stderr(),
            #[cfg(test)]
            Self::Owned(fd) => fd.as_fd(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            #[cfg(test)]
            Self::Owned(_) => "the descriptor",
        })
    }
}

/// How to write so that a reader who does not read costs no more than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// `pwritev2` with `RWF_NOWAIT`: `EAGAIN` instead of waiting, for this one call. `O_NONBLOCK`
    /// would do the same to every process that shares the open file.
    #[cfg(target_os = "linux")]
    NoWait,
    /// `poll`, then no more than surely fits: for kernels whose pipes or sockets lack `RWF_NOWAIT`.
    Poll,
    /// `write`, for what does not stall (files, terminals), and for those who want to wait.
    Plain,
}

impl Way {
    /// For those who must not wait. The kernel says whether it takes the flag when the first line
    /// is written.
    #[cfg(target_os = "linux")]
    pub(super) fn bounded(_: BorrowedFd<'_>) -> Self {
        Self::NoWait
    }

    /// For those who must not wait.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn bounded(fd: BorrowedFd<'_>) -> Self {
        Self::without_flag(fd)
    }

    /// What remains where the kernel refuses `RWF_NOWAIT`.
    pub(super) fn without_flag(fd: BorrowedFd<'_>) -> Self {
        if can_stall(fd) {
            Self::Poll
        } else {
            Self::Plain
        }
    }

    /// Whether it may answer `EAGAIN` although the descriptor is in blocking mode.
    pub(super) fn is_bounded(self) -> bool {
        self != Self::Plain
    }

    /// Whether two threads may write at once. Between `poll` and `write` another one could take the
    /// room.
    pub(super) fn is_one_call(self) -> bool {
        self != Self::Poll
    }

    /// Whether the kernel does not know it, for this descriptor.
    pub(super) fn is_refused(self, error: Errno) -> bool {
        let flag_is_unknown = [Errno::OPNOTSUPP, Errno::NOSYS, Errno::PERM, Errno::INVAL];
        #[cfg(target_os = "linux")]
        let has_flag = self == Self::NoWait;
        #[cfg(not(target_os = "linux"))]
        let has_flag = false;
        has_flag && flag_is_unknown.contains(&error)
    }

    /// One try.
    pub(super) fn write(self, fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize, Errno> {
        match self {
            #[cfg(target_os = "linux")]
            Self::NoWait => {
                use rustix::io::{ReadWriteFlags, pwritev2};
                let bytes = [std::io::IoSlice::new(bytes)];
                // This offset stands for the current position, which a pipe does not have.
                pwritev2(fd, &bytes, u64::MAX, ReadWriteFlags::NOWAIT)
            }
            Self::Poll => {
                if !is_writable(fd, Some(Duration::ZERO))? {
                    return Err(Errno::AGAIN);
                }
                write(fd, &bytes[..bytes.len().min(PIPE_BUF)])
            }
            Self::Plain => write(fd, bytes),
        }
    }
}

fn file_type(fd: BorrowedFd<'_>) -> Option<FileType> {
    fstat(fd)
        .ok()
        .map(|stat| FileType::from_raw_mode(stat.st_mode))
}

pub(super) fn is_pipe(fd: BorrowedFd<'_>) -> bool {
    file_type(fd) == Some(FileType::Fifo)
}

/// Whether there is a reader who may stop to read. A stopped terminal has one too, but its user
/// wants it so.
pub(super) fn can_stall(fd: BorrowedFd<'_>) -> bool {
    matches!(file_type(fd), Some(FileType::Fifo | FileType::Socket))
}

/// Waits until a write can do something: take bytes, or fail. `None` is without limit.
pub(super) fn is_writable(fd: BorrowedFd<'_>, limit: Option<Duration>) -> Result<bool, Errno> {
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(
            &mut [PollFd::from_borrowed_fd(fd, PollFlags::OUT)],
            left.as_ref(),
        ) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes to standard error, if that takes it at once.
pub(super) fn complain(words: fmt::Arguments<'_>) {
    let mut text = [0; 256];
    let mut rest = &mut text[..];
    // What does not fit is cut.
    let _ = rest.write_fmt(words);
    let left = rest.len();
    let fd = rustix::stdio::stderr();
    if is_writable(fd, Some(Duration::ZERO)) == Ok(true) {
        let _ = write(fd, &text[..text.len() - left]);
    }
}
