//! V. A release is a build and its configuration; it has a name, and nothing changes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;

use super::port::ordinary_answer;
use crate::bench::Bench;
use crate::error::Problem;
use crate::launch::Launch;
use crate::outcome::{Checked, Outcome, Stop};
use crate::place::digest;
use crate::{ports, proc};

pub(super) const CHECKS: [super::Named; 2] =
    [("release id", release_id), ("same bytes", same_bytes)];

/// Two ids, one after the other, as after a rollback: only the text that was planted counts.
fn release_id(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let variable = &bench.profile.release;
    let older = format!("release-{:016x}", ports::random());
    let mut remarks = Vec::new();
    for id in [&bench.release, &older] {
        let place = bench.place()?;
        let launch = bench.launch(&place)?.set(variable, id.clone());
        match shown_in(bench, &launch, id)? {
            (Some(place), _) => remarks.push(format!("{variable}={id} is in {place}")),
            (None, 0) => {
                return Err(Stop::NotTested(
                    "it said nothing that could show it".to_owned(),
                ));
            }
            (None, bytes) => {
                let text = format!(
                    "{variable}={id} is nowhere in {bytes} bytes of output, answer and version"
                );
                return Ok(Outcome::fail(text));
            }
        }
    }
    Ok(Outcome::pass(remarks.join("; ")))
}

/// Where the id shows, and how many bytes were searched.
fn shown_in(
    bench: &Bench,
    launch: &Launch<'_>,
    id: &str,
) -> Result<(Option<&'static str>, usize), Stop> {
    let (mut subject, up) = bench.started(launch)?;
    let answer = match ordinary_answer(bench, &up) {
        Ok(answer) => answer.text(),
        Err(Stop::Broken(problem)) => return Err(problem.into()),
        Err(_) => String::new(),
    };
    subject.signal(Signal::TERM);
    let _ = subject.wait(bench.options.timeout.min(Duration::from_secs(3)));
    bench.interrupted()?;
    let output = subject.output_at_end();
    let version = match &bench.profile.version {
        None => String::new(),
        Some(words) => {
            let place = bench.place()?;
            let launch = Launch::new(bench, &place, bench.port()?).words(words);
            let launch = launch.set(&bench.profile.release, id);
            launch.run(bench.options.timeout)?.1.all()
        }
    };
    let texts = [
        ("its log", output.all()),
        ("its answer", answer),
        ("its version", version),
    ];
    let bytes = texts.iter().map(|(_, text)| text.len()).sum();
    let found = texts.iter().find(|(_, text)| text.contains(id));
    Ok((found.map(|(place, _)| *place), bytes))
}

/// Nothing is built, fetched or written over at run time: neither the program that was named, nor
/// the one that it became, nor a script among the arguments.
fn same_bytes(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let arguments = bench
        .profile
        .arguments
        .iter()
        .map(|word| PathBuf::from(bench.word(word)));
    let mut files = vec![bench.program.clone()];
    files.extend(arguments.filter(|path| path.is_absolute() && path.is_file()));
    let place = bench.place()?;
    let (subject, up) = bench.started(&bench.launch(&place)?)?;
    let became = proc::program(up.socket.pid).filter(|path| path.is_file());
    files.extend(became.filter(|path| !is_same(path, &bench.program)));
    drop(subject);
    let before = digests(&files)?;
    let (mut subject, up) = bench.started(&bench.launch(&place)?)?;
    let _ = ordinary_answer(bench, &up);
    subject.signal(Signal::TERM);
    let _ = subject.wait(bench.options.timeout.min(Duration::from_secs(3)));
    bench.interrupted()?;
    subject.kill();
    let after = digests(&files)?;
    let name = |file: &PathBuf| {
        file.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let changed = files
        .iter()
        .zip(before.iter().zip(&after))
        .find(|(_, (before, after))| before != after);
    let is_other = after.first() != Some(&bench.digest);
    if let Some(file) = changed
        .map(|(file, _)| file)
        .or(files.first().filter(|_| is_other))
    {
        let text = format!(
            "`{}` is another file than before it was started",
            name(file)
        );
        return Ok(Outcome::fail(text));
    }
    let shown = files
        .iter()
        .zip(&after)
        .map(|(file, digest)| format!("{} {digest:016x}", name(file)));
    let shown = shown.collect::<Vec<_>>().join(", ");
    Ok(Outcome::pass(format!(
        "{shown}: the same before and after a run"
    )))
}

fn is_same(one: &Path, two: &Path) -> bool {
    fs::canonicalize(one).ok() == fs::canonicalize(two).ok()
}

fn digests(files: &[PathBuf]) -> Result<Vec<u64>, Problem> {
    let all = files.iter().map(|file| digest(file));
    all.collect::<Result<_, _>>()
        .map_err(Problem::harness("reading the program"))
}
