//! What can be wrong before anything starts.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::time::Duration;

use super::{Budget, Timeout, TimeoutError};
use crate::report::Report;

/// Describes one thing that is wrong before the start: a variable, an option, or the system.
///
/// `Display` names it and says what was expected; a variable's text is never shown.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct Problem(#[from] Kind);

#[derive(Clone, Debug, thiserror::Error)]
enum Kind {
    #[error("`{name}`: {error}")]
    Duration {
        name: &'static str,
        error: TimeoutError,
    },
    #[error("`{0}`: it is not UTF-8; expected a duration such as 25s, 500ms or 1m30s")]
    NotUnicode(&'static str),
    #[error("`{0}`: a stop needs more than no time; expected a duration such as 25s")]
    Zero(&'static str),
    #[error("`{0}`: it is too long; at most 30 days make sense")]
    TooLong(&'static str),
    #[error(
        "`{name}`: {pre_stop} of pre-stop and {reserve} of reserve are more than the total of {total} \
         (from {source_of_total})"
    )]
    TooMuch {
        name: &'static str,
        pre_stop: Timeout,
        reserve: Timeout,
        total: Timeout,
        source_of_total: &'static str,
    },
    #[error("{what}: {text}")]
    System { what: &'static str, text: String },
    #[error("`on_signal({signal}, {state})`: {expected}")]
    OnSignal {
        signal: &'static str,
        state: &'static str,
        expected: &'static str,
    },
}

impl Problem {
    /// The variable or option that is wrong; nothing where the system is.
    #[must_use]
    pub fn subject(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Duration { name, .. } | Kind::TooMuch { name, .. } => Some(name),
            Kind::NotUnicode(name) | Kind::Zero(name) | Kind::TooLong(name) => Some(name),
            Kind::OnSignal { .. } => Some("on_signal"),
            Kind::System { .. } => None,
        }
    }

    pub(super) fn zero(name: &'static str) -> Self {
        Kind::Zero(name).into()
    }

    pub(super) fn too_long(name: &'static str) -> Self {
        Kind::TooLong(name).into()
    }

    pub(super) fn too_much(name: &'static str, budget: &Budget) -> Self {
        let kind = Kind::TooMuch {
            name,
            pre_stop: budget.pre_stop.into(),
            reserve: budget.reserve.into(),
            total: budget.total.into(),
            source_of_total: budget.source,
        };
        kind.into()
    }

    pub(crate) fn system(what: &'static str, error: &io::Error) -> Self {
        let text = error.to_string();
        Kind::System { what, text }.into()
    }

    pub(crate) fn on_signal(
        signal: &'static str,
        state: &'static str,
        expected: &'static str,
    ) -> Self {
        let kind = Kind::OnSignal {
            signal,
            state,
            expected,
        };
        kind.into()
    }
}

/// Reads the text of a variable; one that is empty counts as not set.
pub(super) fn duration(
    name: &'static str,
    value: Option<OsString>,
) -> Result<Option<Duration>, Problem> {
    let Some(value) = value else { return Ok(None) };
    let Some(text) = value.to_str() else {
        return Err(Kind::NotUnicode(name).into());
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let timeout: Result<Timeout, _> = text.parse();
    match timeout {
        Ok(timeout) => Ok(Some(timeout.into())),
        Err(error) => Err(Kind::Duration { name, error }.into()),
    }
}

/// Lists everything that is wrong before the start; at least one thing is.
///
/// `Display` has a line for each. As a [`Report`] it ends the process with 78.
#[derive(Clone, Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// What is wrong, that of the signals first.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        Self(problems)
    }
}

impl From<Problems> for Report {
    fn from(problems: Problems) -> Self {
        Self::refused(problems.0.iter().map(ToString::to_string).collect())
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not started:")?;
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
