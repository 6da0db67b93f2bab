//! Locators as the options of drivers, field by field: no driver parses a URL of ours.

mod error;
#[cfg(any(
    feature = "lapin-4",
    feature = "redis-1",
    feature = "sqlx-0-9-mysql",
    feature = "sqlx-0-9-postgres"
))]
mod hosts;
#[cfg(feature = "lapin-4")]
mod lapin;
mod options;
#[cfg(feature = "redis-1")]
mod redis;
#[cfg(feature = "sqlx-0-9-postgres")]
mod settings;
#[cfg(feature = "sqlx-0-9-mysql")]
mod sqlx_mysql;
#[cfg(feature = "sqlx-0-9-postgres")]
mod sqlx_postgres;
#[cfg(feature = "sqlx-0-9-sqlite")]
mod sqlx_sqlite;

pub use error::{AdapterError, AdapterErrorKind};
