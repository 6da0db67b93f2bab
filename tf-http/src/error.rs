//! What keeps a service from listening.

use std::fmt;
use std::io;

use thiserror::Error as Derive;

use crate::listener::AddressError;

/// Why no socket listens: one problem or several.
///
/// It shows variables by name and addresses, but no other text of the environment.
///
/// # Examples
///
/// ```
/// use tf_http::{ErrorKind, Listener};
///
/// let error = Listener::from_vars("http", [("LISTEN", "8080"), ("PORT", "http")]).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Variable);
/// assert_eq!(error.exit_code(), 78);
/// assert_eq!(
///     error.to_string(),
///     "`LISTEN`: a port alone needs a colon: `:8080`; `PORT`: expected an integer from 0 to 65535",
/// );
/// ```
#[derive(Debug)]
pub struct Error(Vec<Problem>);

/// The class of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A variable has a text that names no place to listen at.
    Variable,
    /// Sockets were passed, but none that serves.
    Inherited,
    /// Another process listens there.
    InUse,
    /// The system refuses.
    Refused,
}

#[derive(Debug, Derive)]
pub(crate) enum Problem {
    #[error("`{variable}`: {reason}")]
    Address {
        variable: &'static str,
        reason: AddressError,
    },
    #[error("`PORT`: expected an integer from 0 to 65535{hint}")]
    Port { hint: &'static str },
    #[error("`{variable}` is no valid Unicode")]
    Unicode { variable: &'static str },
    #[error("the variables of passed sockets (`LISTEN_PID`, `LISTEN_FDS`) are malformed")]
    Malformed,
    #[error("{what} is not open, or is no listening socket for streams")]
    NoListener { what: String },
    #[error(
        "{count} sockets were passed ({names}), none with the name `{name}`; set `FileDescriptorName={name}`"
    )]
    NoSuchName {
        name: String,
        names: String,
        count: usize,
    },
    #[error("cannot listen on {address}: the address is in use by another process")]
    InUse { address: String },
    #[error("cannot listen on {address}: {what}")]
    Refused {
        address: String,
        what: &'static str,
        source: Option<io::Error>,
    },
}

impl Error {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        debug_assert!(!problems.is_empty(), "an error has a problem");
        Self(problems)
    }

    /// The class of the first problem.
    pub fn kind(&self) -> ErrorKind {
        match &self.0[0] {
            Problem::Address { .. } | Problem::Port { .. } | Problem::Unicode { .. } => {
                ErrorKind::Variable
            }
            Problem::Malformed | Problem::NoListener { .. } | Problem::NoSuchName { .. } => {
                ErrorKind::Inherited
            }
            Problem::InUse { .. } => ErrorKind::InUse,
            Problem::Refused { .. } => ErrorKind::Refused,
        }
    }

    /// The exit code for a process that ends because of this: 78 where the configuration is wrong, 69 where the address
    /// cannot be had.
    pub fn exit_code(&self) -> u8 {
        match self.kind() {
            ErrorKind::Variable | ErrorKind::Inherited => 78,
            ErrorKind::InUse | ErrorKind::Refused => 69,
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::new(vec![problem])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.iter().find_map(std::error::Error::source)
    }
}
