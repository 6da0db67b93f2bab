//! Hosts as they are written, and the endpoints they stand for.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use crate::locator::Span;

/// Where a locator says the service is.
///
/// Decoded and without brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Host<'a> {
    /// Not written; most clients take `localhost`.
    Default,
    /// A DNS name, as written.
    Name(&'a str),
    /// An IPv4 address.
    Ipv4(Ipv4Addr),
    /// An IPv6 address.
    Ipv6 {
        /// The address.
        address: Ipv6Addr,
        /// The zone, such as `eth0`, of a link-local address.
        zone: Option<&'a str>,
    },
    /// A Unix socket; for PostgreSQL the folder that holds it.
    Unix(&'a Path),
    /// A Linux abstract socket, without the leading `@`.
    Abstract(&'a str),
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => Ok(()),
            Self::Name(name) => f.write_str(name),
            Self::Ipv4(address) => write!(f, "{address}"),
            Self::Ipv6 {
                address,
                zone: None,
            } => write!(f, "{address}"),
            Self::Ipv6 {
                address,
                zone: Some(zone),
            } => write!(f, "{address}%{zone}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Abstract(name) => write!(f, "@{name}"),
        }
    }
}

/// One host of a locator with the port written for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HostPort<'a> {
    /// The host.
    pub host: Host<'a>,
    /// The port, from 1 to 65535; `None` where none is written.
    pub port: Option<u16>,
}

/// Something to connect to: a host of a locator with every default applied.
///
/// `Display` gives `db:5432`, `[::1]:5432` or the path of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// A TCP port.
    Tcp {
        /// A name or an address without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A Unix socket.
    Unix(PathBuf),
    /// A Linux abstract socket, without the leading `@`.
    Abstract(String),
    /// Hosts that DNS lists in SRV records.
    Srv {
        /// The full name of the records, such as `_mongodb._tcp.cluster.example`.
        name: String,
    },
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Abstract(name) => write!(f, "@{name}"),
            Self::Srv { name } => f.write_str(name),
        }
    }
}

/// A host as the locator keeps it: places in its text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Default,
    Name(Span),
    Ipv4(Ipv4Addr),
    Ipv6(Ipv6Addr, Span),
    Unix(Span),
    Abstract(Span),
}

/// A host and its port, 0 where none is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) port: u16,
}

impl Node {
    pub(crate) const UNWRITTEN: Self = Self {
        place: Place::Default,
        port: 0,
    };

    pub(crate) fn view<'a>(&self, text: &'a str) -> HostPort<'a> {
        let host = match self.place {
            Place::Default => Host::Default,
            Place::Name(span) => Host::Name(span.of(text)),
            Place::Ipv4(address) => Host::Ipv4(address),
            Place::Ipv6(address, zone) => Host::Ipv6 {
                address,
                zone: Some(zone.of(text)).filter(|zone| !zone.is_empty()),
            },
            Place::Unix(span) => Host::Unix(Path::new(span.of(text))),
            Place::Abstract(span) => Host::Abstract(span.of(text)),
        };
        HostPort {
            host,
            port: Some(self.port).filter(|port| *port != 0),
        }
    }
}

/// The hosts of a locator; one needs no allocation.
#[derive(Debug, Clone)]
pub(crate) enum Nodes {
    One(Node),
    Many(Vec<Node>),
}

impl Nodes {
    pub(crate) fn as_slice(&self) -> &[Node] {
        match self {
            Self::One(node) => std::slice::from_ref(node),
            Self::Many(nodes) => nodes,
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [Node] {
        match self {
            Self::One(node) => std::slice::from_mut(node),
            Self::Many(nodes) => nodes,
        }
    }
}
