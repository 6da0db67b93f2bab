//! The file that `NAME_FILE` names.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::redact;

/// The largest file that is read, in bytes.
const LIMIT: u64 = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("no such file: {shown}")]
    NotFound { shown: String },
    #[error("cannot read {shown}: {reason}")]
    Unreadable { shown: String, reason: io::Error },
    #[error("not a regular file: {shown}")]
    NotRegular { shown: String },
    #[error("larger than 1 MiB: {shown}")]
    TooLarge { shown: String },
}

/// The content of a regular file of at most 1 MiB, without one newline at its end.
///
/// `secret` says that the path may be the secret itself, put into the wrong variable: then no more
/// of it is shown than what exists in the file system.
pub(crate) fn read(path: &Path, secret: bool) -> Result<OsString, FileError> {
    let fail = |error: io::Error| {
        let shown = if secret {
            existing_part(path)
        } else {
            show(path)
        };
        match error.kind() {
            io::ErrorKind::NotFound => FileError::NotFound { shown },
            _ => FileError::Unreadable {
                shown,
                reason: error,
            },
        }
    };
    // A pipe would block at `open` until somebody writes to it.
    if !path.metadata().map_err(fail)?.is_file() {
        return Err(FileError::NotRegular { shown: show(path) });
    }
    let mut content = Vec::new();
    let file = File::open(path).map_err(fail)?;
    file.take(LIMIT + 1)
        .read_to_end(&mut content)
        .map_err(fail)?;
    if content.len() as u64 > LIMIT {
        return Err(FileError::TooLarge { shown: show(path) });
    }
    if content.last() == Some(&b'\n') {
        content.pop();
        if content.last() == Some(&b'\r') {
            content.pop();
        }
    }
    Ok(os_string(content))
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

fn show(path: &Path) -> String {
    format!("`{}`", redact::value(&path.to_string_lossy()))
}

/// The longest beginning of the path that exists.
fn existing_part(path: &Path) -> String {
    let exists = |part: &&Path| *part != OsStr::new("") && part.symlink_metadata().is_ok();
    match path.ancestors().find(exists).map(PathBuf::from) {
        Some(whole) if whole == path => show(path),
        Some(part) if part != Path::new("/") => format!("of the path, only {} exists", show(&part)),
        _ => "(the path is hidden: it may be the secret itself)".to_owned(),
    }
}
