//! The listening socket: inherited, or bound.

mod address;
mod bind;
mod choose;

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;

use socket2::{SockRef, Type};

pub use address::{Address, AddressError};
pub use bind::ListenerBuilder;
pub(crate) use bind::SocketFile;

use crate::error::{Error, Problem};
use address::Place;

/// A socket that listens, bound or inherited, before any runtime exists.
///
/// Connections that arrive from now on wait in the queue of the system until
/// [`serve`](crate::serve) accepts them. The file of a Unix socket that was bound here is removed
/// when the listener is dropped.
///
/// # Examples
///
/// ```
/// use tf_http::Listener;
///
/// let listener = Listener::from_vars("http", [("LISTEN", "127.0.0.1:0")])?;
/// assert_ne!(listener.port(), Some(0));
/// # Ok::<(), tf_http::Error>(())
/// ```
#[derive(Debug)]
pub struct Listener {
    pub(crate) socket: Socket,
    pub(crate) address: Address,
    origin: Origin,
    /// Other processes may take connections from the same port.
    pub(crate) is_shared: bool,
    pub(crate) file: Option<SocketFile>,
}

#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Socket {
    /// Lets no more than one new client wait for its turn, which is the least that Linux knows.
    pub(crate) fn end_queue(&self) {
        // A system that refuses keeps the queue that it has.
        let _ = self.as_ref().listen(0);
    }

    /// Takes that one place by a connection of our own; whether it was free.
    ///
    /// Who then comes is not let in, tries again, and is refused once the socket is closed; who waits in the queue at that
    /// moment is reset, and has lost a request.
    pub(crate) fn plug(&self) -> bool {
        let plug = || {
            let mut address = self.as_ref().local_addr()?;
            if let Some(mut inside) = address.as_socket() {
                match inside.ip() {
                    IpAddr::V4(ip) if ip.is_unspecified() => {
                        inside.set_ip(Ipv4Addr::LOCALHOST.into());
                    }
                    IpAddr::V6(ip) if ip.is_unspecified() => {
                        inside.set_ip(Ipv6Addr::LOCALHOST.into());
                    }
                    _ => {}
                }
                address = inside.into();
            }
            let plug = socket2::Socket::new(address.domain(), Type::STREAM, None)?;
            plug.set_nonblocking(true)?;
            // Within a machine it is done at once, or not at all.
            let _ = plug.connect(&address);
            plug.peer_addr()
        };
        // It keeps its place after its end.
        plug().is_ok()
    }

    fn as_ref(&self) -> SockRef<'_> {
        match self {
            Self::Tcp(socket) => SockRef::from(socket),
            Self::Unix(socket) => SockRef::from(socket),
        }
    }
}

/// How a process came to a [`Listener`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The process bound the address itself.
    Bound,
    /// A process manager or a parent process passed the socket.
    Inherited,
}

impl Listener {
    /// Takes the socket that the environment of this process names: the one called `name` among
    /// those passed by `LISTEN_FDS`, else that of `LISTEN`, else that of `PORT`, else port 5000.
    ///
    /// A passed socket is taken whatever its name is if it is the only one. Each passed socket is
    /// taken once in a process.
    ///
    /// # Errors
    ///
    /// Names each variable that cannot be understood, passed sockets none of which serves, or the
    /// address that cannot be bound.
    pub fn from_env(name: &str) -> Result<Self, Error> {
        choose::from_process(name)
    }

    /// Takes the socket called `name` that was passed to this process, as [`from_env`](Self::from_env) does, else that
    /// of this address, which somebody else has read.
    ///
    /// # Errors
    ///
    /// Names passed sockets none of which serves, or the address that cannot be bound.
    pub fn from_env_or(name: &str, address: &Address) -> Result<Self, Error> {
        choose::from_process_or(name, address)
    }

