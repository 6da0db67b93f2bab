//! Why a text is not a locator, told without a byte of it.

use std::convert::Infallible;
use std::fmt;

/// Why a text is not a locator, without a byte of that text.
///
/// Safe to log, print and wrap: it holds a class of mistake, the part it is in, a position and a
/// fixed hint.
///
/// ```
/// use tf_backing::{Locator, ParseErrorKind, Part};
///
/// let error = Locator::parse("mysql://app:pa#ss@db/orders").unwrap_err();
/// assert_eq!(error.kind(), ParseErrorKind::Unencoded);
/// assert_eq!(error.part(), Part::Password);
/// assert_eq!(error.to_string(), "unencoded `#` in the password at byte 14; write %23");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseError {
    problem: Problem,
    part: Part,
    at: Option<usize>,
    hint: &'static str,
}

impl ParseError {
    pub(crate) fn new(problem: Problem, part: Part, at: usize, hint: &'static str) -> Self {
        Self {
            problem,
            part,
            at: Some(at),
            hint,
        }
    }

    /// A locator whose kind is not the one asked for.
    pub(crate) fn wrong_kind(hint: &'static str) -> Self {
        Self::new(Problem::WrongKind, Part::Scheme, 0, hint).unplaced()
    }

    /// Drops the position, for text that the caller has never seen.
    pub(crate) fn unplaced(self) -> Self {
        Self { at: None, ..self }
    }

    /// Returns the class of the mistake.
    pub fn kind(&self) -> ParseErrorKind {
        self.problem.kind()
    }

    /// Returns the part of the locator that holds the mistake.
    pub fn part(&self) -> Part {
        self.part
    }

    /// Returns the byte offset of the mistake.
    ///
    /// `None` for values that did not come as one text.
    pub fn at(&self) -> Option<usize> {
        self.at
    }

    /// Returns what to write instead, or an empty text.
    pub fn hint(&self) -> &'static str {
        self.hint
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.problem)?;
        if self.problem.is_inside_a_part() {
            write!(f, " in the {}", self.part)?;
        }
        if let Some(at) = self.at {
            write!(f, " at byte {at}")?;
        }
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for ParseError {}

impl From<Infallible> for ParseError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The class of a [`ParseError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There is no text.
    Empty,
    /// The text is longer than 65,536 bytes.
    TooLong,
    /// The text does not start with `scheme://`.
    MissingScheme,
    /// No kind of service has this scheme.
    UnknownScheme,
    /// The service is of another kind than the caller takes.
    WrongKind,
    /// A character that ends a part stands in it without an escape.
    Unencoded,
    /// A `%` is not followed by two hexadecimal digits.
    BadEscape,
    /// The escapes of a part do not decode to UTF-8.
    NotUtf8,
    /// A NUL, a control character or white space.
    BadCharacter,
    /// No host, where the kind needs one.
    MissingHost,
    /// A host that cannot be one.
    InvalidHost,
    /// A port that is not a number from 1 to 65535.
    InvalidPort,
    /// More hosts than the kind takes.
    TooManyHosts,
    /// Parts that contradict each other.
    Conflict,
    /// A database, vhost or bucket that cannot be one.
    InvalidResource,
    /// An option whose value decides something and is not one of those known.
    InvalidOption,
    /// A part that this kind of service does not have.
    UnexpectedPart,
}

/// The part of a locator that a [`ParseError`] speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The whole text.
    Text,
    /// What stands before `://`.
    Scheme,
    /// The user name.
    Username,
    /// The password.
    Password,
    /// A host name, an address or a socket.
    Host,
    /// A port.
    Port,
    /// The path: a database, a vhost, a bucket.
    Resource,
    /// An option, after the `?`.
    Option,
    /// What stands after `#`.
    Fragment,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Scheme => "scheme",
            Self::Username => "user name",
            Self::Password => "password",
            Self::Host => "host",
            Self::Port => "port",
            Self::Resource => "path",
            Self::Option => "options",
            Self::Fragment => "fragment",
        })
    }
}

