//! A lock for one host.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, OFlags, flock, major, minor};
use rustix::io::Errno;
use tokio::time::sleep;

use super::name::short;
use super::{Attempt, BoxFuture, Guard, GuardError, Held, Holder};
use crate::process;

/// How often a holder looks whether its file is still the one that others find.
const LOOK: Duration = Duration::from_secs(1);

/// Variables of platforms that start the same program on several hosts.
const VARIABLES: [&str; 8] = [
    "KUBERNETES_SERVICE_HOST",
    "ECS_CONTAINER_METADATA_URI_V4",
    "NOMAD_ALLOC_ID",
    "CLOUD_RUN_JOB",
    "K_SERVICE",
    "DYNO",
    "FLY_MACHINE_ID",
    // The container interface of systemd.
    "container",
];

/// Files that Docker and Podman put into a container.
const FILES: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// More than a holder's line has.
const LONGEST: u64 = 4096;

/// A lock by files in a folder, for programs on one host.
///
/// The kernel holds the lock (`flock`) and frees it when the process ends, however it ends. Each key has a file, whose
/// text says who holds it. Files stay when locks are given back: a file that one run removes, another one may
/// just have opened. The folder is made if it is missing.
///
/// Several hosts, or containers that do not share the folder, do not see each other's locks: where there are
/// signs of that, a run warns. Network file systems are not meant for it either.
///
/// # Examples
///
/// ```
/// use tf_admin::{FileGuard, Registry, Task};
///
/// # fn main() -> Result<(), tf_admin::Error> {
/// let registry = Registry::builder("shop")
///     .lock(FileGuard::new("/run/lock/shop"))
///     .add(Task::new("prune", "Delete old rows").run(|_, _| async { Ok(()) }))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FileGuard {
    folder: PathBuf,
    is_shared: bool,
}

impl FileGuard {
    /// Creates a guard with its files in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            is_shared: false,
        }
    }

    /// Says that all that run tasks share the folder, though they may be containers: there is no warning then.
    pub fn shared(mut self) -> Self {
        self.is_shared = true;
        self
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{}.lock", short(key, 100)))
    }

    fn try_lock(&self, key: &str, holder: &Holder) -> Result<Attempt, GuardError> {
        let path = self.path(key);
        let wrong = |error| wrong(&path, error);
        fs::create_dir_all(&self.folder).map_err(wrong)?;
        loop {
            let mut options = File::options();
            options.read(true).write(true).create(true);
            let mut file = open(&path, &mut options).map_err(wrong)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Ok(Attempt::Busy(read(&file).map_err(wrong)?)),
                Err(error) => return Err(wrong(error.into())),
            }
            // Whoever cleans folders up may have removed the file before it was locked.
            if is_at(&file, &path).map_err(wrong)? {
                write(&mut file, &holder.to_line()).map_err(wrong)?;
                return Ok(Attempt::Held(Box::new(FileHeld { file, path })));
            }
        }
    }

    fn look(&self, key: &str) -> Result<Option<Holder>, GuardError> {
        let path = self.path(key);
        let wrong = |error| wrong(&path, error);
        let file = match open(&path, File::options().read(true)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(wrong)?,
        };
        // The text of a run that was killed stays, so it says nothing about who holds the lock now.
        let holder = read(&file).map_err(wrong)?;
        let locks = fs::read_to_string("/proc/locks");
        let locks = locks.map_err(|error| {
            GuardError::unavailable("`/proc/locks` cannot be read").with_source(error)
        })?;
        let file = file.metadata().map_err(wrong)?;
        Ok(holder.filter(|holder| is_locked(&locks, &file, holder)))
    }
}

/// Opens a regular file: in a folder that others may write to, a link would lead anywhere and a pipe would block.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = options.custom_flags(flags).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("not a regular file")),
    }
}

/// A folder or a file that does not let itself be used; no later run will find it better.
fn wrong(path: &Path, error: io::Error) -> GuardError {
    GuardError::config(format!("`{}` cannot be used", path.display())).with_source(error)
}

/// Whether the path leads to this very file.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn read(mut file: &File) -> io::Result<Option<Holder>> {
    let mut text = Vec::new();
    file.rewind()?;
    file.take(LONGEST).read_to_end(&mut text)?;
    Ok(Holder::from_line(&String::from_utf8_lossy(&text)))
}

fn write(file: &mut File, line: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    // One call, so that a reader finds all or nothing.
    file.write_all(format!("{line}\n").as_bytes())
}

