//! Sockets: who listens where, and who talks with whom.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

/// A listening socket of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listening {
    pub(crate) pid: u32,
    pub(crate) place: Where,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Where {
    pub(crate) fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(address) => Some(address.port()),
            Self::Unix(_) => None,
        }
    }
}

/// What these processes listen on.
pub(crate) fn listening(pids: &[u32]) -> Vec<Listening> {
    let owned: Vec<(u32, u64)> = sockets_of(pids);
    if owned.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut note = |inode: u64, place: &Where| {
        let owners = owned.iter().filter(|(_, owned)| *owned == inode);
        found.extend(owners.map(|(pid, _)| Listening {
            pid: *pid,
            place: place.clone(),
        }));
    };
    for socket in tcp().into_iter().filter(|socket| socket.state == LISTEN) {
        note(socket.inode, &Where::Tcp(socket.local));
    }
    for (inode, path) in unix_listening() {
        note(inode, &Where::Unix(path));
    }
    found
}

/// The far ends of the connections that these processes opened or are opening.
pub(crate) fn peers(pids: &[u32]) -> Vec<SocketAddr> {
    let owned: HashSet<u64> = sockets_of(pids)
        .into_iter()
        .map(|(_, inode)| inode)
        .collect();
    let all = tcp();
    let listens: HashSet<u16> = all
        .iter()
        .filter(|socket| socket.state == LISTEN && owned.contains(&socket.inode))
        .map(|socket| socket.local.port())
        .collect();
    let outgoing = all.iter().filter(|socket| {
        socket.state != LISTEN
            && owned.contains(&socket.inode)
            && !listens.contains(&socket.local.port())
    });
    outgoing.map(|socket| socket.remote).collect()
}

fn sockets_of(pids: &[u32]) -> Vec<(u32, u64)> {
    let mut sockets = Vec::new();
    for pid in pids {
        for link in super::files::descriptors(*pid) {
            let inode = link.target.to_str().and_then(|text| {
                text.strip_prefix("socket:[")?
                    .strip_suffix(']')?
                    .parse()
                    .ok()
            });
            sockets.extend(inode.map(|inode| (*pid, inode)));
        }
    }
    sockets
}

const LISTEN: u8 = 0x0A;

struct Tcp {
    local: SocketAddr,
    remote: SocketAddr,
    state: u8,
    inode: u64,
}

fn tcp() -> Vec<Tcp> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let lines = tables.map(|path| fs::read_to_string(path).unwrap_or_default());
    lines
        .iter()
        .flat_map(|table| table.lines().skip(1).filter_map(tcp_line))
        .collect()
}

fn tcp_line(line: &str) -> Option<Tcp> {
    let mut fields = line.split_whitespace().skip(1);
    let local = address(fields.next()?)?;
    let remote = address(fields.next()?)?;
    let state = u8::from_str_radix(fields.next()?, 16).ok()?;
    let inode = fields.nth(5)?.parse().ok()?;
    Some(Tcp {
        local,
        remote,
        state,
        inode,
    })
}

/// The kernel prints the address as words in the order of this machine, the port as a number.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    for word in host.as_bytes().chunks(8) {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let ip = match <[u8; 16]>::try_from(bytes.as_slice()) {
        Ok(bytes) => IpAddr::V6(Ipv6Addr::from(bytes)),
        Err(_) => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes.as_slice()).ok()?)),
    };
    Some(SocketAddr::new(ip.to_canonical(), port))
}

fn unix_listening() -> Vec<(u64, PathBuf)> {
    const ACCEPTS: &str = "00010000";
    let table = fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let line = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let accepts = fields.get(3) == Some(&ACCEPTS);
        let inode = fields.get(6)?.parse().ok()?;
        let path = fields.get(7).copied().unwrap_or("(unnamed)");
        accepts.then(|| (inode, PathBuf::from(path)))
    };
    table.lines().skip(1).filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::process;

    #[test]
    fn lines_of_both_families_are_read() {
        let v4 = tcp_line(
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1",
        )
        .unwrap();
        assert_eq!(v4.local, "127.0.0.1:8080".parse().unwrap());
        assert_eq!((v4.state, v4.inode), (LISTEN, 4711));
        let v6 = address("00000000000000000000000001000000:0050").unwrap();
        assert_eq!(v6, "[::1]:80".parse().unwrap());
    }

    #[test]
    fn a_listener_of_this_process_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = Where::Tcp(listener.local_addr().unwrap());
        let found = listening(&[process::id()]);
        assert!(found.iter().any(|found| found.place == place), "{found:?}");
    }
}
