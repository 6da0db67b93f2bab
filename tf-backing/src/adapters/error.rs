//! Why a driver cannot be given what a locator says, told without a value of it.

use std::fmt;

/// Why a driver cannot be given all that a locator says.
///
/// Safe to log: it holds fixed sentences and the name of an option that is known, never a value.
/// An option that nobody knows is told by its place, for its name may be a piece of a password
/// with an unencoded `&`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterError {
    kind: AdapterErrorKind,
    option: Option<Name>,
    text: &'static str,
}

/// How an option is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    Known(Box<str>),
    /// Counted from 1.
    Place(usize),
}

impl AdapterError {
    pub(super) fn new(kind: AdapterErrorKind, text: &'static str) -> Self {
        Self {
            kind,
            option: None,
            text,
        }
    }

    pub(super) fn option(kind: AdapterErrorKind, name: Name, text: &'static str) -> Self {
        Self {
            kind,
            option: Some(name),
            text,
        }
    }

    /// Returns what stands in the way.
    pub fn kind(&self) -> AdapterErrorKind {
        self.kind
    }

    /// Returns the option's name, in lower case and only if it is known.
    pub fn option_name(&self) -> Option<&str> {
        match &self.option {
            Some(Name::Known(name)) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for AdapterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.option {
            None => f.write_str(self.text),
            Some(Name::Known(name)) => write!(f, "option `{name}`: {}", self.text),
            Some(Name::Place(place)) => write!(f, "option number {place}: {}", self.text),
        }
    }
}

impl std::error::Error for AdapterError {}

/// The class of an [`AdapterError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdapterErrorKind {
    /// The driver's options have room for one host.
    SeveralHosts,
    /// The driver cannot connect to such a host.
    Host,
    /// The driver does not speak the protocol of this scheme.
    Scheme,
    /// The driver, or the features it is built with, would encrypt or verify less than asked for.
    Tls,
    /// The driver has no place for an option.
    Option,
    /// The driver takes the option, but not this value.
    OptionValue,
}
