//! SQLite: no endpoint, but a file.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::outcome::{Looks, Outcome, Reason};
use super::protocol::Verdict;

/// Looks at the file; blocks.
pub(super) fn look(path: &Path) -> Verdict {
    const SIGN: &[u8; 16] = b"SQLite format 3\0";
    match fs::metadata(path) {
        Ok(data) if data.is_file() && data.len() == 0 => Verdict::ready().detail("an empty file"),
        Ok(data) if data.is_file() => {
            let mut head = [0; SIGN.len()];
            match File::open(path).and_then(|mut file| file.read_exact(&mut head)) {
                Ok(()) if head == *SIGN => Verdict::ready(),
                Ok(()) => Verdict::wrong_protocol(Looks::Unknown)
                    .detail("not an SQLite file, or encrypted"),
                Err(_) => Verdict::of(Outcome::Refused).detail("the file cannot be read"),
            }
        }
        Ok(_) => Verdict::of(Outcome::Refused).detail("not a file"),
        Err(_) => match folder(path).is_dir() {
            true => Verdict::reachable().detail("the folder is there, the file is not yet"),
            false => Verdict::not_ready(Reason::Missing),
        },
    }
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
