use std::io;

/// Why there is no checklist.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Problem);

/// What kind of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The profile is wrong, or cannot be read.
    Profile,
    /// The program cannot be started at all.
    Program,
    /// The harness broke: no folder, no port, no thread.
    Harness,
    /// It was told to stop before it was done.
    Interrupted,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("the profile `{path}` has {}", listed(.problems))]
    Profile { path: String, problems: Vec<String> },
    #[error("the profile `{path}` cannot be read")]
    Unreadable { path: String, source: io::Error },
    #[error("the program `{path}` cannot be started: {why}")]
    Program { path: String, why: String },
    #[error("{doing} does not work")]
    Harness { doing: String, source: io::Error },
    #[error("interrupted by signal {0}")]
    Interrupted(i32),
}

fn listed(problems: &[String]) -> String {
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    problems
        .iter()
        .fold(count + ":", |text, problem| format!("{text}\n  {problem}"))
}

impl Error {
    /// What kind of trouble it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self.0 {
            Problem::Profile { .. } | Problem::Unreadable { .. } => ErrorKind::Profile,
            Problem::Program { .. } => ErrorKind::Program,
            Problem::Harness { .. } => ErrorKind::Harness,
            Problem::Interrupted(_) => ErrorKind::Interrupted,
        }
    }

    /// The mistakes in the profile, all of them; empty for other kinds.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        match &self.0 {
            Problem::Profile { problems, .. } => problems,
            _ => &[],
        }
    }

    /// The exit code of `tf-check`: 2 for the profile and the program, 70 for the harness, 128 and the signal.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.0 {
            Problem::Interrupted(signal) => u8::try_from(128 + signal).unwrap_or(130),
            Problem::Harness { .. } => 70,
            _ => 2,
        }
    }
}

impl Problem {
    /// For `map_err`: what the harness was doing.
    pub(crate) fn harness(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Harness {
            doing: doing.into(),
            source,
        }
    }
}
