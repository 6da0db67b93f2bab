//! What is wrong with a configuration: all of it, by name, without a secret.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::report;

/// Everything that keeps a configuration from being used; never empty.
///
/// `Display` writes a report for people, over several lines; `Debug` writes the same, so that a
/// `main` that returns it stays readable. `Serialize` writes `{"problems": […], "warnings": […]}`.
/// No form holds the value or a parser's text about it for a field that is `secret`.
///
/// ```
/// use tf_config::{Config, ProblemKind};
///
/// #[derive(Config)]
/// struct Settings {
///     port: u16,
///     host: String,
/// }
///
/// let error = Settings::from_vars([("PORT", "eighty")]).err().unwrap();
/// let found: Vec<_> = error.problems().iter().map(|p| (p.variable(), p.kind())).collect();
/// assert_eq!(found, [("PORT", ProblemKind::Invalid), ("HOST", ProblemKind::Missing)]);
/// ```
#[derive(Clone)]
pub struct Error {
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

impl Error {
    pub(crate) fn new(problems: Vec<Problem>, warnings: Vec<Warning>) -> Self {
        debug_assert!(!problems.is_empty(), "an error without a problem");
        Self { problems, warnings }
    }

    /// Lists what is wrong, in the order of declaration.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Lists what else was noticed.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        report::write(f, &self.problems, &self.warnings)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Error", 2)?;
        object.serialize_field("problems", &self.problems)?;
        object.serialize_field("warnings", &self.warnings)?;
        object.end()
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    kind: ProblemKind,
    variable: String,
    field: String,
    message: String,
    expected: String,
    doc: &'static str,
    hint: Option<String>,
}

impl Problem {
    /// Makes a problem of a source of your own, such as a vault that does not answer.
    ///
    /// The words are shown as they are: they must not hold a secret.
    pub fn new(kind: ProblemKind, variable: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            variable: variable.into(),
            field: String::new(),
            message: message.into(),
            expected: String::new(),
            doc: "",
            hint: None,
        }
    }

    pub(crate) fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    pub(crate) fn of_field(mut self, field: String, doc: &'static str) -> Self {
        self.field = field;
        self.doc = doc;
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        self.hint = match self.hint.take() {
            Some(earlier) => Some(format!("{earlier}\n{hint}")),
            None => Some(hint),
        };
        self
    }

    /// Says what class of problem it is.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Names the variable; for a `.env` file, the file and the line.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Names the field in the code, such as `mail.host`; empty where no field is concerned.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Says what is wrong, in one line that does not repeat the variable.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Says what a right value looks like; empty where that is no matter of values.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// Gives the first line of the field's doc comment.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        self.doc
    }

    /// Says what to do about it, in one or more lines.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variable.is_empty() {
            write!(f, "`{}`: ", self.variable)?;
        }
        f.write_str(&self.message)
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Problem", 6)?;
        object.serialize_field("kind", self.kind.code())?;
        object.serialize_field("variable", &self.variable)?;
        object.serialize_field("field", &self.field)?;
        object.serialize_field("message", &self.message)?;
        object.serialize_field("expected", &self.expected)?;
        object.serialize_field("hint", &self.hint)?;
        object.end()
    }
}

macro_rules! kinds {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $kind:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $kind,)*
        }

        impl $name {
            /// Gives the stable code for machines, such as `missing`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)*
                }
            }
        }
    };
}

kinds! {
    /// The class of a [`Problem`].
    ProblemKind {
        /// A required variable is not set.
        Missing = "missing",
        /// A required variable is set to nothing, or to white space alone.
        Empty = "empty",
        /// The value is not UTF-8.
        NotUnicode = "not_unicode",
        /// The value is not of the type.
        Invalid = "invalid",
        /// The value is of the type, but outside its range.
        OutOfRange = "out_of_range",
        /// The program's own check refused the value or the whole.
        Rejected = "rejected",
        /// Both `NAME` and `NAME_FILE` are set.
        BothSet = "both_set",
        /// The file that `NAME_FILE` names cannot be used.
        File = "file",
        /// A `.env` file, or a line of it, cannot be used.
        Dotenv = "dotenv",
        /// The program's own default is not a value of the type.
        Default = "default",
        /// The field's type cannot be read from one variable.
        Unsupported = "unsupported",
        /// A source of the program's own failed.
        Source = "source",
    }
}

kinds! {
    /// The class of a [`Warning`].
    WarningKind {
        /// A variable is set but empty and was treated as not set.
        Empty = "empty",
        /// A deprecated name was used.
        Deprecated = "deprecated",
        /// More than one name of the same variable is set.
        Superseded = "superseded",
        /// A variable is set that nobody reads, and its name is near one that is not set.
        Unknown = "unknown",
        /// A secret ends in a newline, which is kept.
        TrailingNewline = "trailing_newline",
        /// The name is set more than once in the same place.
        Repeated = "repeated",
    }
}

/// Something noticed that does not keep the configuration from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    kind: WarningKind,
    variable: String,
    message: String,
}

impl Warning {
    pub(crate) fn new(kind: WarningKind, variable: String, message: impl Into<String>) -> Self {
        Self {
            kind,
            variable,
            message: message.into(),
        }
    }

    /// Says what class of warning it is.
    #[must_use]
    pub fn kind(&self) -> WarningKind {
        self.kind
    }

    /// Names the variable as it is set.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Says what was noticed, in one line that does not repeat the variable.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.variable, self.message)
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Warning", 3)?;
        object.serialize_field("kind", self.kind.code())?;
        object.serialize_field("variable", &self.variable)?;
        object.serialize_field("message", &self.message)?;
        object.end()
    }
}
