//! What is wrong with a filter's text.

use std::fmt;

use crate::error::excerpt;

/// Every directive that cannot be used; never empty.
///
/// ```
/// let error = "inof,hyper=warning".parse::<tf_logs::Filter>().unwrap_err();
/// let found: Vec<_> = error.problems().iter().map(|p| (p.column(), p.suggestion())).collect();
/// assert_eq!(found, [(1, Some("info")), (6, Some("hyper=warn"))]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    problems: Vec<FilterProblem>,
}

impl FilterError {
    pub(super) fn new(problems: Vec<FilterProblem>) -> Self {
        debug_assert!(!problems.is_empty(), "an error without a problem");
        Self { problems }
    }

    /// Lists the directives that cannot be used, in the order of the text.
    #[must_use]
    pub fn problems(&self) -> &[FilterProblem] {
        &self.problems
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for FilterError {}

/// One directive that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterProblem {
    directive: String,
    column: usize,
    message: String,
    suggestion: Option<String>,
}

impl FilterProblem {
    pub(super) fn new(directive: &str, column: usize, fault: Fault) -> Self {
        Self {
            directive: excerpt(directive),
            column,
            message: fault.message,
            suggestion: fault.suggestion,
        }
    }

    /// Gives the directive; a long one is cut, control characters are escaped.
    #[must_use]
    pub fn directive(&self) -> &str {
        &self.directive
    }

    /// Counts the characters up to the directive's first one, which for the first directive is 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// Says what is wrong and what is expected.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Gives the directive that was probably meant.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for FilterProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            directive,
            column,
            message,
            suggestion,
        } = self;
        write!(f, "`{directive}` at column {column}: {message}")?;
        match suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}

/// A problem without its place.
#[derive(Debug)]
pub(super) struct Fault {
    message: String,
    suggestion: Option<String>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            suggestion: None,
        }
    }

    /// Adds what was probably meant; a later guess is the better one.
    pub(super) fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion.map(|text| excerpt(&text)).or(self.suggestion);
        self
    }
}
