//! Where a server lives: a private folder, a port, and a user.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Debian's `nobody` and its group `nogroup`.
const NOBODY: u32 = 65534;

pub(super) struct Place {
    folder: TempDir,
    /// Who runs the server if root runs the tests: PostgreSQL and RabbitMQ refuse root.
    user: Option<u32>,
    pub(super) port: u16,
}

impl Place {
    pub(super) fn new(name: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix(&format!("tf-{name}-"))
            .tempdir()
            .expect("a temporary folder can be made");
        let owner = fs::metadata(folder.path()).expect("it was just made").uid();
        let user = (owner == 0).then_some(NOBODY);
        chown(folder.path(), user, user).expect("root may give files away");
        Self {
            folder,
            user,
            port: free_port(),
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::write(&path, content).expect("the folder can be written to");
        chown(&path, self.user, self.user).expect("root may give files away");
    }

    /// What the server wrote so far.
    pub(super) fn log(&self) -> String {
        let log = fs::read(self.path("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// A command in the folder, as the server's user, in a small environment and a process group of
    /// its own: what a terminal sends to the tests must not reach it.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder())
            .env("LANG", "C.UTF-8")
            .process_group(0);
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }
}

/// A port that nobody listens on. Linux gives odd ones here and even ones to connecting sockets, so
/// a client is unlikely to take the port of a server that is stopped for a while.
pub(super) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("the loopback interface has free ports")
        .port()
}
