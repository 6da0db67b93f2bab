//! What the crates promise, seen from outside a process; and the repository checking itself.

mod adapters;
mod admin;
mod admin_locks;
mod app;
mod backing;
mod check;
mod config;
mod deploy;
mod http;
mod logs;
mod logs_proof;
mod orders;
mod platform;
mod probe;
mod servers;
mod shutdown;
mod tidy;
mod wrapped;
