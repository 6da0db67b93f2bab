//! What every benchmark area shares: how to count, how to spawn, how to print.
//!
//! A benchmark is one binary that plays two parts. Without arguments it is the runner: it spawns
//! itself once per figure as a [`Subject`] and prints a [`Table`]. As a spawned child it recognises
//! its [`Job`], does that one piece of work and prints the figure on stderr, since its stdout may be
//! part of the work. A child starts with an environment chosen by the runner, so nothing ever changes
//! its own environment. A [`Race`] takes the same figures of several contestants.
//!
//! With the feature `server` the subject may also be a server: a [`Server`] is a process that listens, and [`rounds`]
//! loads several of them in turns.

mod allocations;
mod bars;
#[cfg(feature = "server")]
mod client;
mod job;
#[cfg(feature = "server")]
mod load;
mod machine;
mod race;
#[cfg(feature = "server")]
mod server;
mod subject;
mod table;
mod valgrind;

pub use allocations::{Allocations, Counting};
pub use bars::Bars;
#[cfg(feature = "server")]
pub use client::{
    HELLO, REQUEST, connect, has_answer, is_answered, is_answered_within, is_ok, read_answer, send,
};
pub use job::Job;
#[cfg(feature = "server")]
pub use load::{CLIENTS, Round, WORKS, Work, each, middle, repeat, rounds, share};
pub use machine::{machine_line, peer_versions};
pub use race::{Cast, Column, Figure, Outcome, Race};
#[cfg(feature = "server")]
pub use server::{End, Ending, Server};
pub use subject::{Stdout, Subject};
pub use table::{Table, grouped, median, ratio};
pub use valgrind::{Watch, heap_requests, instructions, system_calls};
