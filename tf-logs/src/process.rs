//! The only door to the process: its environment, its standard streams, its id and some randomness.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::hash::BuildHasher;
use std::io::{IsTerminal, Write};
use std::thread;
use std::time::SystemTime;

use crate::settings::Stream;

pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

pub(crate) fn is_terminal(stream: Stream) -> bool {
    match stream {
        Stream::Stdout => std::io::stdout().is_terminal(),
        Stream::Stderr => std::io::stderr().is_terminal(),
    }
}

/// Hands on what the program printed before its first event, so that the order is kept.
pub(crate) fn flush_stdout() {
    // A broken stdout is found, counted and told about by the sink.
    let _ = std::io::stdout().flush();
}

pub(crate) fn id() -> u32 {
    std::process::id()
}

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// A number that differs between two starts of the same program; not for secrets.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one((id(), now()))
}

pub(crate) fn is_panicking() -> bool {
    thread::panicking()
}

pub(crate) fn wants_full_backtrace() -> bool {
    variable("RUST_BACKTRACE").is_some_and(|wanted| wanted == "full")
}
