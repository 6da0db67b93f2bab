//! The one door to the process: arguments, environment, folder, streams, signals.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

pub(crate) fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

pub(crate) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// Where a program of this name is: as the shell would find it.
pub(crate) fn find(name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return std::path::absolute(name).ok().filter(|path| path.is_file());
    }
    let places: Vec<PathBuf> = std::env::split_paths(&search_path()).collect();
    let found = places
        .iter()
        .map(|place| place.join(name))
        .find(|path| path.is_file());
    found.and_then(|path| std::path::absolute(path).ok())
}

/// A path as people write it who are in the current folder.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    match path.strip_prefix(&here) {
        Ok(inner) if !here.as_os_str().is_empty() => format!("./{}", inner.display()),
        _ => path.display().to_string(),
    }
}

pub(crate) fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The width of the table: of the terminal where the shell tells it.
pub(crate) fn columns() -> usize {
    let columns = std::env::var("COLUMNS").ok();
    let columns = columns.and_then(|columns| columns.parse().ok());
    columns.unwrap_or(120).clamp(60, 200)
}

pub(crate) fn shows_progress() -> bool {
    io::stderr().is_terminal()
}

/// The number of the signal that asked this process to end; 0 before.
pub(crate) fn ending_signal() -> io::Result<Arc<AtomicUsize>> {
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [SIGHUP, SIGINT, SIGTERM] {
        let value = usize::try_from(number).unwrap_or_default();
        signal_hook::flag::register_usize(number, Arc::clone(&signal), value)?;
    }
    Ok(signal)
}
