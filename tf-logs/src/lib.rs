#![doc = include_str!("../README.md")]
#![doc = include_str!("../docs/fields.md")]
#![doc = include_str!("../docs/variables.md")]
#![doc = include_str!("../docs/elk.md")]

#[cfg(feature = "log")]
mod bridge;
mod builder;
mod clock;
mod compose;
mod core;
mod direct;
mod ecs;
mod engine;
mod error;
mod event;
mod filter;
mod fixed;
mod identity;
mod install;
mod layer;
mod line;
mod local;
mod logs;
mod nest;
mod panics;
mod plan;
mod pretty;
mod process;
mod readable;
mod settings;
mod sink;
mod span;
pub mod testing;
mod trace;
mod value;
mod vars;

pub use builder::{Builder, builder, init};
pub use direct::TraceIds;
pub use error::{ChoiceError, Error, ErrorKind, Problem};
pub use filter::{Filter, FilterError, FilterProblem};
pub use logs::Logs;
pub use settings::{Format, Panics, Schema, Stall, Stream};
pub use trace::{TraceParent, TraceParentError};
pub use value::error;
