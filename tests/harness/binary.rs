//! Builds the repository's own binaries.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The path of a binary of the package `tf-examples`, built on first use.
///
/// # Panics
///
/// Panics if the examples do not build, or none has this name.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    binary("tf-examples", name)
}

/// The path of a binary of a package of the workspace, built on first use.
///
/// # Panics
///
/// Panics if the package does not build, or has no binary of this name.
#[must_use]
pub fn binary(package: &str, name: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, Binaries>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let built = built
        .entry(package.to_owned())
        .or_insert_with(|| build(package));
    match built.get(name) {
        Some(path) => path.clone(),
        None => panic!("no binary `{name}` of `{package}` among {:?}", built.keys()),
    }
}

/// The paths of binaries, by name.
type Binaries = BTreeMap<String, PathBuf>;

/// Cargo holds its lock only while it builds, so a running test may ask it to build.
fn build(package: &str) -> Binaries {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(crate::root())
        .args(["build", "--package", package, "--bins", "--locked"]);
    cargo
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit());
    let output = cargo.output().expect("cargo starts");
    assert!(output.status.success(), "`{package}` does not build");
    let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let executables = messages.filter_map(|message| {
        let path = message["executable"].as_str()?;
        Some((
            message["target"]["name"].as_str()?.to_owned(),
            PathBuf::from(path),
        ))
    });
    executables.collect()
}
