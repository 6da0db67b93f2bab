#![doc = include_str!("../README.md")]
#![cfg_attr(feature = "probe", doc = include_str!("../docs/probes.md"))]
#![cfg_attr(
    any(
        feature = "lapin-4",
        feature = "redis-1",
        feature = "sqlx-0-9-mysql",
        feature = "sqlx-0-9-postgres",
        feature = "sqlx-0-9-sqlite"
    ),
    doc = include_str!("../docs/adapters.md")
)]

#[cfg(any(
    feature = "lapin-4",
    feature = "redis-1",
    feature = "sqlx-0-9-mysql",
    feature = "sqlx-0-9-postgres",
    feature = "sqlx-0-9-sqlite"
))]
mod adapters;
mod attached;
mod builder;
mod error;
mod escape;
mod host;
mod kind;
mod known;
mod locator;
mod options;
mod parse;
#[cfg(feature = "probe")]
mod probe;
mod process;
mod read;
mod scheme;
mod show;
mod tls;
#[cfg(feature = "url")]
mod to_url;
mod views;
#[cfg(feature = "probe")]
mod wait;
mod warning;

#[cfg(any(
    feature = "lapin-4",
    feature = "redis-1",
    feature = "sqlx-0-9-mysql",
    feature = "sqlx-0-9-postgres",
    feature = "sqlx-0-9-sqlite"
))]
pub use adapters::{AdapterError, AdapterErrorKind};
pub use attached::{AttachError, AttachErrorKind, Attached, Attachment, Origin};
pub use builder::LocatorBuilder;
pub use error::{ParseError, ParseErrorKind, Part};
pub use host::{Endpoint, Host, HostPort};
pub use kind::Kind;
pub use locator::Locator;
pub use options::{OptionValue, Options};
pub use parse::ParseOptions;
#[cfg(feature = "probe")]
pub use probe::{
    EndpointReport, Looks, Outcome, ProbeOptions, Protocol, Reason, Report, Step, Verdict, probe,
};
pub use tls::{Tls, TlsVerify};
#[cfg(feature = "url")]
pub use to_url::{ToUrlError, ToUrlErrorKind};
pub use views::{
    Amqp, Http, Kafka, MongoDb, Mqtt, MySql, Nats, NatsAuth, Postgres, Redis, RedisTopology, S3,
    Sqlite, Vhost,
};
#[cfg(feature = "probe")]
pub use wait::{Change, Wait, WaitError, WaitErrorKind, WaitReport};
pub use warning::Warning;
