//! What clients and platforms are answered.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use harness::Running;
use rustix::process::Signal;

use super::live::{action, event, start};

const GOOD: [(&str, &str); 3] = [("GREETING", "hi"), ("PORT", "0"), ("RELEASE_ID", "v42")];

/// The service once it is ready, and its port.
pub(super) fn web(vars: &[(&str, &str)]) -> (Running, u16) {
    let mut app = start(&["web"], vars);
    // Which of the two comes first is open.
    let (mut port, mut is_ready) = (None, false);
    while port.is_none() || !is_ready {
        let line = app.stdout.next().expect("it goes on");
        let event = event(&line).expect("every line is an event");
        is_ready |= action(&event) == "lifecycle.ready";
        if let Some(address) = event["listener"]["address"].as_str() {
            let (_, number) = address.rsplit_once(':').expect("a port");
            port = Some(number.parse().expect("a number"));
        }
    }
    (app, port.expect("it was found"))
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let limit = Some(Duration::from_secs(20));
    stream.set_read_timeout(limit).expect("a time is given");
    let request = format!("GET {path} HTTP/1.1\r\nhost: app\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

fn stop(app: Running) {
    app.signal(Signal::TERM);
    assert_eq!(app.wait().code(), Some(0));
}

#[test]
fn every_answer_names_the_release() {
    let (app, port) = web(&GOOD);
    for (path, status) in [
        ("/", "200"),
        ("/nowhere", "404"),
        ("/readyz", "200"),
        ("/livez", "200"),
    ] {
        let answer = get(port, path);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.contains("x-release: v42\r\n"), "{answer}");
    }
    assert!(get(port, "/").ends_with("hi"));
    stop(app);
}

#[test]
fn without_a_release_no_answer_names_one() {
    let (app, port) = web(&GOOD[..2]);
    assert!(!get(port, "/").contains("x-release"));
    stop(app);
}

#[test]
fn two_releases_run_side_by_side() {
    let (old, old_port) = web(&GOOD);
    let (new, new_port) = web(&[GOOD[0], GOOD[1], ("RELEASE_ID", "v43")]);
    assert!(get(old_port, "/").contains("v42") && get(new_port, "/").contains("v43"));
    stop(old);
    assert!(get(new_port, "/").contains("v43"));
    stop(new);
}
