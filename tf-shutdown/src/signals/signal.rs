//! The signals that the crate can take, and who sent one.

use std::fmt;

use signal_hook::consts;

/// Names a signal that the lifecycle can be told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Signal {
    /// SIGTERM: a process manager asks for the end.
    Term,
    /// SIGINT: Ctrl-C, or a platform that stops with it.
    Int,
    /// SIGQUIT: Ctrl-\; taken only by [`SignalsBuilder::quit`](crate::SignalsBuilder::quit).
    Quit,
    /// SIGHUP: the terminal is gone.
    Hup,
    /// SIGUSR1: taken only by [`SignalsBuilder::on_signal`](crate::SignalsBuilder::on_signal).
    Usr1,
    /// SIGUSR2: taken only by [`SignalsBuilder::on_signal`](crate::SignalsBuilder::on_signal).
    Usr2,
}

impl Signal {
    pub(crate) const ALL: [Self; 6] = [
        Self::Term,
        Self::Int,
        Self::Quit,
        Self::Hup,
        Self::Usr1,
        Self::Usr2,
    ];

    /// The system's number.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Term => consts::SIGTERM,
            Self::Int => consts::SIGINT,
            Self::Quit => consts::SIGQUIT,
            Self::Hup => consts::SIGHUP,
            Self::Usr1 => consts::SIGUSR1,
            Self::Usr2 => consts::SIGUSR2,
        }
    }

    /// The name, such as `SIGTERM`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Term => "SIGTERM",
            Self::Int => "SIGINT",
            Self::Quit => "SIGQUIT",
            Self::Hup => "SIGHUP",
            Self::Usr1 => "SIGUSR1",
            Self::Usr2 => "SIGUSR2",
        }
    }

    /// What a shell calls an end by this signal.
    pub(crate) fn exit_code(self) -> u8 {
        u8::try_from(self.number()).map_or(u8::MAX, |number| number.saturating_add(128))
    }

    pub(crate) fn from_number(number: i32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|signal| signal.number() == number)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Signal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Says which process sent a signal; known with the feature `origin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Origin {
    /// The sender's process id; 0 when it is not visible in this pid namespace.
    pub pid: i32,
    /// The sender's real user id.
    pub uid: u32,
}

impl Origin {
    /// Describes a sender; for tests of what a service makes of it.
    #[must_use]
    pub fn new(pid: i32, uid: u32) -> Self {
        Self { pid, uid }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {}, uid {}", self.pid, self.uid)
    }
}
