//! Free ports, none given out twice.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::{Mutex, PoisonError};

/// Below the range from which the system takes the near ends of connections, so that none of these
/// takes the port of a program that is just about to start.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

#[derive(Default)]
pub(crate) struct Ports(Mutex<HashSet<u16>>);

impl Ports {
    pub(crate) fn free(&self) -> io::Result<u16> {
        for _ in 0..1_000 {
            let port = RANGE.start + (random() % u64::from(RANGE.end - RANGE.start)) as u16;
            let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if !given.contains(&port) && occupy(port).is_ok() {
                given.insert(port);
                return Ok(port);
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "no free port was found",
        ))
    }
}

/// Listens on a port of all addresses, so that nobody else can.
pub(crate) fn occupy(port: u16) -> io::Result<TcpListener> {
    // A listener on the IPv6 wildcard takes IPv4 too, but a machine may be without IPv6.
    let all = [
        SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
    ];
    match TcpListener::bind(all[0]) {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => TcpListener::bind(all[1]),
        result => result,
    }
}

/// Not for secrets: the keys of the standard library's hash maps.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(())
}
