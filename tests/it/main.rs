//! What the crates promise, seen from outside a process; and the repository checking itself.

mod config;
mod servers;
mod tidy;
