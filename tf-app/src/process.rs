//! The one door to the process: its arguments and its standard streams.

use std::ffi::OsString;
use std::io;

use crate::io::{Io, Pipe};

/// The program as it was called, and the words after it.
pub(crate) fn arguments() -> (String, Vec<OsString>) {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default();
    (program.to_string_lossy().into_owned(), arguments.collect())
}

pub(crate) fn streams() -> Io {
    Io::new(Pipe::new(io::stdout()), Pipe::new(io::stderr()))
}
