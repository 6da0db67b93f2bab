//! What a command line asks for.

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Command};

use crate::args::{self, Parsed, Stop};
use crate::catalogue::{Shell, nearest};
use crate::registry::{RESERVED, Registry};
use crate::task::Task;

pub(super) enum Words<'a, S> {
    /// A text that needs no run.
    Answer(String),
    /// Nothing that can be done; the task, if its name was right.
    Wrong {
        text: String,
        task: Option<&'a Task<S>>,
    },
    Run {
        task: &'a Task<S>,
        parsed: Box<Parsed>,
    },
}

pub(super) fn read<S>(registry: &Registry<S>, words: Vec<OsString>) -> Words<'_, S> {
    let mut words = words.into_iter();
    let usage = registry.usage();
    let Some(first) = words.next() else {
        let list = registry.list();
        return wrong(format!(
            "no task is named\n\nusage: {usage} TASK [OPTIONS]\n\n{list}"
        ));
    };
    let Some(first) = first.to_str() else {
        return wrong("the name of the task is not UTF-8".to_owned());
    };
    let rest: Vec<OsString> = words.collect();
    match first {
        "-h" | "--help" => Words::Answer(overview(registry)),
        "-V" | "--version" => version(registry),
        "list" => list(registry, &rest),
        "help" => help(registry, &rest),
        "completions" => completions(registry, &rest),
        option if option.starts_with('-') => wrong(format!(
            "`{option}` comes before the name of a task; options follow it"
        )),
        name => match registry.find(name) {
            None => unknown(registry, name),
            Some(task) => match args::parse(task, usage, rest) {
                Ok(parsed) => Words::Run {
                    task,
                    parsed: Box::new(parsed),
                },
                Err(Stop::Help(text)) => Words::Answer(text),
                Err(Stop::Usage(text)) => Words::Wrong {
                    text,
                    task: Some(task),
                },
            },
        },
    }
}

fn wrong<'a, S>(text: String) -> Words<'a, S> {
    Words::Wrong { text, task: None }
}

fn stopped<'a, S>(stop: Stop) -> Words<'a, S> {
    match stop {
        Stop::Help(text) => Words::Answer(text),
        Stop::Usage(text) => wrong(text),
    }
}

fn overview<S>(registry: &Registry<S>) -> String {
    registry.command().render_help().to_string()
}

fn version<'a, S>(registry: &Registry<S>) -> Words<'a, S> {
    let name = &registry.app.name;
    match &registry.app.version {
        Some(version) => Words::Answer(format!("{name} {version}\n")),
        None => wrong(format!("the version of `{name}` is not known")),
    }
}

fn unknown<'a, S>(registry: &Registry<S>, name: &str) -> Words<'a, S> {
    let names = registry.tasks.iter().flat_map(|task| {
        let aliases = task.spec.aliases.iter();
        aliases.chain([&task.spec.name]).map(String::as_str)
    });
    let hint = nearest(name, names.chain(RESERVED));
    let hint = hint.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let usage = registry.usage();
    wrong(format!(
        "there is no task `{name}`{hint}\n`{usage} list` shows the tasks"
    ))
}

/// The matches of one of the registry's own commands.
fn matches<S>(registry: &Registry<S>, name: &str, rest: &[OsString]) -> Result<ArgMatches, Stop> {
    let command = registry.own_commands().into_iter();
    let mut command = command
        .filter(|command| command.get_name() == name)
        .fold(Command::new(name.to_owned()), |_, own| own)
        .bin_name(format!("{} {name}", registry.usage()))
        .no_binary_name(true);
    Ok(command.try_get_matches_from_mut(rest)?)
}

fn list<'a, S>(registry: &'a Registry<S>, rest: &[OsString]) -> Words<'a, S> {
    match matches(registry, "list", rest) {
        Err(stop) => stopped(stop),
        Ok(matches) => Words::Answer(match text(&matches, "format") {
            Some("json") => registry.list_json(),
            _ => registry.list(),
        }),
    }
}

fn text<'a>(matches: &'a ArgMatches, id: &str) -> Option<&'a str> {
    matches.get_one::<String>(id).map(String::as_str)
}

fn help<'a, S>(registry: &'a Registry<S>, rest: &[OsString]) -> Words<'a, S> {
    let matches = match matches(registry, "help", rest) {
        Ok(matches) => matches,
        Err(stop) => return stopped(stop),
    };
    let Some(name) = text(&matches, "task") else {
        return Words::Answer(overview(registry));
    };
    if let Some(task) = registry.find(name) {
        return match args::parse(task, registry.usage(), vec!["--help".into()]) {
            Ok(_) => unknown(registry, name),
            Err(stop) => stopped(stop),
        };
    }
    let own = registry.own_commands().into_iter();
    match own.into_iter().find(|command| command.get_name() == name) {
        Some(command) => {
            let mut command = command.bin_name(format!("{} {name}", registry.usage()));
            Words::Answer(command.render_help().to_string())
        }
        None => unknown(registry, name),
    }
}

fn completions<'a, S>(registry: &'a Registry<S>, rest: &[OsString]) -> Words<'a, S> {
    let matches = match matches(registry, "completions", rest) {
        Ok(matches) => matches,
        Err(stop) => return stopped(stop),
    };
    let shell = text(&matches, "shell").unwrap_or_default().parse::<Shell>();
    match shell {
        Ok(shell) => Words::Answer(registry.completions(shell)),
        Err(unknown) => wrong(format!("{unknown}")),
    }
}

impl<S> Registry<S> {
    /// The commands that are no tasks.
    pub(crate) fn own_commands(&self) -> [Command; 3] {
        let format = Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .value_parser(["text", "json"])
            .default_value("text");
        let task = Arg::new("task").value_name("TASK");
        let shell = Arg::new("shell")
            .value_name("SHELL")
            .value_parser(Shell::NAMES)
            .required(true);
        [
            Command::new("list").about("List the tasks").arg(format),
            Command::new("help")
                .about("Show what a task takes")
                .arg(task),
            Command::new("completions")
                .about("Write a completion script")
                .arg(shell),
        ]
    }
}
