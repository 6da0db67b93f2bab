//! What is wrong with a registry.

use std::fmt;

/// All that is wrong with the declaration of a registry and its tasks.
///
/// A test that builds the registry finds these; they never depend on arguments or surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    problems: Vec<Problem>,
}

impl Error {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// Returns every problem, in the order of declaration; there is at least one.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index > 0 { "\n" } else { "" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// One mistake in the declaration of a registry or a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    kind: ProblemKind,
    task: String,
    text: String,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, task: &str, text: String) -> Self {
        Self {
            kind,
            task: task.to_owned(),
            text,
        }
    }

    /// Returns the class of the mistake.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Returns the name of the task, which is empty for a mistake of the registry.
    #[must_use]
    pub fn task(&self) -> &str {
        &self.task
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The classes of mistakes in a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A name is empty, too long, or has a character that not every shell and store takes.
    BadName,
    /// A name is one of the registry's own commands.
    ReservedName,
    /// Two tasks or aliases have the same name.
    DuplicateName,
    /// A code is outside 3 to 63, declared twice, or has no name.
    BadCode,
    /// An argument has the name of another one or of a global option.
    ArgumentConflict,
    /// A secret argument is not declared in a way that can hide it.
    BadSecret,
    /// A task asks for single flight, and nothing can lock.
    NoLock,
    /// The parts of the registry were given in an order that cannot work.
    Order,
}
