//! Open files and loaded libraries.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) struct Descriptor {
    pub(super) number: String,
    pub(super) target: PathBuf,
}

pub(super) fn descriptors(pid: u32) -> Vec<Descriptor> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return Vec::new();
    };
    let link = |entry: fs::DirEntry| {
        Some(Descriptor {
            number: entry.file_name().into_string().ok()?,
            target: fs::read_link(entry.path()).ok()?,
        })
    };
    entries.flatten().filter_map(link).collect()
}

/// Regular files that these processes hold open for writing.
pub(crate) fn written(pids: &[u32]) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for pid in pids {
        for descriptor in descriptors(*pid) {
            let path = format!("/proc/{pid}/fdinfo/{}", descriptor.number);
            let writes = fs::read_to_string(path).is_ok_and(|info| is_writing(&info));
            if writes && is_regular(&descriptor.target) {
                files.insert(descriptor.target);
            }
        }
    }
    files
}

/// Not a device, nor anything that the kernel makes up.
fn is_regular(path: &Path) -> bool {
    let made_up = ["/dev", "/proc", "/sys"];
    !made_up.iter().any(|root| path.starts_with(root)) && path.is_file()
}

/// The access mode is the lowest two bits of the flags, written in octal.
fn is_writing(info: &str) -> bool {
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    flags.is_some_and(|flags| flags & 0b11 != 0)
}

/// The shared libraries that it has loaded.
pub(crate) fn libraries(pid: u32) -> BTreeSet<PathBuf> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let paths = maps
        .lines()
        .filter_map(|line| Some(Path::new(&line[line.find('/')?..])));
    let is_library = |path: &&Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".so") || name.contains(".so.")
    };
    paths.filter(is_library).map(Path::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_told_from_writing() {
        assert!(!is_writing("pos:\t0\nflags:\t0100000\nmnt_id:\t1\n"));
        assert!(is_writing("pos:\t0\nflags:\t0102001\n"));
        assert!(is_writing("flags:\t0100002\n"));
    }
}