/// Whether the kernel's table has an exclusive lock on the file: `1: FLOCK ADVISORY WRITE 42 fe:00:4711 0 EOF`.
///
/// Some file systems show another device in the table than to those who ask for the file's: then the process tells.
fn is_locked(locks: &str, file: &fs::Metadata, holder: &Holder) -> bool {
    let device = (major(file.dev()), minor(file.dev()));
    locks.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (kind, _, access) = (fields.next(), fields.next(), fields.next());
        let (pid, place) = (fields.next(), fields.next().unwrap_or_default());
        let mut place = place.split(':');
        let mut number = || u32::from_str_radix(place.next().unwrap_or_default(), 16).ok();
        let is_same_device = (number(), number()) == (Some(device.0), Some(device.1));
        let is_same_process = pid.and_then(|pid| pid.parse().ok()) == Some(holder.pid);
        (kind, access) == (Some("FLOCK"), Some("WRITE"))
            && place.next().and_then(|ino| ino.parse().ok()) == Some(file.ino())
            && (is_same_device || is_same_process)
    })
}

impl Guard for FileGuard {
    fn try_acquire<'a>(
        &'a self,
        key: &'a str,
        holder: &'a Holder,
    ) -> BoxFuture<'a, Result<Attempt, GuardError>> {
        Box::pin(async move { self.try_lock(key, holder) })
    }

    fn holder<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Holder>, GuardError>> {
        Box::pin(async move { self.look(key) })
    }

    fn warning(&self) -> Option<String> {
        let sign = sign(process::is_set, |path| Path::new(path).exists());
        let sign = sign.filter(|_| !self.is_shared)?;
        let folder = self.folder.display();
        Some(format!(
            "the lock in `{folder}` holds on one host, and `{sign}` is a sign of more"
        ))
    }
}

/// What suggests that this host is one of many.
fn sign(is_set: impl Fn(&str) -> bool, exists: impl Fn(&str) -> bool) -> Option<&'static str> {
    let variable = VARIABLES.into_iter().find(|name| is_set(name));
    variable.or_else(|| FILES.into_iter().find(|path| exists(path)))
}

#[derive(Debug)]
struct FileHeld {
    file: File,
    path: PathBuf,
}

impl Held for FileHeld {
    fn lost(&mut self) -> BoxFuture<'_, String> {
        Box::pin(async {
            loop {
                match is_at(&self.file, &self.path) {
                    Ok(true) => sleep(LOOK).await,
                    Ok(false) => {
                        let path = self.path.display();
                        return format!("the lock file `{path}` was removed or replaced");
                    }
                    Err(error) => return format!("{}: {error}", self.path.display()),
                }
            }
        })
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, Result<(), GuardError>> {
        Box::pin(async move {
            // Before the lock is free, and it is free when the file is closed: later the text is another one's.
            self.file
                .set_len(0)
                .map_err(|error| wrong(&self.path, error))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_and_pods_have_a_sign() {
        assert_eq!(sign(|_| false, |_| false), None);
        let pod = "KUBERNETES_SERVICE_HOST";
        assert_eq!(sign(|name| name == pod, |_| true), Some(pod));
        let docker = "/.dockerenv";
        assert_eq!(sign(|_| false, |path| path == docker), Some(docker));
    }

    #[test]
    fn the_kernels_table_is_read_by_device_or_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        fs::write(&path, "").unwrap();
        let file = fs::metadata(&path).unwrap();
        let holder = Holder::from_line("0199-a prune web-1 42 0 anna").unwrap();
        let (major, minor, ino) = (major(file.dev()), minor(file.dev()), file.ino());
        let device = format!("{major:02x}:{minor:02x}");
        for (line, is_held) in [
            (format!("FLOCK ADVISORY WRITE 7 {device}:{ino} 0 EOF"), true),
            (format!("FLOCK ADVISORY WRITE 42 ff:ff:{ino} 0 EOF"), true),
            (format!("FLOCK ADVISORY WRITE 7 ff:ff:{ino} 0 EOF"), false),
            (
                format!("FLOCK ADVISORY WRITE 42 {device}:1{ino} 0 EOF"),
                false,
            ),
            (
                format!("FLOCK ADVISORY READ 42 {device}:{ino} 0 EOF"),
                false,
            ),
            (
                format!("POSIX ADVISORY WRITE 42 {device}:{ino} 0 EOF"),
                false,
            ),
            ("FLOCK".to_owned(), false),
        ] {
            let table = format!("1: POSIX ADVISORY READ 1 00:01:1 0 EOF\n2: {line}\n");
            assert_eq!(is_locked(&table, &file, &holder), is_held, "{line}");
        }
    }
}
