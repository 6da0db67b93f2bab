//! Locators of one kind, for those who take no other.

mod brokers;
mod databases;
mod stores;

pub use brokers::{Amqp, Kafka, Mqtt, Nats, NatsAuth, Vhost};
pub use databases::{MongoDb, MySql, Postgres, Redis, RedisTopology, Sqlite};
pub use stores::{Http, S3};

/// Declares a view: a locator whose kind is checked once.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $schemes:literal, $rules:expr) => {
        $(#[$doc])*
        ///
        /// Made from text or from a [`Locator`](crate::Locator); shown redacted.
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(crate::Locator);

        impl $name {
            /// Returns the locator, with everything that all kinds have.
            pub fn locator(&self) -> &crate::Locator {
                &self.0
            }
        }

        impl TryFrom<crate::Locator> for $name {
            type Error = crate::ParseError;

            fn try_from(locator: crate::Locator) -> Result<Self, crate::ParseError> {
                match locator.kind() {
                    crate::Kind::$name => Ok(Self(locator)),
                    _ => Err(crate::ParseError::wrong_kind(concat!("expected ", $expected, ": ", $schemes))),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::ParseError;

            fn from_str(text: &str) -> Result<Self, crate::ParseError> {
                crate::Locator::parse_with(text, &$rules)?.try_into()
            }
        }

        impl From<$name> for crate::Locator {
            fn from(view: $name) -> Self {
                view.0
            }
        }

        impl AsRef<crate::Locator> for $name {
            fn as_ref(&self) -> &crate::Locator {
                &self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::read::text(deserializer, $expected)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&format_args!("{}", self.0)).finish()
            }
        }
    };
}
use view;
