//! Opens a connection to an endpoint.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{self, TcpStream};
use tokio::time::{Instant, timeout_at};

use super::outcome::{Outcome, Reason};
use super::protocol::Verdict;
use crate::host::Endpoint;

/// Both halves of a connection.
pub(super) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// Connects, or says what that attempt tells.
pub(super) async fn connect(
    endpoint: &Endpoint,
    deadline: Instant,
) -> Result<Box<dyn Connection>, Verdict> {
    match endpoint {
        Endpoint::Tcp { host, port } => tcp(host, *port, deadline).await,
        Endpoint::Unix(path) => unix(path.as_os_str(), deadline).await,
        // A leading NUL is how Linux, and tokio, write such a name.
        Endpoint::Abstract(name) => unix(format!("\0{name}").as_ref(), deadline).await,
        Endpoint::Srv { .. } => {
            Err(Verdict::not_ready(Reason::NoEndpoint).detail("SRV records are not looked up"))
        }
    }
}

async fn tcp(host: &str, port: u16, deadline: Instant) -> Result<Box<dyn Connection>, Verdict> {
    let addresses = resolve(host, port, deadline).await?;
    let mut last = Verdict::of(Outcome::Dns);
    for (n, address) in addresses.iter().enumerate() {
        // One address that swallows packets must not take the time of the others.
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - n).unwrap_or(u32::MAX);
        match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(Box::new(stream)),
            Ok(Err(error)) => last = refused(&error),
            Err(_) => last = Verdict::of(Outcome::Timeout).detail("connecting"),
        }
    }
    Err(last)
}

async fn resolve(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, Verdict> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    match timeout_at(deadline, net::lookup_host((host, port))).await {
        Ok(Ok(addresses)) => Ok(addresses.collect()),
        Ok(Err(_)) => Err(Verdict::of(Outcome::Dns)),
        Err(_) => Err(Verdict::of(Outcome::Dns).detail("no answer in time")),
    }
}

#[cfg(unix)]
async fn unix(path: &std::ffi::OsStr, deadline: Instant) -> Result<Box<dyn Connection>, Verdict> {
    match timeout_at(deadline, net::UnixStream::connect(path)).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(refused(&error)),
        Err(_) => Err(Verdict::of(Outcome::Timeout).detail("connecting")),
    }
}

#[cfg(not(unix))]
#[expect(clippy::unused_async, reason = "the same shape as on Unix")]
async fn unix(_: &std::ffi::OsStr, _: Instant) -> Result<Box<dyn Connection>, Verdict> {
    Err(Verdict::not_ready(Reason::NoEndpoint).detail("no Unix sockets on this system"))
}

fn refused(error: &io::Error) -> Verdict {
    let detail = match error.kind() {
        ErrorKind::TimedOut => return Verdict::of(Outcome::Timeout).detail("connecting"),
        ErrorKind::ConnectionRefused => return Verdict::of(Outcome::Refused),
        ErrorKind::NotFound => "no such socket",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "no route",
        ErrorKind::InvalidInput => "not the path of a socket",
        _ => "the connection fails",
    };
    Verdict::of(Outcome::Refused).detail(detail)
}
