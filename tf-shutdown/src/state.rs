//! The states of a lifecycle.

use std::fmt;

/// Names where a lifecycle stands; it only ever moves forward.
///
/// Aborting is not a state: it is a flag beside the state, see
/// [`Token::aborting`](crate::Token::aborting).
///
/// # Examples
///
/// ```
/// use tf_shutdown::State;
///
/// assert!(State::Running < State::Draining);
/// assert_eq!(State::LameDuck.to_string(), "lame_duck");
/// assert!(!State::LameDuck.is_stopping());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum State {
    /// The service sets itself up.
    Starting,
    /// The service said that it is [ready](crate::Lifecycle::ready).
    Running,
    /// Still accepts work, and tells everybody to go elsewhere.
    LameDuck,
    /// Takes in nothing new; what has arrived is still picked up.
    Intake,
    /// Waits for the work in flight; groups give out no guard.
    Draining,
    /// Closes resources: the hooks of [`Stage::Resources`](crate::Stage::Resources).
    Closing,
    /// Flushes telemetry: the hooks of [`Stage::Telemetry`](crate::Stage::Telemetry).
    Flushing,
    /// Nothing is left to do; the report is there.
    Done,
}

impl State {
    const ALL: [Self; 8] = [
        Self::Starting,
        Self::Running,
        Self::LameDuck,
        Self::Intake,
        Self::Draining,
        Self::Closing,
        Self::Flushing,
        Self::Done,
    ];

    /// The name in events and reports, such as `lame_duck`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::LameDuck => "lame_duck",
            Self::Intake => "intake",
            Self::Draining => "draining",
            Self::Closing => "closing",
            Self::Flushing => "flushing",
            Self::Done => "done",
        }
    }

    /// Whether nothing new is taken in: [`Intake`](Self::Intake) or later.
    #[must_use]
    pub fn is_stopping(self) -> bool {
        self >= Self::Intake
    }

    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_code(code: u8) -> Self {
        Self::ALL
            .get(usize::from(code))
            .copied()
            .unwrap_or(Self::Done)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
