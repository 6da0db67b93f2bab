//! Sockets: busy, wrong, inherited, and without a descriptor left.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;

use harness::{example, packaged, run};
use rustix::process::Signal;

use super::load::{Answer, Client, Place};
use super::service::{LIMIT, Service, bare, http, socket, wait_until};

#[test]
fn a_busy_port_is_named_and_ends_with_69() {
    let (_socket, address) = socket();
    let address = address.to_string();
    let output = run(&mut http(&[("LISTEN", &address)]));
    assert_eq!(output.code, Some(69), "{output:?}");
    let said = format!("cannot listen on {address}: the address is in use");
    assert!(output.stdout.contains(&said), "{output:?}");
}

#[test]
fn wrong_variables_are_named_and_end_with_78() {
    let variables = [("LISTEN", "hunter2 is no address"), ("PORT", "hunter3")];
    let output = run(&mut http(&variables));
    assert_eq!(output.code, Some(78), "{output:?}");
    for variable in ["`LISTEN`", "`PORT`"] {
        assert!(output.stdout.contains(variable), "{output:?}");
    }
    assert!(!format!("{output:?}").contains("hunter"), "{output:?}");
}

#[test]
fn a_standard_input_that_is_no_socket_is_said_so() {
    let output = run(&mut http(&[("LISTEN", "fd:0")]));
    assert_eq!(output.code, Some(78), "{output:?}");
    assert!(output.stdout.contains("descriptor 0"), "{output:?}");
}

#[test]
fn passed_sockets_that_are_not_there_are_said_so() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "LISTEN_PID=$$ exec \"$0\""]);
    shell.arg(example("http"));
    bare(&mut shell, &[("LISTEN_FDS", "900")]);
    let output = run(&mut shell);
    assert_eq!(output.code, Some(78), "{output:?}");
    assert!(output.stdout.contains("`LISTEN_FDS`"), "{output:?}");
}

/// systemd's own helper, which starts the service at the first connection.
fn activated(arguments: &[&str]) -> Command {
    let mut command = Command::new(packaged("systemd-socket-activate", "systemd"));
    command.args(arguments).arg(example("http"));
    bare(&mut command, &[]);
    command
}

/// The first answer over a socket that is about to listen.
fn first_answer(path: &Path) -> Answer {
    let mut client = Client::new(Place::Unix(path.to_owned()));
    let mut answer = Answer::Refused;
    wait_until("the socket listens", || {
        if path.exists() {
            answer = client.get("/");
        }
        !matches!(answer, Answer::Refused)
    });
    answer
}

#[test]
fn systemd_passes_a_socket_and_the_connection_that_woke_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("web.sock");
    let mut service = Service::start(activated(&["--listen", path.to_str().unwrap()]));
    assert!(matches!(first_answer(&path), Answer::Status(200)));
    let bound = service.wait_for("listener.bound");
    assert_eq!(bound["listener"]["address"], path.to_str().unwrap());
    service.stop();
    // It was not bound here, so it is not removed here.
    assert!(path.exists());
}

#[test]
fn systemd_passes_several_sockets_and_the_name_decides() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (admin, http) = (place("admin.sock"), place("http.sock"));
    let arguments = ["-l", &admin, "-l", &http, "--fdname=admin:http"];
    let mut service = Service::start(activated(&arguments));
    let answer = first_answer(Path::new(&http));
    assert!(matches!(answer, Answer::Status(200)), "{answer:?}");
    let bound = service.wait_for("listener.bound");
    assert_eq!(bound["listener"]["address"], http);
    service.stop();
}

/// The service with 32 descriptors for everything.
fn poor() -> (Service, SocketAddr) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 32; exec \"$0\""]);
    shell.arg(example("http"));
    let variables = [("LISTEN", "127.0.0.1:0"), ("SHUTDOWN_TIMEOUT", "20s")];
    bare(&mut shell, &variables);
    let (service, address) = Service::ready(shell);
    (service, address.parse().expect("it is an address"))
}

#[test]
fn a_queue_that_lacks_descriptors_is_emptied_all_the_same_at_the_stop() {
    let (mut service, address) = poor();
    let crowd: Vec<_> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(LIMIT)).unwrap();
            stream
                .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
                .unwrap();
            stream
        })
        .collect();
    service.wait_for("listener.accept_failed");
    service.signal(Signal::TERM);
    let crowd: Vec<_> = crowd
        .into_iter()
        .map(|mut stream| {
            std::thread::spawn(move || {
                let mut response = String::new();
                stream.read_to_string(&mut response).unwrap();
                response
            })
        })
        .collect();
    for client in crowd {
        let response = client.join().unwrap();
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    }
    service.end().assert_stopped_well();
}

#[test]
fn a_service_without_a_descriptor_left_waits_and_recovers() {
    let (mut service, address) = poor();
    // More than it has descriptors for; the system takes them all.
    let mut crowd: Vec<_> = (0..64)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    let failed = service.wait_for("listener.accept_failed");
    assert_eq!(failed["log.level"], "WARN", "{failed}");
    let mut last = crowd.pop().unwrap();
    drop(crowd);
    last.set_read_timeout(Some(LIMIT)).unwrap();
    last.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut response = String::new();
    last.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    service.signal(Signal::TERM);
    let ended = service.end();
    ended.assert_stopped_well();
    let told = ended.lines.iter();
    let told = told.filter(|line| line.contains("listener.accept_failed"));
    assert!(told.count() < 5, "{ended:#?}");
}
