//! RabbitMQ, without plugins.

use std::process::Command;

use super::place::{Place, free_port};
use super::recipe::{PASSWORD, Recipe, USER};
use crate::packaged;

/// RabbitMQ with the virtual host `/` and a user who may do everything.
pub const RABBITMQ: Recipe = Recipe {
    name: "rabbitmq",
    scheme: "amqp",
    login: Some((USER, PASSWORD)),
    path: "/%2F",
    prepare,
    start,
    // The header of version 0-9-1. The answer is a method frame on channel 0.
    hello: b"AMQP\0\0\x09\x01",
    is_ready: |answer| answer.starts_with(&[1, 0, 0]),
    stop: "TERM",
    discard: "KILL",
};

const PACKAGE: &str = "rabbitmq-server";

fn prepare(place: &Place) {
    place.write("plugins", "[].\n");
    // The usual file takes `#` for the start of a comment.
    place.write(
        "advanced.config",
        format!("[{{rabbit, [{{default_user, <<\"{USER}\">>}}, {{default_pass, <<\"{PASSWORD}\">>}}]}}].\n"),
    );
}

fn start(place: &Place, command: &mut Command) {
    // Erlang's directory of nodes: one of its own, so that it ends with the server.
    command
        .args(["sh", "-c", r#""$0" & exec "$1""#])
        .arg(packaged("epmd", PACKAGE))
        .arg(packaged("rabbitmq-server", PACKAGE))
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("ERL_EPMD_PORT", free_port().to_string());
    command
        .env("RABBITMQ_NODENAME", format!("tf-{}@localhost", place.port))
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", place.port.to_string())
        .env("RABBITMQ_DIST_PORT", free_port().to_string())
        // This keeps the script from standing between us and the server; the flag undoes the rest.
        .env("RABBITMQ_ALLOW_INPUT", "true")
        .env(
            "RABBITMQ_SERVER_START_ARGS",
            "-noinput -kernel inet_dist_use_interface {127,0,0,1}",
        )
        .env("RABBITMQ_LOGS", "-");
    for (variable, name) in [
        ("RABBITMQ_MNESIA_BASE", ""),
        ("RABBITMQ_LOG_BASE", ""),
        ("RABBITMQ_SCHEMA_DIR", "schema"),
        ("RABBITMQ_GENERATED_CONFIG_DIR", "generated"),
        ("RABBITMQ_CONF_ENV_FILE", "none.conf"),
        ("RABBITMQ_CONFIG_FILE", "none.conf"),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", "plugins"),
    ] {
        command.env(variable, place.path(name));
    }
}
