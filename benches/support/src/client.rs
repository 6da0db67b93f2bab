//! A client that does one thing at a time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than anything that is not stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A plain request for [`HELLO`].
pub const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n";

/// The answer to [`REQUEST`].
pub const HELLO: &str = "Hello, World!";

/// Opens a connection; `None` where none can be had.
pub fn connect(port: u16) -> Option<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_nodelay(true).expect("TCP has this option");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a socket has timeouts");
    Some(stream)
}

/// Sends bytes over a connection of their own, which stays open.
pub fn send(port: u16, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(port).expect("a server listens");
    stream
        .write_all(bytes)
        .expect("a new connection takes bytes");
    stream
}

/// A whole response with status 200; `None` where the connection or the time ends before.
pub fn read_answer(stream: &mut TcpStream) -> Option<String> {
    let mut seen = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => seen.extend_from_slice(&buffer[..count]),
            Ok(0) | Err(_) => return None,
        }
        if seen.starts_with(b"HTTP/1.1 200") && seen.ends_with(HELLO.as_bytes()) {
            return String::from_utf8(seen).ok();
        }
    }
}

/// Whether a whole response comes.
pub fn has_answer(stream: &mut TcpStream) -> bool {
    read_answer(stream).is_some()
}

/// Whether a new connection gets an answer.
pub fn is_answered(port: u16) -> bool {
    has_answer(&mut send(port, REQUEST))
}

/// As [`is_answered`], within a time.
pub fn is_answered_within(port: u16, limit: Duration) -> bool {
    let mut stream = send(port, REQUEST);
    stream
        .set_read_timeout(Some(limit))
        .expect("a socket has timeouts");
    has_answer(&mut stream)
}

/// Whether a request for this path, over a connection of its own, gets a response with status 200.
pub fn is_ok(port: u16, path: &str) -> bool {
    let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n");
    let mut answer = Vec::new();
    let read = send(port, request.as_bytes()).read_to_end(&mut answer);
    read.is_ok() && answer.starts_with(b"HTTP/1.1 200")
}
