//! What systemd's notify protocol hears of a service.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tf_shutdown::{Lifecycle, Options, Report, Signals, Stage};
use tokio::sync::oneshot;

/// A name that no other test of this machine has.
fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("tf-notify-{}-{count}", std::process::id())
}

/// The manager's end: it waits at most 10 seconds for each message.
struct Manager {
    socket: UnixDatagram,
    path: Option<PathBuf>,
    address: String,
}

impl Manager {
    fn at_path() -> Self {
        let path = std::env::temp_dir().join(unique());
        let socket = UnixDatagram::bind(&path).expect("a free path");
        let address = path.to_str().expect("a path of text").to_owned();
        Self::new(socket, Some(path), address)
    }

    fn abstract_name() -> Self {
        let name = unique();
        let address = SocketAddr::from_abstract_name(&name).expect("a short name");
        let socket = UnixDatagram::bind_addr(&address).expect("a free name");
        Self::new(socket, None, format!("@{name}"))
    }

    fn new(socket: UnixDatagram, path: Option<PathBuf>, address: String) -> Self {
        socket
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("not zero");
        Self {
            socket,
            path,
            address,
        }
    }

    fn hear(&self) -> Vec<String> {
        let mut buffer = [0; 4096];
        let length = self
            .socket
            .recv(&mut buffer)
            .expect("the service says something");
        let text = std::str::from_utf8(&buffer[..length]).expect("a text");
        text.lines().map(str::to_owned).collect()
    }

    /// All assignments up to this one.
    fn hear_until(&self, last: &str) -> Vec<String> {
        let mut heard = Vec::new();
        while !heard.iter().any(|line| line == last) {
            heard.extend(self.hear());
        }
        heard
    }

    /// All that is there when the service has ended.
    fn rest(&self) -> Vec<String> {
        self.socket.set_nonblocking(true).expect("a flag");
        let mut heard = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let text = String::from_utf8(buffer[..length].to_vec()).expect("a text");
            heard.extend(text.lines().map(str::to_owned));
        }
        heard
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn options(vars: &[(&str, &str)]) -> Options {
    Options::from_vars(vars.iter().copied())
}

fn run(options: Options, work: impl FnOnce(&Lifecycle)) -> Report {
    tf_shutdown::run(Signals::none(), options, |life| async move {
        work(&life);
        Ok(())
    })
}

#[test]
fn ready_status_and_stopping_are_told_in_order() {
    for manager in [Manager::at_path(), Manager::abstract_name()] {
        let report = run(options(&[("NOTIFY_SOCKET", &manager.address)]), |life| {
            life.ready();
            life.status("serving\nREADY=0");
            life.stop("enough");
        });
        assert_eq!(report.exit_code(), 0);
        let heard = manager.rest();
        let at = |line: &str| heard.iter().position(|heard| heard == line);
        let order = [
            at("READY=1"),
            at("STATUS=serving READY=0"),
            at("STOPPING=1"),
            at("STATUS=done"),
        ];
        assert!(order.iter().all(Option::is_some), "{heard:?}");
        assert!(order.is_sorted(), "{heard:?}");
    }
}

#[test]
fn a_service_that_never_was_ready_does_not_say_so() {
    let manager = Manager::abstract_name();
    let report = run(options(&[("NOTIFY_SOCKET", &manager.address)]), |life| {
        life.stop("no");
    });
    assert_eq!(report.exit_code(), 0);
    let heard = manager.rest();
    assert!(!heard.contains(&"READY=1".to_owned()), "{heard:?}");
    assert!(heard.contains(&"STOPPING=1".to_owned()), "{heard:?}");
}

#[test]
fn the_managers_patience_is_extended_by_what_is_left_of_the_budget() {
    let manager = Manager::abstract_name();
    let vars = [
        ("NOTIFY_SOCKET", &*manager.address),
        ("SHUTDOWN_TIMEOUT", "3s"),
    ];
    let report = run(options(&vars), |life| life.stop("enough"));
    assert_eq!(report.exit_code(), 0);
    let heard = manager.rest();
    let extension = heard
        .iter()
        .find_map(|line| line.strip_prefix("EXTEND_TIMEOUT_USEC="));
    let extension: u64 = extension.expect("it is extended").parse().unwrap();
    assert!((3_000_000..=10_000_000).contains(&extension), "{extension}");
}

#[test]
fn the_watchdog_is_fed_from_start_to_end_of_the_stop() {
    let manager = Manager::abstract_name();
    let vars = [
        ("NOTIFY_SOCKET", &*manager.address),
        ("WATCHDOG_USEC", "20000"),
    ];
    let (go, may_go) = oneshot::channel::<()>();
    let options = options(&vars);
    let service = std::thread::spawn(move || {
        run(options, |life| {
            life.hook(Stage::Resources, "slow", async move || may_go.await);
            life.stop("enough");
        })
    });
    manager.hear_until("STATUS=closing");
    for _ in 0..3 {
        manager.hear_until("WATCHDOG=1");
    }
    go.send(()).unwrap();
    assert_eq!(service.join().unwrap().exit_code(), 0);
}

#[test]
fn a_wedged_runtime_does_not_feed_the_watchdog() {
    let manager = Manager::abstract_name();
    let vars = [
        ("NOTIFY_SOCKET", &*manager.address),
        ("WATCHDOG_USEC", "20000"),
        ("SHUTDOWN_TIMEOUT", "1s"),
    ];
    let options = options(&vars);
    let (free, freed) = std::sync::mpsc::channel::<()>();
    let freed = std::sync::Arc::new(std::sync::Mutex::new(freed));
    let service = std::thread::spawn(move || {
        run(options, |life| {
            for _ in 0..64 {
                let freed = std::sync::Arc::clone(&freed);
                life.spawn("wedge", async move {
                    // All are freed at once, when the sender is gone.
                    let _ = freed.lock().unwrap().recv();
                });
            }
        })
    });
    let limit = Duration::from_millis(500);
    manager.socket.set_read_timeout(Some(limit)).unwrap();
    let mut buffer = [0; 64];
    let mut fed = 0;
    while manager.socket.recv(&mut buffer).is_ok() {
        fed += 1;
        assert!(fed < 100, "it is fed for ever");
    }
    drop(free);
    manager
        .socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    manager.hear_until("WATCHDOG=1");
    drop(service);
}

#[test]
fn the_watchdog_of_another_process_is_not_fed() {
    let manager = Manager::abstract_name();
    let vars = [
        ("NOTIFY_SOCKET", &*manager.address),
        ("WATCHDOG_USEC", "20000"),
        ("WATCHDOG_PID", "1"),
    ];
    let report = run(options(&vars), |life| {
        life.ready();
        life.stop("enough");
    });
    assert_eq!(report.exit_code(), 0);
    assert!(!manager.rest().contains(&"WATCHDOG=1".to_owned()));
}

#[test]
fn a_manager_that_is_gone_or_full_changes_nothing() {
    let gone = options(&[("NOTIFY_SOCKET", "/nowhere/notify")]);
    let strange = options(&[("NOTIFY_SOCKET", "vsock:2:1")]);
    let manager = Manager::abstract_name();
    let full = options(&[("NOTIFY_SOCKET", &manager.address)]);
    for options in [gone, strange, full] {
        let report = run(options, |life| {
            for _ in 0..1000 {
                life.status("busy");
            }
            life.stop("enough");
        });
        assert_eq!(report.exit_code(), 0);
    }
}
