//! Why a lifecycle stops.

use std::borrow::Cow;
use std::fmt;

use crate::signals::{Origin, Signal};

/// Says why a lifecycle stops. The first one counts; later ones are in [`Report::also`](crate::Report::also).
///
/// | reason | exit code |
/// |---|---|
/// | signal, hang-up, request, ended task | 0 |
/// | failed task, failed start | 1 |
/// | panicked task | 101 |
/// | a start that is impossible here | its own |
///
/// # Examples
///
/// ```
/// use tf_shutdown::Reason;
///
/// let reason = Reason::Requested("migration done".into());
/// assert_eq!(reason.to_string(), "requested: migration done");
/// assert_eq!(reason.exit_code(), 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "kind", content = "detail", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Reason {
    /// A signal arrived.
    Signal {
        /// Which one.
        signal: Signal,
        /// Who sent it; known with the feature `origin`.
        origin: Option<Origin>,
    },
    /// The terminal is gone (SIGHUP).
    Hangup,
    /// The program asked for it, with a word on why.
    Requested(Cow<'static, str>),
    /// An essential task returned an error.
    TaskFailed {
        /// The task's name.
        name: Cow<'static, str>,
        /// The error's text.
        error: String,
    },
    /// An essential task panicked.
    TaskPanicked {
        /// The task's name.
        name: Cow<'static, str>,
        /// The panic's text.
        message: String,
    },
    /// An essential task ended without an error.
    TaskEnded {
        /// The task's name.
        name: Cow<'static, str>,
    },
    /// The setup returned an error.
    StartupFailed {
        /// The error's text.
        error: String,
    },
    /// The setup found that the service cannot start here, as when what it needs is not there.
    CannotStart {
        /// What is in the way.
        error: String,
        /// The exit code that says so, such as 69.
        code: u8,
    },
}

impl Reason {
    /// A stable word for the kind of reason, such as `signal` or `task_failed`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Signal { .. } => "signal",
            Self::Hangup => "hangup",
            Self::Requested(_) => "requested",
            Self::TaskFailed { .. } => "task_failed",
            Self::TaskPanicked { .. } => "task_panicked",
            Self::TaskEnded { .. } => "task_ended",
            Self::StartupFailed { .. } => "startup_failed",
            Self::CannotStart { .. } => "cannot_start",
        }
    }

    /// The exit code that this reason alone leads to.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::TaskFailed { .. } | Self::StartupFailed { .. } => 1,
            Self::TaskPanicked { .. } => 101,
            Self::CannotStart { code, .. } => *code,
            _ => 0,
        }
    }

    /// Who sent the signal, if that was the reason and the sender is known.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        match self {
            Self::Signal { origin, .. } => *origin,
            _ => None,
        }
    }

    /// The signal, if that was the reason.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        match self {
            Self::Signal { signal, .. } => Some(*signal),
            Self::Hangup => Some(Signal::Hup),
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal {
                signal,
                origin: Some(origin),
            } => write!(f, "{signal} from {origin}"),
            Self::Signal {
                signal,
                origin: None,
            } => write!(f, "{signal}"),
            Self::Hangup => f.write_str("hang-up of the terminal"),
            Self::Requested(text) => write!(f, "requested: {text}"),
            Self::TaskFailed { name, error } => write!(f, "task `{name}` failed: {error}"),
            Self::TaskPanicked { name, message } => write!(f, "task `{name}` panicked: {message}"),
            Self::TaskEnded { name } => write!(f, "task `{name}` ended"),
            Self::StartupFailed { error } => write!(f, "setup failed: {error}"),
            Self::CannotStart { error, .. } => write!(f, "cannot start: {error}"),
        }
    }
}

impl From<&'static str> for Reason {
    fn from(text: &'static str) -> Self {
        Self::Requested(Cow::Borrowed(text))
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self::Requested(Cow::Owned(text))
    }
}
