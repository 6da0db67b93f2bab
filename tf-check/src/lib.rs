#![doc = include_str!("../README.md")]
#![doc = include_str!("../docs/checks.md")]
#![doc = include_str!("../docs/profile.md")]

mod bench;
mod checklist;
mod checks;
mod cli;
mod client;
mod error;
mod factor;
mod family;
mod joel;
mod launch;
mod namespace;
mod options;
mod outcome;
mod output;
mod place;
mod ports;
mod proc;
mod process;
mod profile;
mod run;
mod show;
mod sink;
mod subject;
mod waiting;

pub use checklist::{Checklist, Finding, Row, Verdict};
pub use cli::main;
pub use error::{Error, ErrorKind};
pub use factor::Factor;
pub use joel::{JoelTest, joel};
pub use options::Options;
pub use profile::Profile;
pub use run::{run, run_with};
