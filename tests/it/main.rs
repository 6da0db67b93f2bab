//! What the crates promise, seen from outside a process; and the repository checking itself.

mod adapters;
mod backing;
mod config;
mod probe;
mod servers;
mod tidy;
