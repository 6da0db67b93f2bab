//! A fresh folder for one process: where it works, its home, its temporary files, its data.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::TempDir;

pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    /// `files`, what a release consists of, are copied into the working folder; `data` into the data.
    pub(crate) fn new(base: &Path, files: Option<&Path>, data: Option<&Path>) -> io::Result<Self> {
        let place = Self {
            folder: tempfile::Builder::new().prefix("run-").tempdir_in(base)?,
        };
        for folder in [place.work(), place.home(), place.tmp(), place.data()] {
            fs::create_dir(folder)?;
        }
        for (from, to) in [(files, place.work()), (data, place.data())] {
            if let Some(from) = from {
                copy(from, &to)?;
            }
        }
        Ok(place)
    }

    /// All of it, without links on the way.
    pub(crate) fn root(&self) -> PathBuf {
        let path = self.folder.path();
        fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// Stands for a backing service that keeps files; what changes here is no business of the checks.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What lies in the folders of the process, its data apart.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut files = BTreeMap::new();
        for (name, folder) in [
            ("working folder", self.work()),
            ("HOME", self.home()),
            ("TMPDIR", self.tmp()),
        ] {
            let _ = walk(&folder, &mut |path, metadata| {
                let below = path.strip_prefix(&folder).unwrap_or(path);
                let entry = format!("{} ({name})", below.display());
                files.insert(entry, (metadata.len(), metadata.modified().ok()));
                Ok(())
            });
        }
        Snapshot(files)
    }

    /// The contents of all files that the process may have left, for a search.
    pub(crate) fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        const LARGEST: u64 = 16 << 20;
        let mut contents = Vec::new();
        for folder in [self.work(), self.home(), self.tmp()] {
            let _ = walk(&folder, &mut |path, metadata| {
                if metadata.len() <= LARGEST {
                    contents.push((path.to_owned(), fs::read(path)?));
                }
                Ok(())
            });
        }
        contents
    }
}

/// Sizes and times of files.
#[derive(PartialEq, Eq)]
pub(crate) struct Snapshot(BTreeMap<String, (u64, Option<SystemTime>)>);

impl Snapshot {
    /// What is new, changed or gone since then.
    pub(crate) fn since(&self, before: &Self) -> Vec<String> {
        let changed = self
            .0
            .iter()
            .filter_map(|(path, now)| match before.0.get(path) {
                None => Some(format!("{path}, {} bytes", now.0)),
                Some(then) if then != now => Some(format!("{path}, changed")),
                Some(_) => None,
            });
        let gone = before.0.keys().filter(|path| !self.0.contains_key(*path));
        changed
            .chain(gone.map(|path| format!("{path}, removed")))
            .collect()
    }
}

/// Files and links below a folder.
fn walk(
    folder: &Path,
    visit: &mut impl FnMut(&Path, &Metadata) -> io::Result<()>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let metadata = fs::symlink_metadata(&path)?;
        if metadata.is_dir() {
            walk(&path, visit)?;
        } else {
            visit(&path, &metadata)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            fs::create_dir(&to)?;
            copy(&from, &to)?;
            fs::set_permissions(&to, entry.metadata()?.permissions())?;
        } else if kind.is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(fs::read_link(&from)?, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// A digest of a file's bytes, for telling whether it changed; not for cryptography.
pub(crate) fn digest(path: &Path) -> io::Result<u64> {
    let mut file = fs::File::open(path)?;
    let mut hasher = DefaultHasher::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            read => hasher.write(&buffer[..read]),
        }
    }
}
