//! What a probe finds out about one endpoint.

use std::fmt;

/// What answered at an endpoint, if anything.
///
/// `Display` gives a fragment that reads after "is": `ready`, `not ready: starting or stopping`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The service speaks its protocol and takes work.
    Ready,
    /// The service speaks its protocol, but wants credentials or encryption before it says more.
    Reachable,
    /// The service says why it takes no work, or does not answer at all.
    NotReady(Reason),
    /// Something else listens.
    WrongProtocol(Looks),
    /// The port wants TLS, which the locator does not ask for.
    TlsRequired,
    /// Nothing listens, or the way to it is closed.
    Refused,
    /// No complete answer in time.
    Timeout,
    /// The host name has no address.
    Dns,
}

impl Outcome {
    /// Returns whether the service itself answered: `Ready` or `Reachable`.
    pub fn is_reachable(self) -> bool {
        matches!(self, Self::Ready | Self::Reachable)
    }

    /// Returns whether waiting alone cannot make it better, as far as one answer can tell.
    pub fn is_final(self) -> bool {
        match self {
            Self::WrongProtocol(_) | Self::TlsRequired => true,
            Self::NotReady(reason) => reason.is_final(),
            _ => false,
        }
    }

    /// The place in a line from the best to the worst.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Ready => 0,
            Self::Reachable => 1,
            Self::NotReady(reason) if !reason.is_final() => 2,
            Self::Timeout => 3,
            Self::Refused => 4,
            Self::Dns => 5,
            Self::NotReady(_) => 6,
            Self::TlsRequired => 7,
            Self::WrongProtocol(_) => 8,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Reachable => f.write_str("reachable"),
            Self::NotReady(reason) => write!(f, "not ready: {reason}"),
            Self::WrongProtocol(looks) => write!(f, "of another protocol: {looks}"),
            Self::TlsRequired => f.write_str("only reachable with TLS"),
            Self::Refused => f.write_str("refusing connections"),
            Self::Timeout => f.write_str("not answering in time"),
            Self::Dns => f.write_str("unknown to DNS"),
        }
    }
}

/// Why a service that answers, or should, takes no work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It starts, stops, loads or recovers.
    Starting,
    /// It has as many connections as it takes.
    Full,
    /// It runs a script or a command that blocks everything else.
    Busy,
    /// It says that it cannot serve now, or that what it depends on is away.
    Unavailable,
    /// It takes no connections from this host.
    Denied,
    /// It refuses the locator's credentials.
    Credentials,
    /// The locator asks for TLS, and the service does not offer it.
    NoTls,
    /// It hangs up without a word.
    Closed,
    /// A file, or the folder that it belongs in, does not exist.
    Missing,
    /// There is no endpoint that a probe can connect to.
    NoEndpoint,
}

impl Reason {
    /// Returns whether waiting alone cannot help: `Credentials`, `NoTls`, `NoEndpoint`.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Credentials | Self::NoTls | Self::NoEndpoint)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Starting => "starting or stopping",
            Self::Full => "too many connections",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Denied => "takes no connections from this host",
            Self::Credentials => "refuses the credentials",
            Self::NoTls => "does not offer TLS",
            Self::Closed => "hangs up without an answer",
            Self::Missing => "the file is missing",
            Self::NoEndpoint => "no endpoint to probe",
        })
    }
}

/// What an answer of another protocol looked like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Looks {
    /// HTTP/1.
    Http,
    /// An SSH server.
    Ssh,
    /// A mail relay, or FTP, which greets alike.
    Smtp,
    /// AMQP of any version.
    Amqp,
    /// NATS.
    Nats,
    /// Redis or Valkey.
    Redis,
    /// TLS.
    Tls,
    /// MySQL or MariaDB.
    MySql,
    /// PostgreSQL.
    Postgres,
    /// MQTT.
    Mqtt,
    /// Memcached.
    Memcached,
    /// Nothing that this crate knows.
    Unknown,
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Http => "looks like HTTP",
            Self::Ssh => "looks like SSH",
            Self::Smtp => "looks like SMTP or FTP",
            Self::Amqp => "looks like AMQP",
            Self::Nats => "looks like NATS",
            Self::Redis => "looks like Redis",
            Self::Tls => "looks like TLS",
            Self::MySql => "looks like MySQL",
            Self::Postgres => "looks like PostgreSQL",
            Self::Mqtt => "looks like MQTT",
            Self::Memcached => "looks like Memcached",
            Self::Unknown => "looks like nothing known",
        })
    }
}
