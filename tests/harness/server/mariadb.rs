//! MariaDB.

use std::process::Command;

use super::place::Place;
use super::recipe::{PASSWORD, Recipe, USER};
use crate::{packaged, run};

/// MariaDB with the empty database `tf` and a user who may do everything.
pub const MARIADB: Recipe = Recipe {
    name: "mariadb",
    scheme: "mysql",
    login: Some((USER, PASSWORD)),
    path: "/tf",
    prepare,
    start,
    // The server greets first: length, number, and the version of the protocol, or an error.
    hello: b"",
    is_ready: |answer| answer.get(3..5) == Some(&[0, 10]),
    stop: "TERM",
    discard: "KILL",
};

/// The same, for clients with TLS alone: what MySQL 8 asks of a login over a network, unless the client knows its RSA key.
pub const MARIADB_TLS: Recipe = Recipe {
    prepare: |place| {
        prepare(place);
        let mut make = place.command(packaged("openssl", "openssl"));
        make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"])
            .args([
                "-subj",
                "/CN=localhost",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
            ]);
        let output = run(&mut make);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
    },
    start: |place, command| {
        start(place, command);
        command.arg("--require-secure-transport=ON");
        for (option, name) in [("--ssl-cert", "cert.pem"), ("--ssl-key", "key.pem")] {
            command.arg(format!("{option}={}", place.path(name).display()));
        }
    },
    ..MARIADB
};

const PACKAGE: &str = "mariadb-server";

fn prepare(place: &Place) {
    let mut install = place.command(packaged("mariadb-install-db", PACKAGE));
    install
        .args(["--no-defaults", "--skip-test-db"])
        .arg("--auth-root-authentication-method=normal")
        .arg(format!("--datadir={}", place.path("data").display()));
    let output = run(&mut install);
    assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);
    // Read at every start, so every line can be repeated.
    place.write(
        "init.sql",
        format!(
            "CREATE DATABASE IF NOT EXISTS tf CHARACTER SET utf8mb4;\n\
             CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
        ),
    );
}

fn start(place: &Place, command: &mut Command) {
    command
        .arg(packaged("mariadbd", PACKAGE))
        .args(["--no-defaults", "--skip-name-resolve", "--skip-log-bin"])
        .args(["--bind-address=127.0.0.1", "--innodb-buffer-pool-size=32M"])
        .arg(format!("--port={}", place.port));
    for (option, name) in [
        ("--datadir", "data"),
        ("--socket", "socket"),
        ("--pid-file", "pid"),
        ("--tmpdir", ""),
        ("--init-file", "init.sql"),
    ] {
        command.arg(format!("{option}={}", place.path(name).display()));
    }
}
