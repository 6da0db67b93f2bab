//! Redis, which keeps nothing over a restart.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use super::Server;
use super::place::Place;
use super::recipe::{PASSWORD, Recipe, USER};
use crate::packaged;

/// Redis with a user, and with the same password for clients that send no user.
pub const REDIS: Recipe = Recipe {
    name: "redis",
    scheme: "redis",
    login: Some((USER, PASSWORD)),
    path: "/0",
    prepare: |place| {
        let user = format!("user {USER} on >{PASSWORD} ~* &* +@all");
        configure(place, &format!("requirepass \"{PASSWORD}\"\n{user}"));
    },
    start,
    hello: b"PING\r\n",
    is_ready: |answer| answer.starts_with(b"-NOAUTH"),
    stop: "TERM",
    discard: "KILL",
};

/// Redis without a password.
pub const REDIS_OPEN: Recipe = Recipe {
    login: None,
    prepare: |place| configure(place, ""),
    is_ready: |answer| answer.starts_with(b"+PONG"),
    ..REDIS
};

/// Redis without a password, which says that it is loading until [`finish_loading`].
pub const REDIS_LOADING: Recipe = Recipe {
    prepare: |place| {
        // Each key takes a tenth of a second, and clients are heard after each.
        let slow = "key-load-delay 100000\nloading-process-events-interval-bytes 1024";
        configure(place, slow);
        place.write("dump.rdb", dump());
    },
    is_ready: |answer| answer.starts_with(b"-LOADING"),
    ..REDIS_OPEN
};

fn configure(place: &Place, more: &str) {
    let port = place.port;
    place.write(
        "redis.conf",
        format!("bind 127.0.0.1\nport {port}\nsave \"\"\n{more}\n"),
    );
}

fn start(_: &Place, command: &mut Command) {
    command
        .arg(packaged("redis-server", "redis-server"))
        .arg("redis.conf");
}

/// A dump of 6,000 keys, which take ten minutes to load.
fn dump() -> Vec<u8> {
    const VALUE: [u8; 0x0800] = [b'x'; 0x0800];
    let mut dump = b"REDIS0009\xFE\0".to_vec();
    for number in 0..6000 {
        // A text: the key after its length in 6 bits, the value after its length in 14 bits.
        dump.extend_from_slice(b"\0\x04");
        dump.extend_from_slice(format!("{number:04}").as_bytes());
        dump.extend_from_slice(b"\x48\0");
        dump.extend_from_slice(&VALUE);
    }
    // The end, without a checksum.
    dump.extend_from_slice(b"\xFF\0\0\0\0\0\0\0\0");
    dump
}

/// Lets a server of [`REDIS_LOADING`] load the rest at once.
///
/// # Panics
///
/// Panics if the server does not confirm that.
pub fn finish_loading(server: &Server) {
    let mut stream = TcpStream::connect((server.host(), server.port())).expect("it listens");
    stream
        .write_all(b"CONFIG SET key-load-delay 0\r\n")
        .expect("it reads");
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).expect("it answers");
    assert_eq!(&answer, b"+OK\r\n");
}
