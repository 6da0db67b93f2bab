//! The schemes: which kind each names, its default port, its encryption.

use crate::kind::Kind;
use crate::tls::Tls;

/// What a scheme says about a locator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scheme {
    pub(crate) kind: Kind,
    /// 0 where there is none.
    pub(crate) port: u16,
    pub(crate) tls: Tls,
    pub(crate) form: Form,
}

/// What a scheme changes in the reading of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// The path is a Unix socket.
    Socket,
    /// The host is a DNS name of SRV records.
    Srv,
    /// The hosts are Redis sentinels.
    Sentinel,
    /// The hosts are nodes of a Redis cluster.
    Cluster,
    /// The protocol runs in WebSocket frames.
    WebSocket,
}

/// The longest scheme that is looked up.
pub(crate) const MAX_SCHEME: usize = 32;

/// The hint of every unknown scheme.
pub(crate) const KNOWN: &str = "expected one of postgres, mysql, sqlite, redis, amqp, nats, mqtt, \
     kafka, mongodb, memcached, smtp, s3, http, elasticsearch, clickhouse, cassandra or their aliases";

/// Looks up a scheme in lower case.
pub(crate) fn lookup(name: &str) -> Option<Scheme> {
    relational(name)
        .or_else(|| redis(name))
        .or_else(|| broker(name))
        .or_else(|| store(name))
}

const fn plain(kind: Kind, port: u16, tls: Tls) -> Option<Scheme> {
    special(kind, port, tls, Form::Plain)
}

const fn special(kind: Kind, port: u16, tls: Tls, form: Form) -> Option<Scheme> {
    Some(Scheme {
        kind,
        port,
        tls,
        form,
    })
}

fn redis(name: &str) -> Option<Scheme> {
    use Form::{Cluster, Sentinel, Socket};
    let redis = |port, tls, form| special(Kind::Redis, port, tls, form);
    match name {
        "redis" | "valkey" => redis(6379, Tls::Off, Form::Plain),
        "rediss" | "valkeys" | "redis+tls" | "redis+ssl" | "valkey+tls" | "valkey+ssl" => {
            redis(6379, Tls::FULL, Form::Plain)
        }
        "redis+unix" | "valkey+unix" | "unix" | "redis-socket" => redis(0, Tls::Off, Socket),
        "redis-sentinel" | "redis+sentinel" | "valkey-sentinel" => redis(26379, Tls::Off, Sentinel),
        "rediss-sentinel" | "rediss+sentinel" | "valkeys-sentinel" => {
            redis(26379, Tls::FULL, Sentinel)
        }
        "redis-cluster" | "redis+cluster" | "valkey-cluster" => redis(6379, Tls::Off, Cluster),
        "rediss-cluster" | "rediss+cluster" | "valkeys-cluster" => redis(6379, Tls::FULL, Cluster),
        _ => None,
    }
}

fn broker(name: &str) -> Option<Scheme> {
    use Form::WebSocket;
    use Kind::{Amqp, Kafka, Mqtt, Nats};
    match name {
        "amqp" => plain(Amqp, 5672, Tls::Off),
        "amqps" => plain(Amqp, 5671, Tls::FULL),
        "nats" => plain(Nats, 4222, Tls::Off),
        "tls" | "nats+tls" => plain(Nats, 4222, Tls::FULL),
        "nats+ws" => special(Nats, 80, Tls::Off, WebSocket),
        "nats+wss" => special(Nats, 443, Tls::FULL, WebSocket),
        "mqtt" | "tcp" => plain(Mqtt, 1883, Tls::Off),
        "mqtts" | "ssl" | "mqtt+ssl" | "mqtt+tls" => plain(Mqtt, 8883, Tls::FULL),
        "ws" | "mqtt+ws" => special(Mqtt, 80, Tls::Off, WebSocket),
        "wss" | "mqtt+wss" => special(Mqtt, 443, Tls::FULL, WebSocket),
        "kafka" | "kafka+sasl" => plain(Kafka, 9092, Tls::Off),
        "kafka+ssl" | "kafka+tls" | "kafka+sasl_ssl" => plain(Kafka, 9092, Tls::FULL),
        _ => None,
    }
}

