//! Binds sockets.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use socket2::{Domain, Protocol, Type};

use super::address::{Address, Place};
use super::{Listener, Origin, Socket};
use crate::error::{Error, Problem};

/// Options of a socket that is yet to be bound; made by [`Listener::builder`].
///
/// # Examples
///
/// ```
/// use tf_http::{Address, Listener};
///
/// let address: Address = "127.0.0.1:0".parse()?;
/// let listener = Listener::builder(address).backlog(128).bind()?;
/// assert!(listener.to_string().starts_with("127.0.0.1:"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing listens before `bind`"]
pub struct ListenerBuilder {
    address: Address,
    backlog: u32,
    reuse_port: bool,
}

impl ListenerBuilder {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            backlog: 4096,
            reuse_port: false,
        }
    }

    /// Number of connections that may wait to be accepted; 4096 by default. The system may lower
    /// it (`net.core.somaxconn`).
    pub fn backlog(mut self, connections: u32) -> Self {
        self.backlog = connections;
        self
    }

    /// Lets several processes of one user bind the same port (`SO_REUSEPORT`); off by default.
    ///
    /// When one of them closes its socket, the connections in *its* queue are reset, unless
    /// `net.ipv4.tcp_migrate_req` is 1 (Linux 5.14). For a restart without loss, pass one socket to
    /// all of them instead. Unix sockets have no such option.
    pub fn reuse_port(mut self, on: bool) -> Self {
        self.reuse_port = on;
        self
    }

    /// Binds the address and listens.
    ///
    /// # Errors
    ///
    /// Names the address that is in use or that the system refuses.
    pub fn bind(self) -> Result<Listener, Error> {
        let mut listener = self.listen()?;
        listener.is_shared = self.reuse_port;
        Ok(listener)
    }

    fn listen(&self) -> Result<Listener, Problem> {
        let failed = |error| self.problem(error);
        match &self.address.0 {
            Place::Any { port } => {
                let all = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), *port);
                let socket = match self.tcp(all, false) {
                    Err(error) if lacks_ipv6(&error) => self.tcp(
                        SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), *port),
                        false,
                    ),
                    bound => bound,
                };
                socket
                    .and_then(|socket| Listener::new(socket, Origin::Bound, None))
                    .map_err(failed)
            }
            Place::Host { host, port } => {
                let bound = self.first_of(host, *port);
                bound
                    .and_then(|socket| Listener::new(socket, Origin::Bound, None))
                    .map_err(failed)
            }
            Place::Unix { path, mode } => self.unix(path, *mode),
            Place::Standard => Err(Problem::Refused {
                address: self.address.to_string(),
                what: "descriptor 0 is inherited, not bound",
                source: None,
            }),
        }
    }

    fn first_of(&self, host: &str, port: u16) -> io::Result<Socket> {
        let mut last = None;
        for address in format!("{host}:{port}").to_socket_addrs()? {
            match self.tcp(address, true) {
                Ok(socket) => return Ok(socket),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| io::Error::other("the host name has no address")))
    }

    fn tcp(&self, address: SocketAddr, only_v6: bool) -> io::Result<Socket> {
        let socket = socket2::Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        if address.is_ipv6() {
            socket.set_only_v6(only_v6)?;
        }
        // A port whose last connections linger in TIME_WAIT can be bound again at once.
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(self.reuse_port)?;
        socket.bind(&address.into())?;
        socket.listen(i32::try_from(self.backlog).unwrap_or(i32::MAX))?;
        Ok(Socket::Tcp(socket.into()))
    }

    fn unix(&self, path: &Path, mode: Option<u32>) -> Result<Listener, Problem> {
        let failed = |error| self.problem(error);
        self.clear(path)?;
        let socket = socket2::Socket::new(Domain::UNIX, Type::STREAM, None).map_err(failed)?;
        let place = socket2::SockAddr::unix(path).map_err(failed)?;
        socket.bind(&place).map_err(failed)?;
        let file = SocketFile::of(path).map_err(failed)?;
        if let Some(mode) = mode {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(failed)?;
        }
        socket
            .listen(i32::try_from(self.backlog).unwrap_or(i32::MAX))
            .map_err(failed)?;
        let socket: UnixListener = socket.into();
        Listener::new(Socket::Unix(socket), Origin::Bound, Some(file)).map_err(failed)
    }

    /// Removes the socket of a process that is gone.
    fn clear(&self, path: &Path) -> Result<(), Problem> {
        let Ok(metadata) = fs::symlink_metadata(path) else {
            return Ok(());
        };
        if !metadata.file_type().is_socket() {
            return Err(Problem::Refused {
                address: self.address.to_string(),
                what: "the file exists and is no socket",
                source: None,
            });
        }
        match UnixStream::connect(path) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                fs::remove_file(path).map_err(|error| self.problem(error))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            // Also when it cannot be asked: a socket that may be alive is not taken away.
            _ => Err(self.in_use()),
        }
    }

    fn in_use(&self) -> Problem {
        Problem::InUse {
            address: self.address.to_string(),
        }
    }

    fn problem(&self, error: io::Error) -> Problem {
        let what = match error.kind() {
            ErrorKind::AddrInUse => return self.in_use(),
            ErrorKind::PermissionDenied => "permission denied",
            ErrorKind::AddrNotAvailable => "this host has no such address",
            ErrorKind::NotFound => "the folder does not exist, or the host name is unknown",
            _ => "the system refuses",
        };
        Problem::Refused {
            address: self.address.to_string(),
            what,
            source: Some(error),
        }
    }
}

/// Linux answers so when IPv6 is compiled out or switched off.
fn lacks_ipv6(error: &io::Error) -> bool {
    const EAFNOSUPPORT: i32 = 97;
    error.raw_os_error() == Some(EAFNOSUPPORT) || error.kind() == ErrorKind::AddrNotAvailable
}

/// The file of a bound Unix socket, removed when dropped unless somebody has replaced it.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            identity: identity(path)?,
        })
    }

    /// Leaves the file to whoever comes next.
    pub(super) fn keep(mut self) {
        self.path = PathBuf::new();
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|found| found == self.identity) {
            // A file that cannot be removed is stale for the next process, which removes it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
