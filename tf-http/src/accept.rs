//! Takes connections from a listening socket.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::time::{Instant, sleep};

use crate::listener::Socket;
use crate::traffic::Stream;

/// How long the first failure is waited out; each further one takes twice as long.
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(1);
/// How often the queue is asked again when the service stops: for 5 seconds.
const TRIES: u32 = 500;
/// Failures are logged at least this far apart.
const APART: Duration = Duration::from_secs(10);

/// A socket on the reactor of the current runtime.
#[derive(Debug)]
pub(crate) enum Acceptor {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A connection and where it comes from; Unix sockets have no such address.
pub(crate) type Accepted = (Stream, Option<SocketAddr>);

impl Acceptor {
    pub(crate) fn new(socket: Socket) -> io::Result<Self> {
        Ok(match socket {
            Socket::Tcp(socket) => Self::Tcp(TcpListener::from_std(socket)?),
            Socket::Unix(socket) => Self::Unix(UnixListener::from_std(socket)?),
        })
    }

    /// Takes the socket off the reactor.
    pub(crate) fn into_socket(self) -> io::Result<Socket> {
        Ok(match self {
            Self::Tcp(socket) => Socket::Tcp(socket.into_std()?),
            Self::Unix(socket) => Socket::Unix(socket.into_std()?),
        })
    }

    /// The next connection; failures are waited out and logged.
    ///
    /// Nothing is lost when it is dropped.
    pub(crate) async fn accept(&self, failures: &mut Failures) -> Accepted {
        loop {
            let accepted = poll_fn(|cx| match self {
                Self::Tcp(socket) => socket
                    .poll_accept(cx)
                    .map_ok(|(stream, peer)| from_tcp(stream, peer)),
                Self::Unix(socket) => socket
                    .poll_accept(cx)
                    .map_ok(|(stream, _)| (Stream::Unix(stream), None)),
            });
            match accepted.await {
                Ok(accepted) => {
                    failures.ended();
                    return accepted;
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => sleep(failures.count(&error)).await,
            }
        }
    }
}

fn from_tcp(stream: TcpStream, peer: SocketAddr) -> Accepted {
    // Small responses must not wait for the acknowledgement of earlier ones. A connection that
    // refuses the option is about to fail anyway.
    let _ = stream.set_nodelay(true);
    (Stream::Tcp(stream), Some(peer))
}

/// Takes what waits in the queue of the system right now, asking the kernel itself: the reactor may
/// not have heard of it yet. Where descriptors lack, connections that end give theirs back.
pub(crate) async fn accept_waiting(socket: &Socket) -> Option<Accepted> {
    let mut tries = 0;
    loop {
        let accepted = match socket {
            Socket::Tcp(socket) => socket.accept().and_then(|(stream, peer)| {
                stream.set_nonblocking(true)?;
                Ok(from_tcp(TcpStream::from_std(stream)?, peer))
            }),
            Socket::Unix(socket) => socket.accept().and_then(|(stream, _)| {
                stream.set_nonblocking(true)?;
                Ok((Stream::Unix(UnixStream::from_std(stream)?), None))
            }),
        };
        match accepted {
            Ok(accepted) => return Some(accepted),
            Err(error)
                if error.kind() == io::ErrorKind::Interrupted || is_of_one_connection(&error) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock || tries == TRIES => {
                return None;
            }
            Err(_) => {
                tries += 1;
                sleep(SHORTEST).await;
            }
        }
    }
}

/// Errors that a connection brought with it, as accept(2) lists them; the next one may be fine.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::TimedOut
    )
}

/// Failures of the socket in a row, such as too many open files.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    in_a_row: u32,
    /// Failures since the last line in the log, and when that was.
    untold: u64,
    told: Option<Instant>,
}

impl Failures {
    /// How long to wait before the next try.
    fn count(&mut self, error: &io::Error) -> Duration {
        self.untold += 1;
        if self.told.is_none_or(|told| told.elapsed() >= APART) {
            tracing::warn!(
                event.action = "listener.accept_failed",
                listener.failures = self.untold,
                error = %error,
                "connections cannot be accepted"
            );
            self.untold = 0;
            self.told = Some(Instant::now());
        }
        let pause = SHORTEST
            .saturating_mul(1 << self.in_a_row.min(16))
            .min(LONGEST);
        self.in_a_row += 1;
        pause
    }

    fn ended(&mut self) {
        self.in_a_row = 0;
    }
}
