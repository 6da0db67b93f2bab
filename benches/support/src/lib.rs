//! What every benchmark area shares: how to count, how to spawn, how to print.
//!
//! A benchmark is one binary that plays two parts. Without arguments it is the runner: it spawns
//! itself once per figure as a [`Subject`] and prints a [`Table`]. As a spawned child it recognises
//! its [`Job`], does that one piece of work and prints the figure on stderr, since its stdout may be
//! part of the work. A child starts with an environment chosen by the runner, so nothing ever changes
//! its own environment. A [`Race`] takes the same figures of several contestants.

mod allocations;
mod bars;
mod job;
mod machine;
mod race;
mod subject;
mod table;

pub use allocations::{Allocations, Counting};
pub use bars::Bars;
pub use job::Job;
pub use machine::{machine_line, peer_versions};
pub use race::{Cast, Column, Figure, Outcome, Race};
pub use subject::{Stdout, Subject};
pub use table::{Table, grouped, median, ratio};
