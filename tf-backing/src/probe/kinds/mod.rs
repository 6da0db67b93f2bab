//! One file per protocol.

mod amqp;
mod cassandra;
mod connects;
mod http;
mod kafka;
mod memcached;
mod mongodb;
mod mqtt;
mod mysql;
mod nats;
mod postgres;
mod redis;
mod smtp;
pub(super) mod tls;

use super::protocol::Protocol;
use crate::host::Endpoint;
use crate::kind::Kind;
use crate::locator::Locator;
use crate::scheme::Form;
use crate::tls::Tls;

impl dyn Protocol {
    /// Returns how to ask this endpoint of the locator, for drivers of your own.
    ///
    /// `None` for SQLite, which has no endpoints.
    pub fn of(locator: &Locator, endpoint: &Endpoint) -> Option<Box<dyn Protocol>> {
        let hello = || Box::new(tls::Hello::new(endpoint)) as Box<dyn Protocol>;
        Some(match locator.kind() {
            Kind::Sqlite => return None,
            Kind::Postgres if !begins_with_tls(locator) => {
                Box::new(postgres::Postgres::new(locator))
            }
            // The X Protocol is another one; nothing of it is known here.
            Kind::MySql if locator.scheme.port == 33060 => Box::new(connects::Connects),
            Kind::MySql => Box::new(mysql::MySql::new(locator)),
            Kind::Nats if locator.scheme.form != Form::WebSocket => {
                Box::new(nats::Nats::new(locator, endpoint))
            }
            _ if begins_with_tls(locator) => hello(),
            Kind::Mqtt if locator.scheme.form != Form::WebSocket => {
                Box::new(mqtt::Mqtt::new(locator))
            }
            Kind::Nats | Kind::Mqtt => Box::new(http::Http::websocket(locator, endpoint)),
            Kind::Redis => Box::new(redis::Redis::new(locator)),
            Kind::Amqp => Box::new(amqp::Amqp),
            Kind::Smtp => Box::new(smtp::Smtp::new(locator)),
            Kind::Memcached => Box::new(memcached::Memcached),
            Kind::Kafka => Box::new(kafka::Kafka),
            Kind::MongoDb => Box::new(mongodb::MongoDb),
            Kind::Cassandra => Box::new(cassandra::Cassandra),
            Kind::Http | Kind::S3 | Kind::Elasticsearch | Kind::ClickHouse => {
                Box::new(http::Http::new(locator.kind(), endpoint))
            }
            Kind::Postgres => hello(),
            Kind::Other => Box::new(connects::Connects),
        })
    }
}

/// Whether the first byte of a connection is TLS already.
pub(super) fn begins_with_tls(locator: &Locator) -> bool {
    let begins_plain = match locator.kind() {
        Kind::Postgres => locator.options().last("sslnegotiation") != Some("direct"),
        Kind::Nats => locator.scheme.form != Form::WebSocket,
        kind => kind == Kind::MySql,
    };
    matches!(locator.tls(), Tls::On { .. }) && !begins_plain
}

/// What to write in the URL of this kind so that the client speaks TLS.
pub(super) fn tls_switch(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Postgres => "add sslmode=require and sslnegotiation=direct",
        Kind::Redis => "use rediss://",
        Kind::Amqp => "use amqps://",
        Kind::Nats => "use tls://",
        Kind::Mqtt => "use mqtts://",
        Kind::Kafka => "use kafka+ssl://",
        Kind::MongoDb | Kind::Memcached | Kind::Cassandra => "add tls=true",
        Kind::Smtp => "use smtps://",
        Kind::S3 => "drop tls=false",
        Kind::Http => "use https://",
        Kind::Elasticsearch => "use elasticsearch+https://",
        Kind::ClickHouse => "use clickhouses:// or clickhouse+https://",
        // MySQL never begins with TLS.
        Kind::MySql | Kind::Sqlite | Kind::Other => return None,
    })
}

/// Where `needle` begins.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

/// The first line without its end, once it is complete.
fn line(bytes: &[u8]) -> Option<&[u8]> {
    find(bytes, b"\r\n").map(|end| &bytes[..end])
}

/// Whether `bytes` are the begin of `sign`, or `sign` of `bytes`.
fn may_begin(bytes: &[u8], sign: &[u8]) -> bool {
    let both = bytes.len().min(sign.len());
    bytes[..both] == sign[..both]
}

/// A big-endian number.
fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}
