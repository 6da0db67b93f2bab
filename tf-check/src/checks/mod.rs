//! The checks, a file per factor. Each starts processes of its own.

mod admin;
mod backing;
mod build;
mod codebase;
mod concurrency;
mod config;
mod dependencies;
mod disposability;
mod in_flight;
mod logs;
mod parity;
mod port;
mod processes;
mod secrets;
mod stopping;

use crate::Factor;
use crate::bench::Bench;
use crate::outcome::{Checked, Stop};

pub(crate) struct Check {
    pub(crate) factor: Factor,
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Bench) -> Checked,
}

type Named = (&'static str, fn(&Bench) -> Checked);

/// Every check, in the order of the table.
pub(crate) fn all() -> impl Iterator<Item = Check> {
    let rows: [(Factor, &[Named]); 12] = [
        (Factor::Codebase, &codebase::CHECKS),
        (Factor::Dependencies, &dependencies::CHECKS),
        (Factor::Config, &config::CHECKS),
        (Factor::Backing, &backing::CHECKS),
        (Factor::Build, &build::CHECKS),
        (Factor::Processes, &processes::CHECKS),
        (Factor::Port, &port::CHECKS),
        (Factor::Concurrency, &concurrency::CHECKS),
        (Factor::Disposability, &disposability::CHECKS),
        (Factor::Parity, &parity::CHECKS),
        (Factor::Logs, &logs::CHECKS),
        (Factor::Admin, &admin::CHECKS),
    ];
    rows.into_iter().flat_map(|(factor, checks)| {
        checks.iter().map(move |(name, run)| Check {
            factor,
            name,
            run: *run,
        })
    })
}

/// The end of a check that has nothing to look at: the owner's word stands where there is one.
fn nothing_to_see(bench: &Bench, factor: Factor, why: &str) -> Stop {
    match bench.profile.declared.contains_key(&factor) {
        true => Stop::DoesNotApply,
        false => Stop::NotTested(why.to_owned()),
    }
}

/// `a, b and 2 more`.
fn some_of(things: &[String]) -> String {
    const SHOWN: usize = 4;
    match things.len().checked_sub(SHOWN) {
        None | Some(0) => things.join("; "),
        Some(more) => format!("{}; and {more} more", things[..SHOWN].join("; ")),
    }
}

fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}
