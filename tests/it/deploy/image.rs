//! The root file system of the image, without an engine: a program in it has nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::{Running, packaged, root, run};
use rustix::process::Signal;

use super::site::{app, event};

/// What `rootfs` makes of the example.
fn collected(folder: &Path) {
    let mut rootfs = Command::new(root().join("examples/deploy/rootfs"));
    let output = run(rootfs.arg(app()).arg(folder));
    assert_eq!(output.code, Some(0), "{output:?}");
}

/// The program in its root, as a user without rights. Root, which tests are in containers, enters it as such;
/// others by a namespace of their own.
fn inside(folder: &Path, words: &[&str]) -> Command {
    let is_root = rustix::process::geteuid().is_root();
    let mut command = Command::new(packaged("unshare", "util-linux"));
    let identity: &[&str] = match is_root {
        true => &["--setgid=65532", "--setuid=65532"],
        false => &["--map-root-user"],
    };
    command
        .args(identity)
        .arg("--root")
        .arg(folder)
        .arg("--wd=/");
    command.arg("/app").args(words).env_clear();
    command
}

#[test]
fn the_program_serves_from_a_root_that_holds_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    collected(folder.path());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    for shell in ["bin/sh", "usr/bin/sh", "bin/bash"] {
        assert!(!folder.path().join(shell).exists());
    }
    let version = run(&mut inside(folder.path(), &["version", "--json"]));
    assert_eq!(version.code, Some(0), "{version:?}");
    assert_eq!(event(&version.stdout)["name"], "app");
    let mut web = inside(folder.path(), &["web"]);
    web.env("GREETING", "hello")
        .env("PORT", "0")
        .stdin(Stdio::null());
    web.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut web = Running::start(web);
    let is_ready = web
        .stdout
        .any(|line| event(&line)["event"]["action"] == "lifecycle.ready");
    assert!(is_ready);
    web.signal(Signal::TERM);
    assert_eq!(web.wait().code(), Some(0));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn rootfs_says_what_it_wants() {
    let mut rootfs = Command::new(root().join("examples/deploy/rootfs"));
    assert_eq!(run(rootfs.arg("/nowhere/program")).code, Some(2));
}
