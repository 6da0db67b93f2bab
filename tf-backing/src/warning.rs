//! What is allowed but probably not meant.

use std::fmt;

/// Something in a locator that is allowed but probably not meant.
///
/// Like an error it holds nothing of the text; `Display` is a sentence for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Warning {
    /// An AMQP locator ends in `/`, which asks for the vhost with the empty name.
    EmptyVhost,
    /// The connection is encrypted, but the server's certificate is not verified by request.
    UnverifiedTls,
    /// A user name that the service only reads together with a password.
    UserWithoutPassword,
    /// A path where this kind of service has none.
    IgnoredPath,
    /// An option replaces a part that is written too.
    ReplacedPart,
    /// An option that the kind's own clients do not know.
    UnknownOption,
    /// A value that the kind's own clients ignore.
    IgnoredValue,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyVhost => {
                "the URL ends in `/`, which asks for the vhost with the empty name; drop the slash \
                 or write /%2F for the default vhost"
            }
            Self::UnverifiedTls => "the server's certificate is not verified",
            Self::UserWithoutPassword => {
                "a user name without a password is ignored; a lone password is written `:password@`"
            }
            Self::IgnoredPath => "the path is ignored",
            Self::ReplacedPart => "an option replaces a part that is written before it",
            Self::UnknownOption => "an option that the clients of this service do not know",
            Self::IgnoredValue => "the value of an option is ignored",
        })
    }
}
