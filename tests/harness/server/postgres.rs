//! PostgreSQL.

use std::process::Command;

use super::place::Place;
use super::recipe::{PASSWORD, Recipe, USER};
use crate::{packaged, run};

/// PostgreSQL with the database `postgres` and a user who may do everything.
pub const POSTGRES: Recipe = Recipe {
    name: "postgres",
    scheme: "postgres",
    login: Some((USER, PASSWORD)),
    path: "/postgres",
    prepare,
    start,
    // A start message of version 3.0 for the user `tf`. The answer is a demand for a password from
    // a server that takes clients, and an error from one that is still starting.
    hello: b"\0\0\0\x11\0\x03\0\0user\0tf\0\0",
    is_ready: |answer| answer.starts_with(b"R"),
    // TERM waits for all clients to leave.
    stop: "INT",
    // KILL leaves a piece of System V shared memory behind.
    discard: "QUIT",
};

const PACKAGE: &str = "postgresql";

fn prepare(place: &Place) {
    place.write("password", PASSWORD);
    let mut initdb = place.command(packaged("initdb", PACKAGE));
    initdb
        .args(["--pgdata=data", "--pwfile=password", "--username", USER])
        .args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"])
        .arg("--no-sync");
    let output = run(&mut initdb);
    assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);
}

fn start(place: &Place, command: &mut Command) {
    command
        .arg(packaged("postgres", PACKAGE))
        .args(["-D", "data", "-p", &place.port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "unix_socket_directories="])
        .args(["-c", "fsync=off"]);
}
