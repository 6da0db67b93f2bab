//! A running program under test.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process, kill_process_group};

use crate::family::{self, Family};
use crate::options::Interrupt;
use crate::output::Output;
use crate::proc::{self, Listening, Where};
use crate::waiting::{took, until};

pub(crate) struct Subject {
    child: Child,
    pub(crate) family: Family,
    pub(crate) output: Output,
    pub(crate) begun: Instant,
    pub(crate) port: u16,
    ended: Option<Ended>,
    interrupt: Interrupt,
}

/// How it ended, and how long after its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) after: Duration,
}

impl Ended {
    pub(crate) fn succeeded(self) -> bool {
        self.status.success()
    }

    pub(crate) fn signal(self) -> Option<i32> {
        std::os::unix::process::ExitStatusExt::signal(&self.status)
    }

    /// `with 1`, `by signal 9`.
    pub(crate) fn how(self) -> String {
        match (self.status.code(), self.signal()) {
            (Some(code), _) => format!("with {code}"),
            (None, Some(signal)) => format!("by signal {signal}"),
            (None, None) => "in an unknown way".to_owned(),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ended {} after {}", self.how(), took(self.after))
    }
}

/// It listens.
#[derive(Clone, Debug)]
pub(crate) struct Up {
    pub(crate) socket: Listening,
    /// From the start to the listening socket.
    pub(crate) took: Duration,
}

impl Up {
    /// Where to reach it; none for a Unix socket.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        let Where::Tcp(address) = self.socket.place else {
            return None;
        };
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            // Nearly always both families; where not, the caller sees a refused connection.
            IpAddr::V6(ip) if ip.is_unspecified() => {
                match TcpStream::connect((Ipv4Addr::LOCALHOST, address.port())) {
                    Ok(_) => Ipv4Addr::LOCALHOST.into(),
                    Err(_) => Ipv6Addr::LOCALHOST.into(),
                }
            }
            ip => ip,
        };
        Some(SocketAddr::new(ip, address.port()))
    }
}

/// What became of a start.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    Up(Up),
    Ended(Ended),
    /// It runs and listens on nothing.
    Silent(Duration),
}

impl Subject {
    pub(crate) fn new(
        child: Child,
        family: Family,
        output: Output,
        begun: Instant,
        port: u16,
        interrupt: Interrupt,
    ) -> Self {
        Self {
            child,
            family,
            output,
            begun,
            port,
            ended: None,
            interrupt,
        }
    }

    /// Waits until it listens. A socket on another port than its own counts only when its own does
    /// not come within a short time: many programs open more than one.
    pub(crate) fn up(&mut self, limit: Duration) -> Start {
        const OTHERS_WAIT: Duration = Duration::from_millis(300);
        let interrupt = self.interrupt.clone();
        let mut other_seen: Option<Instant> = None;
        let start = until(&interrupt, limit, || {
            if let Some(up) = self.listens_now() {
                let seen = *other_seen.get_or_insert_with(Instant::now);
                if up.socket.place.port() == Some(self.port) || seen.elapsed() > OTHERS_WAIT {
                    return Some(Start::Up(up));
                }
            }
            let ended = self.ended()?;
            // The parent of a daemon ends, and what it left may still be about to listen.
            self.family
                .members()
                .is_empty()
                .then_some(Start::Ended(ended))
        });
        start.unwrap_or_else(|| Start::Silent(self.begun.elapsed()))
    }

    /// Its best listening socket: on its own port, else over TCP, else any.
    pub(crate) fn listens_now(&self) -> Option<Up> {
        let took = self.begun.elapsed();
        if !proc::is_there() {
            return self.answers_on_its_port(took);
        }
        let rank = |socket: &Listening| match socket.place.port() {
            Some(port) if port == self.port => 0,
            Some(_) => 1,
            None => 2,
        };
        let sockets = proc::listening(&self.family.members());
        let socket = sockets.into_iter().min_by_key(rank)?;
        Some(Up { socket, took })
    }

    /// Without /proc, a connection is the only evidence, and whose socket it is stays unknown.
    fn answers_on_its_port(&self, took: Duration) -> Option<Up> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        TcpStream::connect(address).ok()?;
        let socket = Listening {
            pid: self.family.root(),
            place: Where::Tcp(address),
        };
        Some(Up { socket, took })
    }

    pub(crate) fn listens_on(&self, port: u16) -> bool {
        let sockets = proc::listening(&self.family.members());
        sockets
            .iter()
            .any(|socket| socket.place.port() == Some(port))
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<Ended> {
        if self.ended.is_none() {
            // Remembers children while their parent is there to tell of them.
            self.family.members();
            let status = self.child.try_wait().ok().flatten();
            self.ended = status.map(|status| Ended {
                status,
                after: self.begun.elapsed(),
            });
        }
        self.ended
    }

    /// Waits for its end, for a time.
    pub(crate) fn wait(&mut self, limit: Duration) -> Option<Ended> {
        let interrupt = self.interrupt.clone();
        until(&interrupt, limit, || self.ended())
    }

    /// As a platform does: to the process that was started, not to those that it started.
    pub(crate) fn signal(&self, signal: Signal) {
        self.signal_to(self.family.root(), signal);
    }

    /// To the process inside a namespace, which is the child of the one that made it.
    pub(crate) fn signal_child(&self, signal: Signal) -> Option<u32> {
        let child = proc::children(self.family.root()).first().copied()?;
        self.signal_to(child, signal);
        Some(child)
    }

    fn signal_to(&self, pid: u32, signal: Signal) {
        if let Some(pid) = family::pid(pid).filter(|_| self.ended.is_none()) {
            // Fails only when it has just ended.
            let _ = kill_process(pid, signal);
        }
    }

    /// Ends it by force, with all that came of it.
    pub(crate) fn kill(&mut self) {
        if let Some(root) = family::pid(self.family.root()).filter(|_| self.ended.is_none()) {
            // All that can be reached where there is no /proc. Fails only when it has just ended.
            let _ = kill_process_group(root, Signal::KILL);
        }
        self.family.end();
        let ended = self.child.wait().ok();
        self.family.is_buried();
        self.ended = self.ended.or(ended.map(|status| Ended {
            status,
            after: self.begun.elapsed(),
        }));
    }

    /// All that it wrote; ends whatever is left of it.
    pub(crate) fn output_at_end(&mut self) -> Output {
        self.kill();
        self.output.finish(Duration::from_secs(1));
        self.output.clone()
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.kill();
    }
}
