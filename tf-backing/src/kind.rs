//! The kinds of backing services and what the URLs of each may hold.

use std::fmt;

/// A kind of backing service.
///
/// ```
/// use tf_backing::{Kind, Locator};
///
/// let locator: Locator = "mariadb://db/orders".parse()?;
/// assert_eq!(locator.kind(), Kind::MySql);
/// assert_eq!(locator.kind().to_string(), "mysql");
/// # Ok::<(), tf_backing::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// PostgreSQL and what speaks its protocol.
    Postgres,
    /// MySQL, MariaDB and what speaks their protocol.
    MySql,
    /// SQLite, a file or memory.
    Sqlite,
    /// Redis and Valkey.
    Redis,
    /// AMQP 0-9-1, such as RabbitMQ.
    Amqp,
    /// NATS.
    Nats,
    /// MQTT, over TCP or WebSocket.
    Mqtt,
    /// Kafka.
    Kafka,
    /// MongoDB.
    MongoDb,
    /// Memcached.
    Memcached,
    /// A mail relay.
    Smtp,
    /// S3 and stores with its interface.
    S3,
    /// Any HTTP interface.
    Http,
    /// Elasticsearch and OpenSearch.
    Elasticsearch,
    /// ClickHouse.
    ClickHouse,
    /// Cassandra and ScyllaDB.
    Cassandra,
    /// A scheme that the caller added with [`ParseOptions::scheme`](crate::ParseOptions::scheme).
    Other,
}

impl Kind {
    /// Returns the name in lower case, such as `postgres`; also a scheme, but for `other`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
            Self::Sqlite => "sqlite",
            Self::Redis => "redis",
            Self::Amqp => "amqp",
            Self::Nats => "nats",
            Self::Mqtt => "mqtt",
            Self::Kafka => "kafka",
            Self::MongoDb => "mongodb",
            Self::Memcached => "memcached",
            Self::Smtp => "smtp",
            Self::S3 => "s3",
            Self::Http => "http",
            Self::Elasticsearch => "elasticsearch",
            Self::ClickHouse => "clickhouse",
            Self::Cassandra => "cassandra",
            Self::Other => "other",
        }
    }

    pub(crate) const fn rules(self) -> Rules {
        use Kind as K;
        let path = match self {
            K::MySql | K::Amqp | K::ClickHouse | K::Cassandra => Path::Segment,
            K::Redis => Path::Number,
            K::MongoDb => Path::MongoName,
            K::S3 => Path::Bucket,
            K::Http | K::Elasticsearch => Path::Web,
            K::Nats => Path::Ignored,
            K::Postgres | K::Sqlite | K::Mqtt | K::Kafka | K::Memcached | K::Smtp | K::Other => {
                Path::Whole
            }
        };
        let one_host = matches!(
            self,
            K::Sqlite | K::Redis | K::Amqp | K::Mqtt | K::Smtp | K::S3 | K::Http
        );
        let has_default_host = matches!(
            self,
            K::Postgres | K::MySql | K::Redis | K::Amqp | K::Memcached | K::ClickHouse | K::Other
        );
        Rules {
            many_hosts: !one_host,
            host_needed: !has_default_host,
            sockets: matches!(
                self,
                K::Postgres | K::MySql | K::Redis | K::MongoDb | K::Memcached | K::Other
            ),
            path,
            plus_is_space: matches!(self, K::Redis | K::Http | K::Elasticsearch),
            fold_keys: matches!(self, K::MySql | K::MongoDb),
            value_needed: matches!(self, K::Postgres | K::MongoDb),
            elements: matches!(self, K::Nats | K::Kafka),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the URLs of one kind may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) many_hosts: bool,
    pub(crate) host_needed: bool,
    /// A host may be the path of a Unix socket.
    pub(crate) sockets: bool,
    pub(crate) path: Path,
    /// The clients of this kind decode `+` in options to a space.
    pub(crate) plus_is_space: bool,
    /// Option names are the same in upper and lower case.
    pub(crate) fold_keys: bool,
    /// Each option needs a `=`.
    pub(crate) value_needed: bool,
    /// Each host of a list may be a URL with scheme and credentials.
    pub(crate) elements: bool,
}

/// What the path of one kind is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// Everything after the first slash, decoded.
    Whole,
    /// One segment, decoded.
    Segment,
    /// A number without leading zeros.
    Number,
    /// A MongoDB database name.
    MongoName,
    /// Bucket and prefix.
    Bucket,
    /// A path of HTTP: escaped `/` and `%` stay escaped.
    Web,
    /// Not part of the locator.
    Ignored,
}
