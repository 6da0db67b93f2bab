#![doc = include_str!("../README.md")]
#![doc = include_str!("../docs/attributes.md")]
#![doc = include_str!("../docs/rules.md")]
#![doc = include_str!("../docs/migration.md")]

mod config;
mod decode;
mod error;
mod expected;
mod hint;
mod loaded;
mod reader;
mod redact;
mod reference;
mod report;
mod section;
mod source;
pub mod testing;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use self::config::Config;
pub use self::decode::{ByteSize, ByteSizeError};
pub use self::error::{Error, Problem, ProblemKind, Warning, WarningKind};
pub use self::loaded::{Loaded, Resolved};
pub use self::reference::{Reference, Variable};
pub use self::source::{Origin, Source, Value, Vars};
pub use tf_config_derive::Config;
