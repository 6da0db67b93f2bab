//! All files of the folder: none without a test, or without saying so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{packaged, root, run};

use super::site::{Site, app};

/// What tests run or let others read; the rest says in its first line that nothing does.
const EXERCISED: [&str; 13] = [
    "Dockerfile.dockerignore",
    "Procfile",
    "README.md",
    "elk/index-template.json",
    "kubernetes/kustomization.yaml",
    "kubernetes/orders.yaml",
    "release",
    "rootfs",
    "supervisor.conf",
    "systemd/orders-admin@.service",
    "systemd/orders-fulfil.service",
    "systemd/orders-web.service",
    "systemd/orders-web.socket",
];

pub(super) fn deploy() -> PathBuf {
    root().join("examples/deploy")
}

pub(super) fn read(name: &str) -> String {
    let path = deploy().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The paths of files below the folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be listed");
    let paths = entries.map(|entry| entry.expect("the folder can be listed").path());
    let below = |path: PathBuf| match path.is_dir() {
        true => files(&path),
        false => vec![path],
    };
    paths.flat_map(below).collect()
}

#[test]
fn each_file_is_exercised_or_says_that_it_is_not() {
    let mut exercised = Vec::new();
    for path in files(&deploy()) {
        let name = path
            .strip_prefix(deploy())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("# Not exercised by the repository's tests") {
            exercised.push(name);
        }
    }
    exercised.sort();
    assert_eq!(exercised, EXERCISED);
}

#[test]
fn the_readme_is_short_and_names_each_file() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= 100);
    for entry in fs::read_dir(deploy()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            readme.contains(&format!("]({name})")) || name == "README.md",
            "{name}"
        );
    }
}

#[test]
fn shellcheck_finds_nothing_in_the_scripts() {
    let site = Site::new(1);
    let id = site.create(&app(), "aaa", "GREETING=one\n");
    let mut shellcheck = Command::new(packaged("shellcheck", "shellcheck"));
    shellcheck.args(["--severity", "style"]);
    shellcheck.args([deploy().join("release"), deploy().join("rootfs")]);
    let output = run(shellcheck.arg(site.path(&format!("releases/{id}/run"))));
    assert_eq!(output.code, Some(0), "{}", output.stdout);
}
