//! Logs in to servers that have no client program, byte by byte.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use super::Attempt;

fn connect(attempt: &Attempt) -> BufReader<TcpStream> {
    let stream = TcpStream::connect((&*attempt.host, attempt.port)).expect("the server listens");
    let limit = Some(Duration::from_secs(20));
    stream.set_read_timeout(limit).expect("the limit is not 0");
    BufReader::new(stream)
}

fn say(stream: &mut BufReader<TcpStream>, bytes: &[u8]) {
    stream
        .get_mut()
        .write_all(bytes)
        .expect("the server listens");
}

/// The next bytes, or fewer if the server hangs up.
fn hear(stream: &mut BufReader<TcpStream>, length: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.take(length).read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => {
            panic!("{error} after {bytes:?}")
        }
        _ => bytes,
    }
}

pub(super) fn nats(attempt: &Attempt) -> bool {
    let mut stream = connect(attempt);
    let login = json!({ "verbose": false, "user": attempt.user, "pass": attempt.password });
    let request = format!("CONNECT {login}\r\nPING\r\n");
    say(&mut stream, request.as_bytes());
    let mut lines = stream
        .lines()
        .map(|line| line.expect("the server writes text"));
    assert!(lines.next().expect("a greeting").starts_with("INFO "));
    lines.next().is_some_and(|line| line == "PONG")
}

pub(super) fn mqtt(attempt: &Attempt) -> bool {
    // Version 3.1.1; a clean session, a user, a password; a minute without a word; no name.
    let mut content = b"\0\x04MQTT\x04\xC2\0\x3C\0\0".to_vec();
    for text in [&attempt.user, &attempt.password] {
        content.extend_from_slice(&[0, length(text)]);
        content.extend_from_slice(text.as_bytes());
    }
    let mut stream = connect(attempt);
    let size = u8::try_from(content.len()).expect("the names are short");
    say(&mut stream, &[&[0x10, size], &*content].concat());
    match hear(&mut stream, 4)[..] {
        [0x20, 2, 0, code] => code == 0,
        ref other => panic!("{other:?}"),
    }
}

pub(super) fn amqp(attempt: &Attempt) -> bool {
    const START_OK: [u8; 4] = [0, 10, 0, 11];
    const TUNE: [u8; 4] = [0, 10, 0, 30];
    let mut stream = connect(attempt);
    say(&mut stream, b"AMQP\0\0\x09\x01");
    frame(&mut stream).expect("a greeting");
    let secret = format!("\0{}\0{}", attempt.user, attempt.password);
    // No properties of the client, the mechanism, what it needs, the language.
    let mut method = [&START_OK[..], &[0; 4], b"\x05PLAIN\0\0\0"].concat();
    method.push(length(&secret));
    method.extend_from_slice(secret.as_bytes());
    method.extend_from_slice(b"\x05en_US");
    let size = u8::try_from(method.len()).expect("the names are short");
    say(
        &mut stream,
        &[&[1, 0, 0, 0, 0, 0, size], &*method, b"\xCE"].concat(),
    );
    // A server that refuses hangs up.
    frame(&mut stream).is_some_and(|method| method.starts_with(&TUNE))
}

/// The next frame's content; `None` if the server hangs up.
fn frame(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let head = hear(stream, 7);
    let size = head.get(3..)?.try_into().expect("four bytes are left");
    let mut content = hear(stream, u64::from(u32::from_be_bytes(size)) + 1);
    content.pop();
    Some(content)
}

fn length(text: &str) -> u8 {
    u8::try_from(text.len()).expect("the names are short")
}
