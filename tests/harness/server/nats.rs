//! NATS.

use std::process::Command;

use super::place::Place;
use super::recipe::{PASSWORD, Recipe, USER};
use crate::packaged;

/// NATS with one user.
pub const NATS: Recipe = Recipe {
    name: "nats",
    scheme: "nats",
    login: Some((USER, PASSWORD)),
    path: "",
    prepare,
    start,
    hello: b"",
    is_ready: |answer| answer.starts_with(b"INFO "),
    stop: "TERM",
    discard: "KILL",
};

fn prepare(place: &Place) {
    let port = place.port;
    place.write(
        "nats.conf",
        format!(
            "host: \"127.0.0.1\"\nport: {port}\n\
             authorization {{ user: \"{USER}\", password: \"{PASSWORD}\" }}\n"
        ),
    );
}

fn start(_: &Place, command: &mut Command) {
    command
        .arg(packaged("nats-server", "nats-server"))
        .args(["--config", "nats.conf"]);
}
