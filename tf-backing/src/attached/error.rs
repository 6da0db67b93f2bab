//! Why an attached resource was not found, with the place and without the value.

use std::error::Error;
use std::fmt;
use std::io;

use super::source::Origin;
use crate::error::ParseError;

/// Why an attached resource could not be had.
///
/// Names the place, never what stands there.
///
/// ```
/// use tf_backing::{Attached, AttachErrorKind, Locator};
///
/// let vars = [("DATABASE_URL", "mysql://app:pa#ss@db/orders")];
/// let error = Attached::from_vars(vars).var("DATABASE_URL").get::<Locator>().unwrap_err();
/// assert_eq!(error.kind(), AttachErrorKind::Invalid);
/// assert_eq!(
///     error.to_string(),
///     "`DATABASE_URL`: unencoded `#` in the password at byte 14; write %23"
/// );
/// ```
#[derive(Debug)]
pub struct AttachError {
    origin: Option<Origin>,
    cause: Cause,
}

impl AttachError {
    pub(super) fn new(origin: Option<Origin>, cause: Cause) -> Self {
        Self { origin, cause }
    }

    /// Returns the class of the mistake.
    pub fn kind(&self) -> AttachErrorKind {
        match self.cause {
            Cause::Missing(_) => AttachErrorKind::Missing,
            Cause::Invalid(_) | Cause::Empty | Cause::NotUtf8 => AttachErrorKind::Invalid,
            Cause::Unreadable(_) | Cause::Absent(_) => AttachErrorKind::Unreadable,
            #[cfg(feature = "vcap")]
            Cause::Malformed { .. } => AttachErrorKind::Invalid,
            #[cfg(feature = "vcap")]
            Cause::Several(_) => AttachErrorKind::Ambiguous,
            Cause::FileToo(_) | Cause::TwoPasswords => AttachErrorKind::Ambiguous,
            Cause::Incomplete(_) => AttachErrorKind::Incomplete,
        }
    }

    /// Returns the place; `None` if no place has anything.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Returns what is wrong with the locator, if that is it.
    pub fn parse_error(&self) -> Option<&ParseError> {
        match &self.cause {
            Cause::Invalid(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(origin) => write!(f, "{origin}: {}", self.cause),
            None => write!(f, "{}", self.cause),
        }
    }
}

impl Error for AttachError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}

/// The class of an [`AttachError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttachErrorKind {
    /// No place has it.
    Missing,
    /// What stands there is no locator of the kind asked for.
    Invalid,
    /// A file cannot be read.
    Unreadable,
    /// Two places where one is meant.
    Ambiguous,
    /// A part is there without the parts it needs.
    Incomplete,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("nothing is attached; expected {}", .0.join(", "))]
    Missing(Vec<String>),
    #[error("set but empty")]
    Empty,
    #[error("not UTF-8")]
    NotUtf8,
    #[error("the file cannot be read: {0}")]
    Unreadable(io::Error),
    /// With what is there of the path, in words.
    #[error("the file that it names does not exist{0}")]
    Absent(String),
    #[error("`{0}` is set too; unset one of them")]
    FileToo(String),
    #[error("set, but the URL has a password too; remove one of them")]
    TwoPasswords,
    #[error("`{0}` is missing")]
    Incomplete(String),
    #[cfg(feature = "vcap")]
    #[error("not a JSON object of lists of services (line {line}, column {column})")]
    Malformed { line: usize, column: usize },
    #[cfg(feature = "vcap")]
    #[error("several services match: {}; ask for one by name", .0.join(", "))]
    Several(Vec<String>),
    #[error("{0}")]
    Invalid(ParseError),
}
