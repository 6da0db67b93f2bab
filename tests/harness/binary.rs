//! Builds the repository's own binaries.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The path of a binary of the package `tf-examples`, built on first use.
///
/// # Panics
///
/// Panics if the examples do not build, or none has this name.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(build);
    match built.get(name) {
        Some(path) => path.clone(),
        None => panic!("no example `{name}` among {:?}", built.keys()),
    }
}

/// Cargo holds its lock only while it builds, so a running test may ask it to build.
fn build() -> BTreeMap<String, PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(crate::root()).args([
        "build",
        "--package",
        "tf-examples",
        "--bins",
        "--locked",
    ]);
    cargo
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit());
    let output = cargo.output().expect("cargo starts");
    assert!(output.status.success(), "the examples do not build");
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