fn store(name: &str) -> Option<Scheme> {
    use Kind::{Cassandra, ClickHouse, Elasticsearch, Http, Memcached, MongoDb, S3, Smtp};
    const STARTTLS: Tls = Tls::StartTls { required: true };
    match name {
        "mongodb" => plain(MongoDb, 27017, Tls::Off),
        "mongodb+srv" => special(MongoDb, 27017, Tls::FULL, Form::Srv),
        "memcached" | "memcache" => plain(Memcached, 11211, Tls::Off),
        "smtp" => plain(Smtp, 25, Tls::Off),
        "submission" | "smtp+starttls" | "smtp+tls" => plain(Smtp, 587, STARTTLS),
        "smtps" | "smtp+ssl" => plain(Smtp, 465, Tls::FULL),
        "s3" => plain(S3, 443, Tls::FULL),
        "http" => plain(Http, 80, Tls::Off),
        "https" => plain(Http, 443, Tls::FULL),
        "elasticsearch" | "opensearch" | "elasticsearch+http" | "opensearch+http" => {
            plain(Elasticsearch, 9200, Tls::Off)
        }
        "elasticsearchs" | "opensearchs" | "elasticsearch+https" | "opensearch+https" => {
            plain(Elasticsearch, 9200, Tls::FULL)
        }
        "clickhouse" | "clickhouse+native" => plain(ClickHouse, 9000, Tls::Off),
        "clickhouses" => plain(ClickHouse, 9440, Tls::FULL),
        "clickhouse+http" => plain(ClickHouse, 8123, Tls::Off),
        "clickhouse+https" => plain(ClickHouse, 8443, Tls::FULL),
        "cassandra" | "scylla" | "scylladb" | "cql" => plain(Cassandra, 9042, Tls::Off),
        _ => None,
    }
}

/// Looks up the relational databases, whose schemes may end in `+driver`.
fn relational(name: &str) -> Option<Scheme> {
    const MAYBE: Tls = Tls::Opportunistic;
    match name
        .bytes()
        .position(|byte| byte == b'+')
        .map_or(name, |plus| &name[..plus])
    {
        "postgres" | "postgresql" | "postgis" | "pgsql" | "pg" | "timescale" | "timescaledb" => {
            plain(Kind::Postgres, 5432, MAYBE)
        }
        "cockroachdb" | "cockroach" => plain(Kind::Postgres, 26257, MAYBE),
        "redshift" => plain(Kind::Postgres, 5439, MAYBE),
        "mysqlx" if name == "mysqlx+srv" => special(Kind::MySql, 33060, MAYBE, Form::Srv),
        "mysqlx" if name == "mysqlx" => plain(Kind::MySql, 33060, MAYBE),
        "mysql" if name == "mysql+srv" => special(Kind::MySql, 3306, MAYBE, Form::Srv),
        "mysql" | "mysql2" | "mariadb" | "aurora" | "percona" => plain(Kind::MySql, 3306, MAYBE),
        "sqlite" | "sqlite3" => plain(Kind::Sqlite, 0, Tls::Off),
        _ => None,
    }
}

/// Reads a scheme that several kinds share as the kind that the caller expects.
pub(crate) fn for_expected(scheme: Scheme, name: &str, expected: Kind) -> Scheme {
    let shared = match (name, expected) {
        ("ws", Kind::Nats) => lookup("nats+ws"),
        ("wss", Kind::Nats) => lookup("nats+wss"),
        ("http", Kind::Elasticsearch) => lookup("elasticsearch"),
        ("https", Kind::Elasticsearch) => lookup("elasticsearchs"),
        ("http", Kind::ClickHouse) => lookup("clickhouse+http"),
        ("https", Kind::ClickHouse) => lookup("clickhouse+https"),
        _ => None,
    };
    shared.unwrap_or(scheme)
}
