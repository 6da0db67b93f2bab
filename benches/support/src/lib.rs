//! What every benchmark area shares: how to count, how to spawn, how to print.
//!
//! A benchmark is one binary that plays two parts. Without arguments it is the runner: it spawns
//! itself once per figure as a [`Subject`] and prints a [`Table`]. As a spawned child it recognises
//! its [`Job`], does that one piece of work and prints the figure. A child starts with an
//! environment chosen by the runner, so nothing ever changes its own environment.

mod allocations;
mod job;
mod machine;
mod subject;
mod table;

pub use allocations::{Allocations, Counting};
pub use job::Job;
pub use machine::{machine_line, peer_versions};
pub use subject::Subject;
pub use table::{Table, grouped, median, ratio};
