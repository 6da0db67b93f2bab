//! One server of each kind for all tests of a run.

use std::env;
use std::sync::OnceLock;

use super::{MARIADB, MOSQUITTO, NATS, POSTGRES, RABBITMQ, REDIS, Recipe, Server};

/// The server that `TF_TEST_<NAME>_URL` names, or one started on first use.
fn shared(server: &'static OnceLock<Server>, recipe: Recipe) -> &'static Server {
    server.get_or_init(|| {
        let variable = format!("TF_TEST_{}_URL", recipe.name.to_uppercase());
        match env::var(&variable) {
            Err(_) => Server::start(recipe),
            Ok(url) => match Server::foreign(url) {
                Some(server) => server,
                None => panic!("`{variable}` is not a URL with a host and a port"),
            },
        }
    })
}

/// MariaDB, or what `TF_TEST_MARIADB_URL` names. The user may create databases.
#[must_use]
pub fn mariadb() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    shared(&SERVER, MARIADB)
}

/// PostgreSQL, or what `TF_TEST_POSTGRES_URL` names. The user may create databases.
#[must_use]
pub fn postgres() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    shared(&SERVER, POSTGRES)
}

/// Redis with a password, or what `TF_TEST_REDIS_URL` names.
#[must_use]
pub fn redis() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    shared(&SERVER, REDIS)
}

/// RabbitMQ, or what `TF_TEST_RABBITMQ_URL` names.
#[must_use]
pub fn rabbitmq() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    shared(&SERVER, RABBITMQ)
}

/// NATS, or what `TF_TEST_NATS_URL` names.
#[must_use]
pub fn nats() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    shared(&SERVER, NATS)
}

/// Mosquitto, or what `TF_TEST_MOSQUITTO_URL` names.
#[must_use]
pub fn mosquitto() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    shared(&SERVER, MOSQUITTO)
}
