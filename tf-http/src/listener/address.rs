//! Where to listen, as text.

use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

/// Port that is bound when nothing names one.
pub(crate) const DEFAULT_PORT: u16 = 5000;

/// A place to listen at: the value of the variable `LISTEN`.
///
/// | text | place |
/// |---|---|
/// | `:8080`, `*:8080` | every address of the host, IPv6 and IPv4 |
/// | `127.0.0.1:8080`, `[::1]:8080` | this address |
/// | `localhost:8080` | the first address of the name that can be bound |
/// | `/run/orders.sock`, `./orders.sock` | a Unix socket |
/// | `unix:/run/orders.sock?mode=0660` | a Unix socket and the permissions of its file |
/// | `fd:0` | the listening socket that was passed as descriptor 0 |
///
/// Port 0 lets the system choose.
///
/// # Examples
///
/// ```
/// use tf_http::Address;
///
/// let address: Address = "127.0.0.1:8080".parse()?;
/// assert_eq!(address.to_string(), "127.0.0.1:8080");
/// assert!("8080".parse::<Address>().unwrap_err().to_string().contains("`:8080`"));
/// # Ok::<(), tf_http::AddressError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address(pub(crate) Place);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// Every address of the host.
    Any {
        port: u16,
    },
    Host {
        host: String,
        port: u16,
    },
    Unix {
        path: PathBuf,
        mode: Option<u32>,
    },
    /// Descriptor 0.
    Standard,
}

/// Why a text names no place to listen at.
///
/// The text itself is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct AddressError(Reason);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum Reason {
    #[error("it is empty; expected `host:port`, `:port` or the path of a Unix socket")]
    Empty,
    #[error("a port alone needs a colon: `:{0}`")]
    BarePort(u16),
    #[error("the port is missing; expected `host:port`")]
    NoPort,
    #[error("the port is no integer from 0 to 65535")]
    Port,
    #[error("an IPv6 address stands in brackets: `[::1]:8080`")]
    Brackets,
    #[error("the host is neither an IP address nor a host name")]
    Host,
    #[error("it is a URL; expected `host:port` without a scheme")]
    Url,
    #[error("the path of the Unix socket is missing")]
    NoPath,
    #[error("the path of the Unix socket is longer than the 107 bytes that the system takes")]
    LongPath,
    #[error("`mode` takes an octal number up to 0777")]
    Mode,
    #[error("after the path only `?mode=0660` and its like may stand")]
    Option,
    #[error("only descriptor 0 can be named; others are passed by `LISTEN_FDS`")]
    Descriptor,
}

impl Address {
    /// Every address of the host, IPv6 and IPv4, at this port.
    pub fn any(port: u16) -> Self {
        Self(Place::Any { port })
    }

    pub(super) fn host(host: String, port: u16) -> Self {
        Self(Place::Host { host, port })
    }

    /// A Unix socket at this path.
    pub fn unix(path: impl AsRef<Path>) -> Self {
        Self(Place::Unix {
            path: path.as_ref().to_owned(),
            mode: None,
        })
    }
}

impl Default for Address {
    /// Port 5000 of every address.
    fn default() -> Self {
        Self::any(DEFAULT_PORT)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Any { port } => write!(f, "[::]:{port}"),
            Place::Host { host, port } => write!(f, "{host}:{port}"),
            Place::Unix { path, mode: None } => {
                let is_bare = is_bare_path(path.as_os_str().as_bytes());
                let scheme = if is_bare { "" } else { "unix:" };
                write!(f, "{scheme}{}", path.display())
            }
            Place::Unix {
                path,
                mode: Some(mode),
            } => write!(f, "unix:{}?mode={mode:04o}", path.display()),
            Place::Standard => f.write_str("fd:0"),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        parse(text).map(Self).map_err(AddressError)
    }
}

fn parse(text: &str) -> Result<Place, Reason> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    if let Some(number) = text.strip_prefix("fd:") {
        return match number {
            "0" => Ok(Place::Standard),
            _ => Err(Reason::Descriptor),
        };
    }
    if is_bare_path(text.as_bytes()) {
        return path(text, None);
    }
    if let Some(rest) = text.strip_prefix("unix:") {
        return unix(rest);
    }
    if text.contains("://") {
        return Err(Reason::Url);
    }
    tcp(text)
}

/// Whether a path needs no scheme to be seen as one.
fn is_bare_path(text: &[u8]) -> bool {
    [&b"/"[..], b"./", b"../"]
        .iter()
        .any(|start| text.starts_with(start))
}

fn unix(text: &str) -> Result<Place, Reason> {
    let Some((place, options)) = text.split_once('?') else {
        return path(text, None);
    };
    let octal = options.strip_prefix("mode=").ok_or(Reason::Option)?;
    match u32::from_str_radix(octal, 8) {
        Ok(mode) if mode <= 0o777 && octal.starts_with(|first: char| first.is_ascii_digit()) => {
            path(place, Some(mode))
        }
        _ => Err(Reason::Mode),
    }
}

fn path(text: &str, mode: Option<u32>) -> Result<Place, Reason> {
    /// `sun_path` of unix(7) without its final NUL.
    const LIMIT: usize = 107;
    match text.len() {
        0 => Err(Reason::NoPath),
        1..=LIMIT => Ok(Place::Unix {
            path: text.into(),
            mode,
        }),
        _ => Err(Reason::LongPath),
    }
}

fn tcp(text: &str) -> Result<Place, Reason> {
    if let Ok(port) = text.parse() {
        return Err(Reason::BarePort(port));
    }
    let (host, port) = text.rsplit_once(':').ok_or(Reason::NoPort)?;
    if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
        return Err(Reason::Brackets);
    }
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port
        .parse()
        .ok()
        .filter(|_| is_number)
        .ok_or(Reason::Port)?;
    if matches!(host, "" | "*" | "[::]") {
        return Ok(Place::Any { port });
    }
    let is_address = match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(inside) => inside.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_host_name(host),
    };
    match is_address {
        true => Ok(Place::Host {
            host: host.to_owned(),
            port,
        }),
        false => Err(Reason::Host),
    }
}

fn is_host_name(host: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    host.bytes().all(is_part)
}
