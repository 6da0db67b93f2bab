//! The only door to the process: its environment, and the files that it names.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
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

/// Reads a regular file of at most 1 MiB.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    const LIMIT: u64 = 1 << 20;
    // A pipe would block at `open` until somebody writes to it.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut content = Vec::new();
    File::open(path)?
        .take(LIMIT + 1)
        .read_to_end(&mut content)?;
    match content.len() as u64 > LIMIT {
        true => Err(io::Error::other("larger than 1 MiB")),
        false => Ok(content),
    }
}

/// The longest beginning of a path that exists, which is all of it or more than the root.
pub(crate) fn existing_part(path: &Path) -> Option<&Path> {
    let exists = |part: &&Path| part.symlink_metadata().is_ok();
    let part = path.ancestors().find(exists)?;
    (part == path || part != Path::new("/")).then_some(part)
}
