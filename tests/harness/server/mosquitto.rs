//! Mosquitto.

use std::process::Command;

use super::place::Place;
use super::recipe::{PASSWORD, Recipe};
use crate::{packaged, run};

/// Mosquitto with one user.
pub const MOSQUITTO: Recipe = Recipe {
    name: "mosquitto",
    scheme: "mqtt",
    login: Some((USER, PASSWORD)),
    path: "",
    prepare,
    start,
    // A client of version 3.1.1 without a name or a user. Every answer is one.
    hello: b"\x10\x0C\0\x04MQTT\x04\x02\0\x0A\0\0",
    is_ready: |answer| answer.starts_with(&[0x20, 2]),
    stop: "TERM",
    discard: "KILL",
};

const PACKAGE: &str = "mosquitto";
/// Its file of passwords has a colon after the user.
const USER: &str = "tf#/?@%";

fn prepare(place: &Place) {
    place.write(
        "mosquitto.conf",
        format!(
            "listener {} 127.0.0.1\nallow_anonymous false\npassword_file {}\n",
            place.port,
            place.path("passwords").display()
        ),
    );
    let mut add = place.command(packaged("mosquitto_passwd", PACKAGE));
    let output = run(add.args(["-b", "-c", "passwords", USER, PASSWORD]));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
}

fn start(_: &Place, command: &mut Command) {
    command
        .arg(packaged("mosquitto", PACKAGE))
        .args(["-c", "mosquitto.conf"]);
}
