//! Commands that answer and end: about the build, the configuration and the backing services.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};
use tf_backing::{ProbeOptions, Report, probe};
use tf_config::{Config, Loaded};
use tf_shutdown::Options;
use tokio::runtime::Builder;

use crate::admin;
use crate::app::App;
use crate::backing::{Attached, millis};
use crate::build::Build;
use crate::grammar::Command;
use crate::platform::{self, ProcessType, Service};
use crate::standard::Standard;
use crate::start;
use crate::world::{World, code};

pub(crate) fn answer<S>(app: App<S>, world: &mut World, command: Command) -> u8
where
    S: Config + Send + Sync + 'static,
{
    let text = match command {
        Command::Version { json } => version(app.build, world, json),
        Command::ConfigTemplate => reference::<S>().to_dotenv(),
        Command::ConfigSchema => reference::<S>().to_json_schema(),
        Command::ConfigCheck { json } => return check::<S>(world, json, false),
        Command::ConfigPrint { json } => return check::<S>(world, json, true),
        Command::BackingCheck { timeout, json } => return ask(&app, world, timeout, json),
        Command::Platform(kind) => platform::text(kind, &service(&app, &world.program)),
        Command::Completions(shell) => return complete(app, world, shell),
        Command::Run(_) | Command::Admin(_) => String::new(),
    };
    world.say(&text)
}

fn reference<S: Config>() -> tf_config::Reference {
    <(Standard, S)>::reference()
}

fn version(build: Build, world: &World, json: bool) -> String {
    let release = start::release(world);
    if json {
        let document = json!({
            "name": build.name(),
            "version": build.version(),
            "commit": build.commit(),
            "release": release.id(),
            "release_source": release.source(),
        });
        return format!("{document}\n");
    }
    let release = match (release.id(), release.source()) {
        (Some(id), Some(source)) => format!("release {id} from {source}"),
        _ => "no release".to_owned(),
    };
    let (name, version, commit) = (build.name(), build.version(), build.commit());
    format!("{name} {version} (commit {commit}, {release})\n")
}

/// Reads the configuration and nothing else; shows it where that is wanted.
fn check<S: Config>(world: &mut World, json: bool, show: bool) -> u8 {
    let loaded = match start::load::<S>(world).read {
        Ok(loaded) => loaded,
        Err(error) if json => {
            let mut document = json!(error);
            document["usable"] = false.into();
            return match world.say(&format!("{document}\n")) {
                code::DONE => code::CONFIG,
                unwritten => unwritten,
            };
        }
        Err(error) => {
            world.complain(&error.to_string());
            return code::CONFIG;
        }
    };
    let fingerprint = Standard::fingerprint(&loaded);
    if json {
        let document = usable(&loaded, &fingerprint, show);
        return world.say(&format!("{document}\n"));
    }
    for warning in loaded.warnings() {
        world.complain(&format!("warning: {warning}"));
    }
    if show {
        return world.say(&loaded.describe_values());
    }
    let count = loaded.values().len();
    world.say(&format!(
        "configuration is usable: {count} variables, fingerprint {fingerprint}\n"
    ))
}

fn usable<T>(loaded: &Loaded<T>, fingerprint: &str, show: bool) -> Value {
    let mut document = json!({
        "usable": true,
        "fingerprint": fingerprint,
        "warnings": loaded.warnings(),
    });
    if show {
        document["values"] = json!(loaded.values());
    }
    document
}

/// Asks each backing service once.
fn ask<S: Config>(app: &App<S>, world: &mut World, timeout: Duration, json: bool) -> u8 {
    let loaded = match start::load::<S>(world).read {
        Ok(loaded) => loaded,
        Err(error) => {
            world.complain(&error.to_string());
            return code::CONFIG;
        }
    };
    let (_, settings) = loaded.into_value();
    let backing: Vec<_> = app
        .attached
        .iter()
        .flat_map(|list| list(&settings))
        .collect();
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            world.complain(&format!("error: the runtime did not start: {error}"));
            return code::FAILED;
        }
    };
    let reports = runtime.block_on(probe_all(&backing, timeout));
    let are_there = reports
        .iter()
        .all(|(service, report)| report.is_reachable() || !service.is_needed);
    let text = match json {
        true => format!("{}\n", Value::from_iter(reports.iter().map(document))),
        false => reports.iter().map(lines).collect(),
    };
    match world.say(&text) {
        code::DONE if !are_there => code::UNAVAILABLE,
        code => code,
    }
}

async fn probe_all(backing: &[Attached], timeout: Duration) -> Vec<(&Attached, Report)> {
    let asked: Vec<_> = backing
        .iter()
        .map(|service| {
            let (locator, options) = (
                service.locator.clone(),
                ProbeOptions::new().timeout(timeout),
            );
            let asked = tokio::spawn(async move { probe(&locator, &options).await });
            (service, asked)
        })
        .collect();
    let mut reports = Vec::new();
    for (service, asked) in asked {
        // A probe does not panic, and nobody aborts it.
        if let Ok(report) = asked.await {
            reports.push((service, report));
        }
    }
    reports
}

fn lines((service, report): &(&Attached, Report)) -> String {
    let mut text = String::new();
    let note = if service.is_needed {
        ""
    } else {
        "  (optional)"
    };
    for endpoint in report.endpoints() {
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "{}  {}  {endpoint}{note}",
            service.name,
            report.service()
        );
    }
    text
}

fn document((service, report): &(&Attached, Report)) -> Value {
    let endpoints = report.endpoints().iter().map(|endpoint| {
        json!({
            "endpoint": endpoint.endpoint(),
            "outcome": endpoint.outcome().to_string(),
            "server": endpoint.server(),
            "detail": endpoint.detail(),
            "took_ms": millis(endpoint.took()),
        })
    });
    json!({
        "name": service.name,
        "service": report.service(),
        "needed": service.is_needed,
        "reachable": report.is_reachable(),
        "endpoints": Value::from_iter(endpoints),
    })
}

/// What the texts for platforms are made from: nothing of this machine but the program's path.
fn service<S: Config>(app: &App<S>, program: &str) -> Service {
    let types = app.processes.iter().map(|process| ProcessType {
        name: process.name.clone(),
        arguments: match process.is_web {
            true => vec![process.name.clone()],
            false => vec!["worker".to_owned(), process.name.clone()],
        },
        is_web: process.is_web,
    });
    Service {
        name: app.build.name().to_owned(),
        program: program.to_owned(),
        port: start::defaults().port,
        budget: Options::new().budget().total(),
        types: types.collect(),
        tasks: app
            .tasks
            .iter()
            .map(|task| task.name().to_owned())
            .collect(),
        variables: reference::<S>()
            .variables()
            .iter()
            .map(Into::into)
            .collect(),
    }
}

fn complete<S>(app: App<S>, world: &mut World, shell: clap_complete::Shell) -> u8
where
    S: Config + Send + Sync + 'static,
{
    let name = app.build.name();
    let plain = app.grammar().command(None);
    let mut command = match admin::checked(app) {
        Ok(registry) => plain.mut_subcommand("admin", |_| registry.command()),
        Err(error) => {
            world.complain(&error.to_string());
            return code::BUG;
        }
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    world.say(&String::from_utf8_lossy(&script))
}