    /// Does what [`from_env`](Self::from_env) does with these variables, without passed sockets.
    ///
    /// # Errors
    ///
    /// As for [`from_env`](Self::from_env); `LISTEN=fd:0` is refused.
    pub fn from_vars<N, T>(
        name: &str,
        vars: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, Error>
    where
        N: Into<OsString>,
        T: Into<OsString>,
    {
        choose::from_vars(
            name,
            vars.into_iter()
                .map(|(name, text)| (name.into(), text.into()))
                .collect(),
        )
    }

    /// Binds this address.
    ///
    /// # Errors
    ///
    /// Names the address that is in use or that the system refuses. [`Address`] `fd:0` needs
    /// [`from_env`](Self::from_env).
    pub fn bind(address: &Address) -> Result<Self, Error> {
        Self::builder(address.clone()).bind()
    }

    /// Sets options of a socket before it is bound.
    pub fn builder(address: Address) -> ListenerBuilder {
        ListenerBuilder::new(address)
    }

    /// The address in force; its port is the one that the system chose where 0 was asked for.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The TCP port in force; `None` for a Unix socket.
    pub fn port(&self) -> Option<u16> {
        match &self.address.0 {
            Place::Any { port } | Place::Host { port, .. } => Some(*port),
            Place::Unix { .. } | Place::Standard => None,
        }
    }

    /// Whether the socket was bound here or inherited.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Takes a descriptor that was passed to this process.
    fn inherit(descriptor: OwnedFd, what: &str) -> Result<Self, Problem> {
        let refused = || Problem::NoListener {
            what: what.to_owned(),
        };
        let socket = socket2::Socket::from(descriptor);
        let is_stream = socket.r#type().is_ok_and(|kind| kind == Type::STREAM);
        if !is_stream || !socket.is_listener().unwrap_or(false) {
            return Err(refused());
        }
        let domain = socket.domain().map_err(|_| refused())?;
        // It came through an `exec`; children of this process have no use for it.
        socket.set_cloexec(true).map_err(|_| refused())?;
        let socket = match domain {
            socket2::Domain::UNIX => Socket::Unix(socket.into()),
            _ => Socket::Tcp(socket.into()),
        };
        Self::new(socket, Origin::Inherited, None).map_err(|_| refused())
    }

    fn new(socket: Socket, origin: Origin, file: Option<SocketFile>) -> io::Result<Self> {
        let address = match &socket {
            Socket::Tcp(socket) => {
                socket.set_nonblocking(true)?;
                let local = socket.local_addr()?;
                match local.ip() {
                    IpAddr::V6(ip) if ip.is_unspecified() => Address::any(local.port()),
                    IpAddr::V6(ip) => Address::host(format!("[{ip}]"), local.port()),
                    IpAddr::V4(ip) => Address::host(ip.to_string(), local.port()),
                }
            }
            Socket::Unix(socket) => {
                socket.set_nonblocking(true)?;
                let local = socket.local_addr()?;
                Address::unix(local.as_pathname().unwrap_or("".as_ref()))
            }
        };
        Ok(Self {
            socket,
            address,
            origin,
            is_shared: origin == Origin::Inherited,
            file,
        })
    }
}

/// A socket of the standard library that already listens.
impl TryFrom<TcpListener> for Listener {
    type Error = io::Error;

    fn try_from(socket: TcpListener) -> io::Result<Self> {
        Self::new(Socket::Tcp(socket), Origin::Inherited, None)
    }
}

/// A socket of the standard library that already listens; its file is left alone.
impl TryFrom<UnixListener> for Listener {
    type Error = io::Error;

    fn try_from(socket: UnixListener) -> io::Result<Self> {
        Self::new(Socket::Unix(socket), Origin::Inherited, None)
    }
}

/// For a server that takes a socket of the standard library; it is non-blocking, as tokio wants it. A Unix socket comes
/// back as the error.
impl TryFrom<Listener> for TcpListener {
    type Error = Listener;

    fn try_from(listener: Listener) -> Result<Self, Listener> {
        match listener.socket {
            Socket::Tcp(socket) => Ok(socket),
            Socket::Unix(_) => Err(listener),
        }
    }
}

/// For a server that takes a socket of the standard library; it is non-blocking, as tokio wants it. Its file is not removed
/// any more. A TCP socket comes back as the error.
impl TryFrom<Listener> for UnixListener {
    type Error = Listener;

    fn try_from(mut listener: Listener) -> Result<Self, Listener> {
        match listener.socket {
            Socket::Unix(socket) => {
                if let Some(file) = listener.file.take() {
                    file.keep();
                }
                Ok(socket)
            }
            Socket::Tcp(_) => Err(listener),
        }
    }
}

/// The address, for people.
impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_has_ended_has_one_place_which_a_plug_keeps() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let sockets = [
            TcpListener::bind("127.0.0.1:0").map(Socket::Tcp),
            TcpListener::bind("[::]:0").map(Socket::Tcp),
            UnixListener::bind(folder.path().join("s")).map(Socket::Unix),
        ];
        for socket in sockets {
            let socket = socket.expect("it can be bound");
            assert!(socket.plug() && socket.plug(), "{socket:?} has a queue");
            while socket.as_ref().set_nonblocking(true).is_ok() && socket.as_ref().accept().is_ok()
            {
            }
            socket.end_queue();
            assert!(socket.plug(), "{socket:?} has one place");
            assert!(!socket.plug(), "{socket:?} has no second place");
        }
    }
}
