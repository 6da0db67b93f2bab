#![doc = include_str!("../README.md")]
#![doc = include_str!("../docs/reference.md")]

mod conductor;
mod core;
mod events;
mod group;
mod hook;
mod lifecycle;
mod names;
mod notify;
mod options;
mod outcome;
mod process;
mod race;
mod reason;
mod report;
mod request;
mod run;
mod sentinel;
mod signals;
mod slab;
mod state;
mod task;
mod token;
mod wait;

pub use group::{Group, Guard, Tracked};
pub use hook::{HookHandle, Stage};
pub use lifecycle::Lifecycle;
pub use options::{Budget, Options, Problem, Problems, Timeout, TimeoutError};
pub use outcome::Outcome;
pub use reason::Reason;
pub use report::{HookOutcome, HookReport, Report, SignalSeen, Straggler};
pub use run::run;
pub use signals::{Origin, QuitAction, Signal, Signals, SignalsBuilder};
pub use state::State;
pub use task::{Stopped, TaskError, TaskErrorKind, TaskHandle};
pub use token::{Reached, Token, UntilStopping, UntilStoppingStream};
