#![doc = include_str!("../README.md")]
#![doc = include_str!("../docs/locks.md")]

mod args;
mod audit;
mod catalogue;
mod confirm;
mod control;
mod cx;
mod env;
mod error;
mod guard;
mod interrupts;
mod io;
mod mask;
mod outcome;
mod output;
mod panics;
mod process;
mod progress;
mod registry;
mod report;
mod run;
mod run_id;
mod secret;
mod setup;
mod task;
mod time;

pub use self::audit::{
    Action, AuditError, AuditEvent, AuditSink, JsonAudit, RunEnd, RunFacts, TracingAudit,
};
pub use self::catalogue::{Shell, UnknownShell};
pub use self::confirm::NotConfirmed;
pub use self::control::{StopReason, Stopped};
pub use self::cx::Cx;
pub use self::env::Env;
pub use self::error::{Error, Problem, ProblemKind};
#[cfg(feature = "lock-mysql")]
pub use self::guard::MySqlGuard;
#[cfg(feature = "lock-postgres")]
pub use self::guard::PostgresGuard;
pub use self::guard::{
    Attempt, BoxFuture, FileGuard, Guard, GuardError, GuardErrorKind, Held, Holder, MemoryGuard,
};
pub use self::interrupts::{Interrupt, Interrupter, Interrupts};
pub use self::io::Io;
pub use self::outcome::{Completion, ExitWith, Outcome};
pub use self::output::OutputError;
pub use self::panics::install_panic_hook;
pub use self::registry::{Registry, RegistryBuilder};
pub use self::report::Report;
pub use self::secret::{SecretArg, SecretParser};
pub use self::setup::{Setup, SetupError};
pub use self::task::{Danger, DryRun, Key, NoArgs, Task, TaskBuilder, TaskError};
