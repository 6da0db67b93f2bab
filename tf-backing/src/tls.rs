//! Whether and how a connection is encrypted.

use std::fmt;

/// Whether and how connections to a service are encrypted.
///
/// Comes from the scheme (`rediss`), from the kind's own option (`sslmode=require`), or from what
/// the kind's clients do by default. `Display` gives one word, such as `on-verify-full`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tls {
    /// Plain text.
    Off,
    /// Encrypted if the server can, plain otherwise; nothing is verified.
    Opportunistic,
    /// Always encrypted.
    On {
        /// What is verified.
        verify: TlsVerify,
    },
    /// Plain at first, then encrypted on the same connection.
    StartTls {
        /// Whether a server that cannot encrypt is refused.
        required: bool,
    },
}

/// What is verified of a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsVerify {
    /// Nothing: whoever answers is believed.
    None,
    /// That a trusted authority signed it.
    Ca,
    /// That a trusted authority signed it for this host name.
    Full,
}

impl Tls {
    pub(crate) const FULL: Self = Self::On {
        verify: TlsVerify::Full,
    };
    pub(crate) const CA: Self = Self::On {
        verify: TlsVerify::Ca,
    };
    pub(crate) const UNVERIFIED: Self = Self::On {
        verify: TlsVerify::None,
    };

    /// Returns whether every byte of the service's protocol is sent encrypted.
    pub fn is_required(self) -> bool {
        matches!(self, Self::On { .. } | Self::StartTls { required: true })
    }
}

impl fmt::Display for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Off => "off",
            Self::Opportunistic => "opportunistic",
            Self::On { verify } => match verify {
                TlsVerify::None => "on-verify-none",
                TlsVerify::Ca => "on-verify-ca",
                TlsVerify::Full => "on-verify-full",
            },
            Self::StartTls { required: true } => "starttls",
            Self::StartTls { required: false } => "starttls-opportunistic",
        })
    }
}
