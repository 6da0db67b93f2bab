//! XII. One-off tasks run from the same release, with the same configuration.

use std::time::Duration;

use rustix::process::Signal;

use super::nothing_to_see;
use crate::Factor;
use crate::bench::Bench;
use crate::launch::Launch;
use crate::outcome::{Checked, Outcome, Stop};
use crate::output::{Output, Stream, excerpt};
use crate::subject::Ended;
use crate::waiting::took;

pub(super) const CHECKS: [super::Named; 5] = [
    ("task", task),
    ("task without config", task_without_config),
    ("list", list),
    ("unknown task", unknown),
    ("interrupted task", interrupted),
];

/// Runs a command in a fresh folder without some variables; an error outcome if it does not end.
fn run(
    bench: &Bench,
    words: &[String],
    without: &[&str],
) -> Result<Result<(Ended, Output), Outcome>, Stop> {
    let place = bench.place()?;
    let limit = bench.options.timeout;
    let launch = Launch::new(bench, &place, bench.port()?).words(words);
    let launch = without
        .iter()
        .fold(launch, |launch, name| launch.unset(name));
    let (ended, output) = launch.run(limit)?;
    Ok(match ended {
        Some(ended) => Ok((ended, output)),
        None => {
            let text = format!("`{}` was not done after {}", words.join(" "), took(limit));
            Err(Outcome::fail(bench.with_last_words(text, &output)))
        }
    })
}

fn task(bench: &Bench) -> Checked {
    let Some(words) = &bench.profile.admin.task else {
        return Err(nothing_to_see(
            bench,
            Factor::Admin,
            "the profile names no admin `task`",
        ));
    };
    let (ended, output) = match run(bench, words, &[])? {
        Ok(end) => end,
        Err(outcome) => return Ok(outcome),
    };
    let text = format!("`{}` {ended}", words.join(" "));
    if !ended.succeeded() {
        return Ok(Outcome::fail(bench.with_last_words(text, &output)));
    }
    let stdout = output.text(Stream::Stdout);
    if !bench.profile.admin.json {
        let bytes = super::count(stdout.len(), "byte");
        return Ok(Outcome::pass(format!("{text}, {bytes} on stdout")));
    }
    let documents = serde_json::Deserializer::from_str(&stdout).into_iter::<serde_json::Value>();
    Ok(match documents.collect::<Result<Vec<_>, _>>() {
        Ok(values) if !values.is_empty() => {
            let documents = super::count(values.len(), "JSON document");
            Outcome::pass(format!(
                "{text}; its stdout is {documents} and nothing else"
            ))
        }
        Ok(_) => Outcome::fail(format!("{text}; its stdout is empty")),
        Err(error) => {
            let line = stdout
                .lines()
                .nth(error.line().saturating_sub(1))
                .unwrap_or_default();
            let line = bench.masked(&excerpt(line));
            Outcome::fail(format!(
                "{text}; line {} of its stdout is not JSON: {line}",
                error.line()
            ))
        }
    })
}

/// A task that does not miss what the service requires has another configuration than the service.
fn task_without_config(bench: &Bench) -> Checked {
    let Some(words) = &bench.profile.admin.task else {
        return Err(Stop::DoesNotApply);
    };
    let required = bench
        .profile
        .variables
        .iter()
        .filter(|variable| variable.required);
    let names: Vec<&str> = required.map(|variable| &*variable.name).collect();
    if names.is_empty() {
        return Err(Stop::DoesNotApply);
    }
    let (ended, output) = match run(bench, words, &names)? {
        Ok(end) => end,
        Err(outcome) => return Ok(outcome),
    };
    let without = names.join(" and ");
    let text = format!("`{}` without {without} {ended}", words.join(" "));
    let said = output.all();
    let unnamed = names.iter().find(|name| !said.contains(**name));
    Ok(match (ended.succeeded(), unnamed) {
        (true, _) => Outcome::fail(format!("{text}: as if all were well")),
        (false, Some(name)) => {
            let text = format!("{text} and does not name {name}");
            Outcome::fail(bench.with_last_words(text, &output))
        }
        (false, None) => Outcome::pass(format!("{text} and says so")),
    })
}

fn list(bench: &Bench) -> Checked {
    let Some(words) = &bench.profile.admin.list else {
        return Err(nothing_to_see(
            bench,
            Factor::Admin,
            "the profile names no admin `list`",
        ));
    };
    let all: Vec<&str> = bench
        .profile
        .variables
        .iter()
        .map(|variable| &*variable.name)
        .collect();
    let (ended, output) = match run(bench, words, &all)? {
        Ok(end) => end,
        Err(outcome) => return Ok(outcome),
    };
    let text = format!("`{}` without any variable {ended}", words.join(" "));
    let lines = output.text(Stream::Stdout).lines().count();
    Ok(match (ended.succeeded(), lines) {
        (true, 0) => Outcome::fail(format!("{text} and prints nothing")),
        (true, _) => Outcome::pass(format!("{text}, {}", super::count(lines, "line"))),
        (false, _) => Outcome::fail(bench.with_last_words(text, &output)),
    })
}

fn unknown(bench: &Bench) -> Checked {
    let Some(words) = &bench.profile.admin.unknown else {
        return Err(Stop::DoesNotApply);
    };
    let (ended, output) = match run(bench, words, &[])? {
        Ok(end) => end,
        Err(outcome) => return Ok(outcome),
    };
    let text = format!("`{}` {ended}", words.join(" "));
    Ok(match (ended.succeeded(), output.all().is_empty()) {
        (true, _) => Outcome::fail(format!("{text}: as if there were such a task")),
        (false, true) => Outcome::fail(format!("{text} without a word")),
        (false, false) => Outcome::pass(text),
    })
}

fn interrupted(bench: &Bench) -> Checked {
    const HEAD_START: Duration = Duration::from_millis(500);
    let Some(words) = &bench.profile.admin.interrupt else {
        return Err(Stop::DoesNotApply);
    };
    let place = bench.place()?;
    let launch = Launch::new(bench, &place, bench.port()?).words(words);
    let mut subject = launch.start()?;
    let command = words.join(" ");
    if let Some(ended) = subject.wait(HEAD_START) {
        let why = format!("`{command}` {ended}: too fast to be interrupted");
        return Err(Stop::NotTested(why));
    }
    subject.signal(Signal::TERM);
    let ended = subject.wait(bench.options.timeout);
    bench.interrupted()?;
    Ok(match ended {
        Some(ended) if ended.succeeded() => Outcome::fail(format!(
            "`{command}`, interrupted by SIGTERM, ended with 0: as if it were done"
        )),
        Some(ended) => Outcome::pass(format!(
            "`{command}`, interrupted by SIGTERM, ended {}",
            ended.how()
        )),
        None => {
            let limit = took(bench.options.timeout);
            Outcome::fail(format!("`{command}` runs on {limit} after SIGTERM"))
        }
    })
}
