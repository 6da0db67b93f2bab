//! systemd's notify protocol (`sd_notify(3)`) over a datagram socket of the standard library.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::core::Core;
use crate::process;
use crate::state::State;

/// How far the manager's patience is extended at a time, of which half passes until the next time.
pub(crate) const EXTENSION: Duration = Duration::from_secs(10);

/// Shows that the service's own runtime lives, and that a stop goes on; to be run as a task on it.
///
/// A runtime with every thread blocked says nothing, and the manager starts the service anew.
pub(crate) async fn follow(core: Arc<Core>, notify: Notify) {
    let watchdog = notify.watchdog.map(|limit| limit / 2);
    let period = watchdog.unwrap_or(EXTENSION).min(EXTENSION / 2);
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut extended = None;
    while core.state() < State::Done {
        ticks.tick().await;
        let now = Instant::now();
        if watchdog.is_some() {
            notify.send(&[Message::Watchdog]);
        }
        let Some(request) = core.request() else {
            continue;
        };
        let is_due = extended.is_none_or(|at| now >= at + EXTENSION / 2);
        if is_due {
            let left = request.end().saturating_duration_since(now);
            let (in_flight, groups) = core.occupancy();
            notify.send(&[
                Message::ExtendTimeout(EXTENSION.min(left + Duration::from_secs(1))),
                Message::Status(&status(core.state(), in_flight, &groups)),
            ]);
            extended = Some(now);
        }
    }
}

fn status(state: State, in_flight: usize, groups: &str) -> String {
    match in_flight {
        0 => state.to_string(),
        _ => format!("{state} {groups}"),
    }
}

/// The service manager's socket, and how often it wants to hear that the service lives.
#[derive(Clone, Debug)]
pub(crate) struct Notify {
    socket: Arc<UnixDatagram>,
    address: SocketAddr,
    watchdog: Option<Duration>,
}

impl Notify {
    /// The manager that the variables name; none where there is no such, or not for this process.
    pub(crate) fn from_lookup(variable: &impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let address = address(&variable("NOTIFY_SOCKET")?)?;
        let socket = UnixDatagram::unbound().ok()?;
        // A manager that does not read must not hold up the service.
        socket.set_nonblocking(true).ok()?;
        let number = |name| variable(name)?.to_str()?.parse().ok();
        let is_meant = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(process::pid()));
        let watchdog = number("WATCHDOG_USEC").filter(|micros| is_meant && *micros > 0);
        Some(Self {
            socket: Arc::new(socket),
            address,
            watchdog: watchdog.map(Duration::from_micros),
        })
    }

    /// Tells the manager, which may be gone or not listen: the service lives on without it.
    pub(crate) fn send(&self, messages: &[Message<'_>]) {
        let lines: Vec<String> = messages.iter().map(Message::line).collect();
        let text = lines.join("\n");
        let _ = self.socket.send_to_addr(text.as_bytes(), &self.address);
    }
}

/// What a service tells its manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    Ready,
    Stopping,
    Status(&'a str),
    Watchdog,
    /// The manager shall wait this long from now on.
    ExtendTimeout(Duration),
}

impl Message<'_> {
    fn line(&self) -> String {
        match self {
            Self::Ready => "READY=1".to_owned(),
            Self::Stopping => "STOPPING=1".to_owned(),
            // A line break would begin the next assignment.
            Self::Status(text) => format!("STATUS={}", text.replace(['\n', '\r'], " ")),
            Self::Watchdog => "WATCHDOG=1".to_owned(),
            Self::ExtendTimeout(time) => format!("EXTEND_TIMEOUT_USEC={}", time.as_micros()),
        }
    }
}

/// A path, or a name in the abstract namespace after `@`. Other families are not for this socket.
fn address(text: &OsStr) -> Option<SocketAddr> {
    match text.as_bytes() {
        [b'/', ..] => SocketAddr::from_pathname(text).ok(),
        [b'@', name @ ..] => abstract_address(name),
        _ => None,
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_address(name: &[u8]) -> Option<SocketAddr> {
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;

    SocketAddr::from_abstract_name(name).ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_address(_: &[u8]) -> Option<SocketAddr> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_assignments() {
        assert_eq!(Message::Ready.line(), "READY=1");
        assert_eq!(Message::Stopping.line(), "STOPPING=1");
        assert_eq!(Message::Watchdog.line(), "WATCHDOG=1");
        let extend = Message::ExtendTimeout(Duration::from_millis(1500));
        assert_eq!(extend.line(), "EXTEND_TIMEOUT_USEC=1500000");
    }

    #[test]
    fn a_status_stays_one_assignment() {
        assert_eq!(Message::Status("a\nREADY=1").line().lines().count(), 1);
    }

    #[test]
    fn only_paths_and_abstract_names_are_addresses() {
        assert!(address(OsStr::new("/run/systemd/notify")).is_some());
        for text in ["", "notify", "vsock:2:1234"] {
            assert!(address(OsStr::new(text)).is_none(), "{text}");
        }
        let is_linux = cfg!(target_os = "linux");
        assert_eq!(address(OsStr::new("@notify")).is_some(), is_linux);
    }
}
