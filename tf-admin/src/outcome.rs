//! How a run can end, and with which code.

use std::fmt;

use serde::{Serialize, Serializer};

/// How a run ended: a closed list, as the audit has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The task finished; also help and lists. Code 0.
    Done,
    /// The task finished and found nothing to do. Code 0.
    NothingToDo,
    /// The task found its work done by an earlier run. Code 0.
    AlreadyDone,
    /// A dry run finished: no effect took place. Code 0.
    DryRun,
    /// The task ended with an error, code 1, or with a code of its own, 3 to 63.
    Failed,
    /// The command line is wrong; nothing was opened. Code 2.
    Usage,
    /// The configuration is invalid. Code 78.
    Config,
    /// Something the task needs cannot be reached. Code 69.
    Unavailable,
    /// A confirmation or reason is missing or wrong, or a destructive run could not be recorded. Code 77.
    Refused,
    /// Another run holds the lock. Code 75.
    Busy,
    /// Another run holds the lock, and `--skip-if-locked` was given. Code 0.
    Skipped,
    /// The lock was lost while the task ran. Code 76.
    LockLost,
    /// The deadline passed. Code 124.
    Timeout,
    /// A signal came before the task had finished. Code 130 or 143.
    Interrupted,
    /// A bug: a panic, or a code that the task does not declare. Code 70.
    Panic,
    /// The reader of stdout went away before the result was written. Code 141.
    ClosedPipe,
}

/// The codes of the outcomes; those from 64 to 78 are those of sysexits(3).
pub(crate) mod code {
    pub(crate) const DONE: u8 = 0;
    pub(crate) const FAILED: u8 = 1;
    pub(crate) const USAGE: u8 = 2;
    pub(crate) const UNAVAILABLE: u8 = 69;
    pub(crate) const BUG: u8 = 70;
    pub(crate) const BUSY: u8 = 75;
    pub(crate) const LOCK_LOST: u8 = 76;
    pub(crate) const REFUSED: u8 = 77;
    pub(crate) const CONFIG: u8 = 78;
    pub(crate) const TIMEOUT: u8 = 124;
    pub(crate) const SIGINT: u8 = 130;
    pub(crate) const SIGTERM: u8 = 143;
    pub(crate) const CLOSED_PIPE: u8 = 141;

    /// The codes that a task may declare.
    pub(crate) const OWN: std::ops::RangeInclusive<i32> = 3..=63;
}

impl Outcome {
    /// Returns the name that the audit uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NothingToDo => "nothing_to_do",
            Self::AlreadyDone => "already_done",
            Self::DryRun => "dry_run",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Skipped => "skipped",
            Self::LockLost => "lock_lost",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Panic => "panic",
            Self::ClosedPipe => "closed_pipe",
        }
    }

    /// Whether the code is 0.
    #[must_use]
    pub fn is_success(self) -> bool {
        self.code() == code::DONE
    }

    /// The code of this outcome, unless a task's own or a signal says more.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done | Self::NothingToDo | Self::AlreadyDone | Self::DryRun | Self::Skipped => {
                code::DONE
            }
            Self::Failed => code::FAILED,
            Self::Usage => code::USAGE,
            Self::Config => code::CONFIG,
            Self::Unavailable => code::UNAVAILABLE,
            Self::Refused => code::REFUSED,
            Self::Busy => code::BUSY,
            Self::LockLost => code::LOCK_LOST,
            Self::Timeout => code::TIMEOUT,
            Self::Interrupted => code::SIGTERM,
            Self::Panic => code::BUG,
            Self::ClosedPipe => code::CLOSED_PIPE,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What a task that came to its end has to say; `()` is [`Completion::Done`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Completion {
    /// The work is done.
    Done,
    /// There was nothing to do.
    NothingToDo,
    /// The work had been done before.
    AlreadyDone,
    /// The task ends with a code that it declared with [`TaskBuilder::code`](crate::TaskBuilder::code).
    Code(i32),
}

impl From<()> for Completion {
    fn from((): ()) -> Self {
        Self::Done
    }
}

/// An error that ends its task with a code that the task declared.
///
/// It is found anywhere in the chain of causes of the error that a task returns.
#[derive(Debug)]
pub struct ExitWith {
    code: i32,
    text: String,
}

impl ExitWith {
    /// Creates an error with one of the task's own codes and what there is to say.
    #[must_use]
    pub fn new(code: i32, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// Returns the code.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.code
    }
}

impl fmt::Display for ExitWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for ExitWith {}
