//! What `tf-backing` promises, seen through its public interface.

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
