//! The service in process, on SQLite and a Unix socket: no server is needed, and no port.

mod api;
mod service;
mod tasks;
mod worker;
