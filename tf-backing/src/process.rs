//! The only door to the process: its environment, and the files that it names.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use crate::attached::{Attached, Files, Variables};

impl Attached {
    /// Looks into the environment of this process and the files it names.
    pub fn from_env() -> Self {
        Self::new(Variables::Process, Files::Disk)
    }
}

pub(crate) fn variable(name: &str) -> Option<OsString> {
    // The standard library panics on names that no variable can have.
    let is_name = !name.is_empty() && !name.contains(['=', '\0']);
    is_name.then(|| std::env::var_os(name)).flatten()
}

pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    std::fs::read(path)
}
