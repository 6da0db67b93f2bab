//! A signal in each phase of the life of a process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use harness::Running;
use rustix::process::Signal;
use socket2::{Domain, Socket, Type};
use tempfile::NamedTempFile;

use super::live::{action, event, free_port, start, wait_for};
use super::requests::web;

const GOOD: [(&str, &str); 3] = [("GREETING", "hi"), ("PORT", "0"), ("RELEASE_ID", "v42")];

#[test]
fn a_service_that_is_told_to_stop_ends_with_0_and_its_report() {
    for (words, signal) in [
        (&[][..], Signal::TERM),
        (&["worker", "tick"], Signal::INT),
        (&["all"], Signal::HUP),
    ] {
        let mut app = start(words, &GOOD);
        wait_for(&mut app.stdout, "lifecycle.ready");
        app.signal(signal);
        let rest: Vec<_> = app
            .stdout
            .by_ref()
            .filter_map(|line| event(&line))
            .collect();
        assert_eq!(app.wait().code(), Some(0), "{words:?}");
        let last = rest.last().expect("a report");
        assert_eq!(action(last), "lifecycle.stopped", "{last}");
        assert!(
            rest.iter()
                .all(|event| event["service"]["version"] == "v42")
        );
    }
}

#[test]
fn a_stop_during_the_wait_for_backing_services_is_honoured_at_once() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    let vars: Vec<_> = GOOD
        .into_iter()
        .chain([("DATABASE_URL", &*url), ("BACKING_WAIT", "1h")])
        .collect();
    for (words, code) in [(&["web"][..], 0), (&["worker", "tick"], 0)] {
        let mut app = start(words, &vars);
        wait_for(&mut app.stdout, "backing.changed");
        let told = Instant::now();
        app.signal(Signal::TERM);
        wait_for(&mut app.stdout, "lifecycle.stopped");
        assert_eq!(app.wait().code(), Some(code), "{words:?}");
        assert!(told.elapsed() < Duration::from_secs(5));
    }
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut app = start(&["admin", "hello"], &vars);
        wait_for(&mut app.stderr, "backing.changed");
        app.signal(signal);
        wait_for(&mut app.stderr, "admin.refused");
        assert_eq!(app.wait().code(), Some(code), "{signal:?}");
    }
}

#[test]
fn a_second_termination_changes_nothing() {
    let mut app = start(&["web"], &GOOD);
    wait_for(&mut app.stdout, "lifecycle.ready");
    app.signal(Signal::TERM);
    wait_for(&mut app.stdout, "lifecycle.stop_requested");
    app.signal(Signal::TERM);
    wait_for(&mut app.stdout, "lifecycle.stopped");
    assert_eq!(app.wait().code(), Some(0));
}

/// A service that is answering a client that does not read, with more than the buffers on the way hold.
fn with_a_stuck_client(vars: &[(&str, &str)]) -> (Running, TcpStream, NamedTempFile) {
    let mut greeting = NamedTempFile::new().expect("a file can be made");
    let text = vec![b'x'; 1 << 20];
    greeting.write_all(&text).expect("the file can be written");
    let path = greeting.path().to_str().expect("the path is text");
    let file = [("GREETING_FILE", path), ("PORT", "0")];
    let vars: Vec<_> = file.into_iter().chain(vars.iter().copied()).collect();
    let (app, port) = web(&vars);
    let client = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket can be made");
    client.set_recv_buffer_size(4096).expect("it can be small");
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    client.connect(&address.into()).expect("it listens");
    let mut client = TcpStream::from(client);
    let requests = b"GET / HTTP/1.1\r\nhost: app\r\n\r\n".repeat(16);
    client.write_all(&requests).expect("it reads");
    client.read_exact(&mut [0]).expect("it answers");
    (app, client, greeting)
}

#[test]
fn a_client_that_does_not_read_is_named_at_the_deadline_and_the_code_is_124() {
    let (mut app, _client, _greeting) = with_a_stuck_client(&[("SHUTDOWN_TIMEOUT", "1s")]);
    app.signal(Signal::TERM);
    let rest: Vec<_> = app
        .stdout
        .by_ref()
        .filter_map(|line| event(&line))
        .collect();
    assert_eq!(app.wait().code(), Some(124));
    let straggler = rest
        .iter()
        .find(|event| action(event) == "lifecycle.straggler");
    let straggler = straggler.expect("who was late is named");
    assert_eq!(straggler["lifecycle"]["group"], "http", "{straggler}");
    let last = rest.last().expect("a report");
    let seen = (action(last), &last["lifecycle"]["exit_code"]);
    assert_eq!(seen, ("lifecycle.stopped", &124.into()), "{last}");
}

#[test]
fn a_second_interrupt_by_a_person_forces_the_end_with_130() {
    let (mut app, _client, _greeting) = with_a_stuck_client(&[("SHUTDOWN_TIMEOUT", "1m")]);
    app.signal(Signal::INT);
    wait_for(&mut app.stdout, "lifecycle.stop_requested");
    // One that comes within half a second is taken for the same key press.
    thread::sleep(Duration::from_millis(600));
    let told = Instant::now();
    app.signal(Signal::INT);
    assert_eq!(app.wait().code(), Some(130));
    assert!(told.elapsed() < Duration::from_secs(10));
}
