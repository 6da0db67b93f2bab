//! What `tf-backing` promises, seen through its public interface.

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
mod leaks;
mod mistakes;
mod options;
#[cfg(feature = "probe")]
mod probe;
#[cfg(feature = "probe")]
mod probe_core;
mod round_trip;
mod serde;
#[cfg(feature = "url")]
mod url;
mod vectors;
mod views;
#[cfg(feature = "probe")]
mod wait;
