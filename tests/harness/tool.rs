//! Finds foreign programs.

use std::env;
use std::fs;
use std::path::PathBuf;

/// The path of a foreign program: installed by `scripts/test`, or on the `PATH`.
///
/// # Panics
///
/// Panics if it is nowhere, with what installs it.
#[must_use]
pub fn tool(name: &str) -> PathBuf {
    match find(name) {
        Some(found) => found,
        None => panic!("`{name}` is not installed; run `scripts/test`, which installs it"),
    }
}

/// The path of a program of a Debian package.
///
/// # Panics
///
/// Panics if it is nowhere, with the package that has it.
#[must_use]
pub fn packaged(name: &str, package: &str) -> PathBuf {
    match find(name) {
        Some(found) => found,
        None => panic!(
            "`{name}` is not installed; Debian's package `{package}` has it, and `scripts/test` \
             installs it"
        ),
    }
}

fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = vec![crate::root().join("target/test-tools/bin")];
    places.extend(off_the_path());
    places.extend(env::split_paths(&path));
    places
        .into_iter()
        .map(|place| place.join(name))
        .find(|place| place.is_file())
}

/// Where Debian keeps servers. They come before the `PATH`, which has a wrapper of the same name as
/// RabbitMQ's program that refuses every user but its own.
fn off_the_path() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut postgres: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    postgres.sort();
    let mut places = vec![PathBuf::from("/usr/lib/rabbitmq/bin")];
    places.extend(postgres.into_iter().rev());
    places.push(PathBuf::from("/usr/sbin"));
    places
}