/// Every sentence this crate says about a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("no text")]
    Empty,
    #[error("text of more than 65536 bytes")]
    TooLong,
    #[error("missing scheme")]
    MissingScheme,
    #[error("scheme without `//` after it")]
    MissingSlashes,
    #[error("unknown scheme")]
    UnknownScheme,
    #[error("service of another kind")]
    WrongKind,
    #[error("unencoded `{0}`")]
    Unencoded(char),
    #[error("`%` without two hexadecimal digits after it")]
    BadEscape,
    #[error("escapes that are not UTF-8")]
    NotUtf8,
    #[error("NUL byte")]
    Nul,
    #[error("control character")]
    Control,
    #[error("white space")]
    Space,
    #[error("missing host")]
    MissingHost,
    #[error("character that no host has")]
    HostCharacter,
    #[error("`[` without an IPv6 address and `]` after it")]
    Brackets,
    #[error("socket, which this kind of service has not,")]
    SocketHost,
    #[error("host given as a socket path, which needs an empty host")]
    SocketWithHost,
    #[error("text that is no port number")]
    Port,
    #[error("more than one host")]
    TooManyHosts,
    #[error("port, where DNS names it")]
    SrvPort,
    #[error("address or socket, where DNS needs a name,")]
    SrvName,
    #[error("numbers of hosts and ports that differ")]
    PortCount,
    #[error("hosts with different credentials")]
    Credentials,
    #[error("hosts with different schemes")]
    Schemes,
    #[error("options that contradict each other")]
    Options,
    #[error("database that is not a number")]
    DatabaseNumber,
    #[error("more than one segment")]
    Segments,
    #[error("character that no database name has")]
    DatabaseCharacter,
    #[error("no bucket name")]
    Bucket,
    #[error("value that this option does not take")]
    OptionValue,
    #[error("option without `=`")]
    OptionWithoutValue,
    #[error("option given more than once")]
    OptionTwice,
    #[error("unexpected fragment")]
    Fragment,
    #[error("unexpected user information")]
    UserInfo,
}

impl Problem {
    fn kind(self) -> ParseErrorKind {
        use ParseErrorKind as K;
        match self {
            Self::Empty => K::Empty,
            Self::TooLong => K::TooLong,
            Self::MissingScheme | Self::MissingSlashes => K::MissingScheme,
            Self::UnknownScheme => K::UnknownScheme,
            Self::WrongKind => K::WrongKind,
            Self::Unencoded(_) => K::Unencoded,
            Self::BadEscape => K::BadEscape,
            Self::NotUtf8 => K::NotUtf8,
            Self::Nul | Self::Control | Self::Space => K::BadCharacter,
            Self::MissingHost => K::MissingHost,
            Self::HostCharacter
            | Self::Brackets
            | Self::SocketHost
            | Self::SocketWithHost
            | Self::SrvName => K::InvalidHost,
            Self::Port | Self::SrvPort => K::InvalidPort,
            Self::TooManyHosts => K::TooManyHosts,
            Self::PortCount | Self::Credentials | Self::Schemes | Self::Options => K::Conflict,
            Self::DatabaseNumber | Self::Segments | Self::DatabaseCharacter | Self::Bucket => {
                K::InvalidResource
            }
            Self::OptionValue | Self::OptionWithoutValue | Self::OptionTwice => K::InvalidOption,
            Self::Fragment | Self::UserInfo => K::UnexpectedPart,
        }
    }

    /// Whether the sentence needs "in the …" to say where.
    fn is_inside_a_part(self) -> bool {
        matches!(
            self,
            Self::Unencoded(_)
                | Self::BadEscape
                | Self::NotUtf8
                | Self::Nul
                | Self::Control
                | Self::Space
                | Self::Segments
                | Self::SocketHost
                | Self::SrvName
                | Self::OptionValue
                | Self::OptionWithoutValue
                | Self::Options
        )
    }
}
