//! The example, started, asked, told to stop, and watched to its end.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use harness::{Running, example};
use rustix::process::Signal;
use serde_json::Value;
use socket2::{Domain, Socket, Type};

/// What any wait takes at most.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The example in an environment that has these variables and no other.
pub(super) fn http(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(example("http"));
    bare(&mut command, variables);
    command
}

/// Takes every other variable away.
pub(crate) fn bare(command: &mut Command, variables: &[(&str, &str)]) {
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null());
}

/// The example on a socket that it inherits as descriptor 0.
pub(super) fn http_on(socket: &TcpListener) -> Command {
    let mut command = http(&[("LISTEN", "fd:0"), ("SHUTDOWN_TIMEOUT", "20s")]);
    let socket = socket.try_clone().expect("a descriptor is free");
    command.stdin(Stdio::from(OwnedFd::from(socket)));
    command
}

/// How often a rolling restart is repeated.
pub(super) fn rounds() -> u32 {
    match std::env::var("TF_ROUNDS") {
        Ok(rounds) => rounds.parse().expect("`TF_ROUNDS` is a number"),
        Err(_) => 10,
    }
}

/// Waits until it is so.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LIMIT, "not so in {LIMIT:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The running service. It is killed when this is dropped.
pub(crate) struct Service {
    running: Running,
    heard: Vec<String>,
}

impl Service {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped());
        Self {
            running: Running::start(command),
            heard: Vec::new(),
        }
    }

    /// Starts and waits until it is ready; the address that it says.
    pub(crate) fn ready(command: Command) -> (Self, String) {
        let mut service = Self::start(command);
        // Which of the two comes first is open.
        let both = ["listener.bound", "lifecycle.ready"];
        let events = both.map(|_| service.wait_for_any(&both));
        let mut addresses = events
            .iter()
            .filter_map(|event| event["listener"]["address"].as_str());
        let address = addresses.next().expect("an address").to_owned();
        (service, address)
    }

    /// Reads events until one of this name.
    pub(crate) fn wait_for(&mut self, action: &str) -> Value {
        self.wait_for_any(&[action])
    }

    fn wait_for_any(&mut self, actions: &[&str]) -> Value {
        for line in self.running.stdout.by_ref() {
            self.heard.push(line.clone());
            let is_one = |event: &Value| {
                actions
                    .iter()
                    .any(|action| event["event"]["action"] == **action)
            };
            if let Some(event) = event(&line).filter(is_one) {
                return event;
            }
        }
        panic!("none of {actions:?} in {:#?}", self.heard);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.running.signal(signal);
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        self.heard.extend(self.running.stdout.by_ref());
        Ended {
            code: self.running.wait().code(),
            lines: self.heard,
        }
    }

    /// Asks it to stop and waits for its end, which must be a good one.
    pub(crate) fn stop(self) {
        self.signal(Signal::TERM);
        self.end().assert_stopped_well();
    }
}

/// What the service left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) lines: Vec<String>,
}

impl Ended {
    /// It ended with 0, and its last line says so.
    pub(crate) fn assert_stopped_well(&self) {
        assert_eq!(self.code, Some(0), "{self:#?}");
        let last = self.lines.last().and_then(|line| event(line));
        let last = last.unwrap_or_else(|| panic!("no last event: {self:#?}"));
        assert_eq!(last["event"]["action"], "lifecycle.stopped", "{self:#?}");
    }
}

fn event(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok()
}

/// A socket that listens in this process, for the service to inherit.
pub(crate) fn socket() -> (TcpListener, SocketAddr) {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = socket.local_addr().expect("it is bound");
    (socket, address)
}

/// A port that no other socket is given while this one lives, and that the service can bind.
pub(crate) fn reserved() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a descriptor is free");
    socket.set_reuse_address(true).expect("it is a TCP socket");
    let any: SocketAddr = "127.0.0.1:0".parse().expect("it is an address");
    socket.bind(&any.into()).expect("a port is free");
    let address = socket.local_addr().expect("it is bound");
    (socket, address.as_socket().expect("it is an IP address"))
}
