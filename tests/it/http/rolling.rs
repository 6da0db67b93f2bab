//! Restarts under constant load. No client tries a second time, and none may need to.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::{Running, packaged, run};
use rustix::process::Signal;

use super::load::{Load, Place};
use super::service::{LIMIT, Service, http, http_on, reserved, rounds, socket, wait_until};

const CLIENTS: usize = 8;

#[test]
fn a_successor_on_the_same_socket_loses_no_request() {
    let (socket, address) = socket();
    let (mut service, said) = Service::ready(http_on(&socket));
    assert_eq!(said, address.to_string());
    let load = Load::start(&Place::Tcp(address), CLIENTS);
    for _ in 0..rounds() {
        let (successor, _) = Service::ready(http_on(&socket));
        service.stop();
        service = successor;
        load.go_on();
    }
    let (answered, failures) = load.end();
    assert!(failures.is_empty(), "{answered} answered, {failures:?}");
    service.stop();
}

#[test]
fn wrk_sees_no_error_while_the_service_is_replaced() {
    let (socket, address) = socket();
    let (mut service, _) = Service::ready(http_on(&socket));
    let mut wrk = Command::new(packaged("wrk", "wrk"));
    wrk.args(["-t1", "-c16", "-d3s"])
        .arg(format!("http://{address}/"));
    let wrk = std::thread::spawn(move || run(&mut wrk));
    while !wrk.is_finished() {
        let (successor, _) = Service::ready(http_on(&socket));
        service.stop();
        service = successor;
    }
    let output = wrk.join().unwrap();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.contains("requests in"), "{output:?}");
    assert!(!output.stdout.contains("Socket errors"), "{output:?}");
    assert!(!output.stdout.contains("Non-2xx"), "{output:?}");
    service.stop();
}

/// HAProxy, told never to ask twice.
struct Balancer {
    running: Running,
    control: std::path::PathBuf,
}

impl Balancer {
    fn start(folder: &Path, instances: &[SocketAddr]) -> Self {
        let at = folder.display();
        let mut configuration = format!(
            "global\n  nbthread 1\n  stats socket {at}/control\n\
             defaults\n  mode http\n  retries 0\n  timeout connect 10s\n  timeout client 30s\n  timeout server 30s\n  timeout check 10s\n\
             frontend front\n  bind unix@{at}/front\n  default_backend web\n\
             backend web\n  option httpchk GET /readyz\n  http-check expect status 200\n\
             \x20 default-server check inter 100ms fall 1 rise 1\n"
        );
        for (number, address) in instances.iter().enumerate() {
            configuration += &format!("  server web{number} {address}\n");
        }
        let file = folder.join("haproxy.cfg");
        fs::write(&file, configuration).expect("the folder is there");
        let mut command = Command::new(packaged("haproxy", "haproxy"));
        command.arg("-db").arg("-q").arg("-f").arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let balancer = Self {
            running: Running::start(command),
            control: folder.join("control"),
        };
        for number in 0..instances.len() {
            balancer.wait_for(number, "UP");
        }
        balancer
    }

    /// Waits until it takes this instance for up or down.
    fn wait_for(&self, number: usize, status: &str) {
        let prefix = format!("web,web{number},");
        wait_until(&format!("web{number} is {status}"), || {
            let servers = self.servers().unwrap_or_default();
            let server = servers.lines().find(|line| line.starts_with(&prefix));
            server.is_some_and(|line| line.split(',').nth(17) == Some(status))
        });
    }

    fn servers(&self) -> std::io::Result<String> {
        let mut control = UnixStream::connect(&self.control)?;
        control.set_read_timeout(Some(LIMIT))?;
        control.write_all(b"show stat\n")?;
        let mut text = String::new();
        control.read_to_string(&mut text)?;
        Ok(text)
    }
}

#[test]
fn instances_behind_a_balancer_are_restarted_in_turn_without_a_loss() {
    let folder = tempfile::tempdir().unwrap();
    let ports = [reserved(), reserved()];
    let start = |address: SocketAddr| {
        let address = address.to_string();
        let variables = [
            ("LISTEN", &*address),
            ("SHUTDOWN_PRE_STOP", "1s"),
            ("SHUTDOWN_TIMEOUT", "20s"),
        ];
        Service::ready(http(&variables)).0
    };
    let mut services = ports.each_ref().map(|(_, address)| start(*address));
    let balancer = Balancer::start(
        folder.path(),
        &ports.each_ref().map(|(_, address)| *address),
    );
    let load = Load::start(&Place::Unix(folder.path().join("front")), CLIENTS);
    for _ in 0..rounds().div_ceil(2) {
        for (number, (_, address)) in ports.iter().enumerate() {
            services[number].signal(Signal::TERM);
            balancer.wait_for(number, "DOWN");
            services[number].wait_for("lifecycle.stopped");
            let successor = start(*address);
            let old = std::mem::replace(&mut services[number], successor);
            old.end().assert_stopped_well();
            balancer.wait_for(number, "UP");
            load.go_on();
        }
    }
    let (answered, failures) = load.end();
    assert!(failures.is_empty(), "{answered} answered, {failures:?}");
    drop(balancer.running);
    let [first, second] = services;
    first.stop();
    second.stop();
}
