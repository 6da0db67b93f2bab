//! What process-level tests need: the repository's binaries, foreign tools, bounded runs, and servers.

mod binary;
mod run;
mod running;
pub mod server;
mod tool;

pub use binary::{binary, example};
pub use run::{Output, run};
pub use running::{Lines, Running};
pub use tool::{packaged, tool};

use std::path::PathBuf;

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the package lies in the repository")
        .to_owned()
}
