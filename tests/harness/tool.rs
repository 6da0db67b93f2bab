//! Finds foreign programs.

use std::env;
use std::path::PathBuf;

/// The path of a foreign program: installed by `scripts/test`, or on the `PATH`.
///
/// # Panics
///
/// Panics if it is nowhere, with what installs it.
#[must_use]
pub fn tool(name: &str) -> PathBuf {
    let own = crate::root().join("target/test-tools/bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = [own]
        .into_iter()
        .chain(env::split_paths(&path))
        .map(|place| place.join(name));
    match places.find(|place| place.is_file()) {
        Some(found) => found,
        None => panic!("`{name}` is not installed; run `scripts/test`, which installs it"),
    }
}
