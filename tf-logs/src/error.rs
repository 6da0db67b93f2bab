//! What keeps logs from being set up.

use std::fmt;

use crate::filter::FilterError;

/// Everything that keeps the logs from being set up; never empty.
///
/// `Display` and `Debug` write all problems in one line. Only the value at fault is shown, never
/// that of another variable.
///
/// ```
/// use tf_logs::ErrorKind;
///
/// let vars = [("RUST_LOG", "inof"), ("LOG_FORMAT", "jsno")];
/// let error = tf_logs::builder("orders").from_vars(vars).build().unwrap_err();
/// let kinds: Vec<_> = error.problems().iter().map(|problem| problem.kind()).collect();
/// assert_eq!(kinds, [ErrorKind::Filter, ErrorKind::Format]);
/// assert!(error.to_string().contains("did you mean `info`?"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    problems: Vec<Problem>,
}

impl Error {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        debug_assert!(!problems.is_empty(), "an error without a problem");
        Self { problems }
    }

    /// Lists what is wrong.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::new(vec![Problem::new(fault)])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    variable: Option<&'static str>,
    fault: Fault,
}

impl Problem {
    pub(crate) fn new(fault: Fault) -> Self {
        Self::at(None, fault)
    }

    pub(crate) fn at(variable: Option<&'static str>, fault: Fault) -> Self {
        Self { variable, fault }
    }

    /// Says what class of problem it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.fault {
            Fault::Filter(_) => ErrorKind::Filter,
            Fault::Format(_) => ErrorKind::Format,
            Fault::Stream(_) => ErrorKind::Stream,
            Fault::NotUnicode => ErrorKind::NotUnicode,
            Fault::NoName => ErrorKind::NoName,
            Fault::EventBytes { .. } => ErrorKind::EventBytes,
            Fault::SubscriberSet => ErrorKind::SubscriberSet,
            #[cfg(feature = "log")]
            Fault::LoggerSet => ErrorKind::LoggerSet,
            Fault::Panicking => ErrorKind::Panicking,
        }
    }

    /// Names the environment variable that holds the value, if it comes from one.
    #[must_use]
    pub fn variable(&self) -> Option<&'static str> {
        self.variable
    }

    /// Gives the details of a filter that cannot be used.
    #[must_use]
    pub fn filter(&self) -> Option<&FilterError> {
        match &self.fault {
            Fault::Filter(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(variable) = self.variable {
            write!(f, "`{variable}`: ")?;
        }
        fmt::Display::fmt(&self.fault, f)
    }
}

/// The class of a [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The filter cannot be used.
    Filter,
    /// The format is none that exists.
    Format,
    /// The stream is none that exists.
    Stream,
    /// The variable's value is not UTF-8.
    NotUnicode,
    /// The service has no name.
    NoName,
    /// The size limit of a line is too low for a line.
    EventBytes,
    /// The process has a global `tracing` subscriber already, perhaps by an earlier `init`.
    SubscriberSet,
    /// The process has a logger of the crate `log` already.
    LoggerSet,
    /// The thread is panicking, so that no panic hook can be set.
    Panicking,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    Filter(FilterError),
    #[error("{0}")]
    Format(ChoiceError),
    #[error("{0}")]
    Stream(ChoiceError),
    #[error("not UTF-8")]
    NotUnicode,
    #[error("the service has no name; pass one, or set `SERVICE_NAME` and read the environment")]
    NoName,
    #[error("a limit of {given} bytes is too low for an event; expected at least {least}")]
    EventBytes { given: usize, least: usize },
    #[error("a global tracing subscriber is already set; call `init` once, or use `layer`")]
    SubscriberSet,
    #[cfg(feature = "log")]
    #[error("a logger of the crate `log` is already set; remove it, `init` brings its own")]
    LoggerSet,
    #[error("the thread is panicking; no panic hook can be set now")]
    Panicking,
}

/// A word that is none of those expected.
///
/// ```
/// use tf_logs::Format;
///
/// let error = "jsn".parse::<Format>().unwrap_err();
/// assert_eq!(error.to_string(), "`jsn` is unknown; expected `auto`, `json` or `pretty`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceError {
    found: String,
    expected: &'static [&'static str],
}

impl ChoiceError {
    pub(crate) fn new(found: &str, expected: &'static [&'static str]) -> Self {
        Self {
            found: excerpt(found),
            expected,
        }
    }

    /// Lists the words that are known.
    #[must_use]
    pub fn expected(&self) -> &'static [&'static str] {
        self.expected
    }
}

impl fmt::Display for ChoiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is unknown; expected ", self.found)?;
        for (index, word) in self.expected.iter().enumerate() {
            let separator = match self.expected.len() - index {
                _ if index == 0 => "",
                1 => " or ",
                _ => ", ",
            };
            write!(f, "{separator}`{word}`")?;
        }
        Ok(())
    }
}

impl std::error::Error for ChoiceError {}

/// A piece of input as an error shows it: in one line, without control characters, not too long.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .flat_map(|c| match c.is_control() {
            true => c.escape_default().collect::<Vec<_>>(),
            false => vec![c],
        })
        .collect();
    if text.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}
