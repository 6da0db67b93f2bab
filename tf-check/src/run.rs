//! From a profile to a checklist.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::bench::{Baseline, Bench};
use crate::checklist::{Checklist, Finding, Row, Verdict};
use crate::checks::{self, Check};
use crate::error::Problem;
use crate::outcome::Stop;
use crate::waiting::took;
use crate::{Error, Factor, Options, Profile, family, proc, process};

/// Starts the program of `profile`, many times, and fills in the checklist.
///
/// # Errors
///
/// Fails if the program is not there, or the harness breaks; a program that fails a check is no error.
///
/// # Examples
///
/// ```no_run
/// let profile = tf_check::Profile::new("target/debug/shop");
/// let checklist = tf_check::run(&profile).expect("the harness works");
/// assert!(checklist.passes(), "{checklist}");
/// ```
pub fn run(profile: &Profile) -> Result<Checklist, Error> {
    run_with(profile, &Options::new())
}

/// The same, with options.
///
/// # Errors
///
/// As [`run`]; and if it was told to stop.
pub fn run_with(profile: &Profile, options: &Options) -> Result<Checklist, Error> {
    let begun = Instant::now();
    family::adopt_orphans();
    let progress = Arc::clone(&options.progress);
    progress("starting it once");
    let bench = Bench::new(profile.clone(), options.clone())?;
    let checks: Vec<Check> = checks::all()
        .filter(|check| options.wants(check.factor))
        .collect();
    let mut findings = work_off(&bench, &checks)?;
    let wanted = Factor::ALL
        .into_iter()
        .filter(|factor| options.wants(*factor));
    let rows = wanted.map(|factor| {
        let of_row = checks.iter().zip(&mut findings);
        let of_row = of_row.filter(|(check, _)| check.factor == factor);
        let mut findings: Vec<Finding> = of_row.filter_map(|(_, finding)| finding.take()).collect();
        findings.extend(profile.declared.get(&factor).map(|reason| Finding {
            check: "owner",
            verdict: Verdict::Declared,
            remark: reason.clone(),
        }));
        Row { factor, findings }
    });
    Ok(Checklist {
        command: profile.command_line(),
        about: about(&bench),
        rows: rows.collect(),
        took: begun.elapsed(),
    })
}

/// Runs the checks on a few threads. Their order in the result is that of the list.
fn work_off(bench: &Bench, checks: &[Check]) -> Result<Vec<Option<Finding>>, Problem> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(checks.iter().map(|_| None).collect::<Vec<_>>());
    let broken = Mutex::new(None);
    let work = || {
        while let Some((index, check)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            checks.get(index).map(|check| (index, check))
        } {
            let number = format!("{}/{}", index + 1, checks.len());
            (bench.options.progress)(&format!("{number} {}: {}", check.factor, check.name));
            match find(bench, check) {
                Ok(finding) => lock(&done)[index] = finding,
                Err(problem) => {
                    next.store(checks.len(), Ordering::Relaxed);
                    lock(&broken).get_or_insert(problem);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads(bench) {
            scope.spawn(work);
        }
    });
    match broken.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(problem) => Err(problem),
        None => Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program that takes a port of its own choice can only be run once at a time.
fn threads(bench: &Bench) -> usize {
    match &bench.baseline {
        Baseline::Up { place, port, .. } if place.port() == Some(*port) => {
            process::processors().clamp(2, 4)
        }
        _ => 1,
    }
}

fn find(bench: &Bench, check: &Check) -> Result<Option<Finding>, Problem> {
    bench.interrupted()?;
    let (verdict, remark) = match (check.run)(bench) {
        Ok(outcome) => (outcome.verdict, outcome.remark),
        Err(Stop::DoesNotApply) => return Ok(None),
        Err(Stop::NotTested(why)) => (Verdict::NotTested, why),
        Err(Stop::Broken(problem)) => return Err(problem),
    };
    Ok(Some(Finding {
        check: check.name,
        verdict,
        remark,
    }))
}

fn about(bench: &Bench) -> Vec<String> {
    let start = match &bench.baseline {
        Baseline::Up {
            place,
            port,
            took: time,
        } => {
            let variable = &bench.profile.port;
            format!(
                "with {variable}={port} it listens on {place} after {}",
                took(*time)
            )
        }
        Baseline::Down { why, words } => format!("it does not get up: {why}{words}"),
    };
    let mut about = vec![start, bench.namespaces.about()];
    if !proc::is_there() {
        about.push(
            "this system has no /proc: whose socket, file or child something is stays unknown"
                .to_owned(),
        );
    }
    about
}
