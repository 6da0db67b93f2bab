//! X. Development and production are alike: no behaviour hangs on the name of an environment.

use super::port::ordinary_answer;
use crate::bench::Bench;
use crate::client::Answer;
use crate::launch::Launch;
use crate::outcome::{Checked, Outcome, Stop};
use crate::output::Stream;
use crate::place::Place;

pub(super) const CHECKS: [super::Named; 1] = [("environment names", environment_names)];

/// Variables that frameworks read for a name of the environment.
const NAMES: [&str; 12] = [
    "APP_ENV",
    "ASPNETCORE_ENVIRONMENT",
    "DJANGO_ENV",
    "DOTNET_ENVIRONMENT",
    "ENV",
    "ENVIRONMENT",
    "FLASK_ENV",
    "GO_ENV",
    "NODE_ENV",
    "RACK_ENV",
    "RAILS_ENV",
    "RUST_ENV",
];

/// What can be seen of a start: the answer, and the configuration that it prints.
struct Seen {
    answer: Answer,
    config: Option<String>,
}

fn environment_names(bench: &Bench) -> Checked {
    bench.needs_up()?;
    let place = bench.place()?;
    let port = bench.port()?;
    let plain = see(bench, &place, port, None)?;
    let again = see(bench, &place, port, None)?;
    let path = &bench.profile.path;
    if !again.answer.same(&plain.answer) || again.config != plain.config {
        let why = format!("GET {path} differs from start to start; name a steady `path`");
        return Err(Stop::NotTested(why));
    }
    for name in ["development", "production"] {
        let seen = see(bench, &place, port, Some(name))?;
        let with = format!(
            "with {} and {} like it set to `{name}`",
            NAMES[0],
            NAMES.len() - 1
        );
        if !seen.answer.same(&plain.answer) {
            let text = format!(
                "{with}, GET {path} answers otherwise: {} instead of {}",
                shown(&seen),
                shown(&plain)
            );
            return Ok(Outcome::fail(text));
        }
        if seen.config != plain.config {
            return Ok(Outcome::fail(format!(
                "{with}, it prints another configuration"
            )));
        }
    }
    let config = if plain.config.is_some() {
        ", and its printed configuration,"
    } else {
        ""
    };
    Ok(Outcome::pass(format!(
        "GET {path}{config} is the same with {} and {} like it set to `development`, to `production`, and unset",
        NAMES[0],
        NAMES.len() - 1
    )))
}

fn see(bench: &Bench, place: &Place, port: u16, name: Option<&str>) -> Result<Seen, Stop> {
    let launch = |words| {
        let mut launch = Launch::new(bench, place, port);
        if let Some(words) = words {
            launch = launch.words(words);
        }
        match name {
            Some(name) => NAMES
                .iter()
                .fold(launch, |launch, variable| launch.set(variable, name)),
            None => launch,
        }
    };
    let (_subject, up) = bench.started(&launch(None))?;
    let answer = ordinary_answer(bench, &up)?;
    let config = match &bench.profile.config {
        None => None,
        Some(words) => {
            let (_, output) = launch(Some(words)).run(bench.options.timeout)?;
            Some(output.text(Stream::Stdout))
        }
    };
    Ok(Seen { answer, config })
}

fn shown(seen: &Seen) -> String {
    let bytes = super::count(seen.answer.body.len(), "byte");
    format!("{}, {bytes}", seen.answer.status)
}
