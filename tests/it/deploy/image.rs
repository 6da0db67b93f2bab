//! The root file system of the image, without an engine: a program in it has nothing else.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::{Running, packaged, root, run, tool};
use rustix::process::Signal;

use super::site::{event, orders};
use super::texts::{deploy, read};
use super::yaml::succeeded;

/// What `rootfs` makes of the service.
fn collected(folder: &Path) {
    let mut rootfs = Command::new(root().join("examples/deploy/rootfs"));
    let output = run(rootfs.arg(orders()).arg(folder));
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
    command.arg("/orders").args(words).env_clear();
    command
}

#[test]
fn the_program_serves_from_a_root_that_holds_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (root, data) = (folder.path(), folder.path().join("data"));
    collected(root);
    for shell in ["bin/sh", "usr/bin/sh", "bin/bash"] {
        assert!(!root.join(shell).exists());
    }
    // In place of a database elsewhere.
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(root, Permissions::from_mode(0o555)).unwrap();
    let url = "sqlite:/data/orders.db?mode=rwc";
    let variables = [("DATABASE_URL", url), ("QUEUE_URL", url), ("PORT", "0")];
    let migrated = run(inside(root, &["admin", "migrate"]).envs(variables));
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    let mut web = inside(root, &["web"]);
    web.envs(variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut web = Running::start(web);
    let is_ready = |line: String| event(&line)["event"]["action"] == "lifecycle.ready";
    assert!(web.stdout.any(is_ready));
    web.signal(Signal::TERM);
    assert_eq!(web.wait().code(), Some(0));
    fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn rootfs_says_what_it_wants() {
    let mut rootfs = Command::new(root().join("examples/deploy/rootfs"));
    assert_eq!(run(rootfs.arg("/nowhere/program")).code, Some(2));
}

#[test]
fn the_image_is_built_locked_and_runs_as_nobody() {
    let _ok = succeeded(Command::new(tool("hadolint")).arg(deploy().join("Dockerfile")));
    let dockerfile = read("Dockerfile");
    let lines = |word: &str| {
        let prefix = format!("{word} ");
        dockerfile
            .lines()
            .filter_map(|line| line.strip_prefix(&prefix))
            .collect::<Vec<_>>()
    };
    assert!(dockerfile.contains("cargo build --release --locked --package orders --bin orders"));
    assert_eq!(lines("FROM").last(), Some(&"scratch"));
    let identity: Vec<_> = lines("USER")[0].split(':').collect();
    assert!(
        identity
            .iter()
            .all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)),
        "{identity:?}"
    );
    let entry: Vec<String> =
        serde_json::from_str(lines("ENTRYPOINT")[0]).expect("words, without a shell");
    assert_eq!(entry, ["/orders"]);
    let script = "examples/deploy/rootfs";
    assert!(dockerfile.contains(script) && root().join(script).is_file());
    // What is left out is no part of the build: nothing that Cargo or the last stage names.
    for line in read("Dockerfile.dockerignore")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        assert!(["**/target", ".git"].contains(&line), "{line}");
    }
}
