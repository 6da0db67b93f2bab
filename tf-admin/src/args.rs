//! The command line of one task: its own arguments, its secrets and the options of every task.

mod global;
mod secrets;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command};

pub(crate) use self::global::Globals;
pub(crate) use self::secrets::{SecretSource, SecretSpec};
use crate::error::{Problem, ProblemKind};
use crate::mask::printable;
use crate::task::{Spec, Task};

/// What the command line of a task says.
pub(crate) struct Parsed {
    pub(crate) matches: ArgMatches,
    pub(crate) globals: Globals,
    /// The task's own arguments that were given, as text; secrets are masked.
    pub(crate) shown: Vec<(String, Vec<String>)>,
    pub(crate) secrets: Vec<(SecretSpec, SecretSource)>,
    pub(crate) argv: Vec<OsString>,
}

/// Why there is nothing to run.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Help was asked for.
    Help(String),
    /// The command line is wrong.
    Usage(String),
}

impl From<clap::Error> for Stop {
    fn from(error: clap::Error) -> Self {
        let text = error.render().to_string();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Self::Help(text),
            _ => Self::Usage(printable(text.trim_end().trim_start_matches("error: ")).into_owned()),
        }
    }
}

/// The command of a task, with all its options; `usage` is what stands before its name.
pub(crate) fn command<S>(task: &Task<S>, usage: &str) -> Command {
    let (command, _) = secrets::split(own(task, usage));
    global::add(command, &task.spec)
}

/// The command of a task with its own arguments only.
fn own<S>(task: &Task<S>, usage: &str) -> Command {
    let spec = &task.spec;
    (task.augment)(Command::new(spec.name.clone()))
        .about(about(spec))
        .bin_name(format!("{usage} {}", spec.name))
        .no_binary_name(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .next_help_heading(None::<&str>)
}

pub(crate) fn about(spec: &Spec) -> String {
    let mut about = spec.summary.clone();
    if let Some(deprecated) = &spec.deprecated {
        let (since, instead) = (&deprecated.since, &deprecated.instead);
        about.push_str(&format!(" (deprecated since {since}: use `{instead}`)"));
    }
    about
}

/// Reads a command line without opening anything.
pub(crate) fn parse<S>(task: &Task<S>, usage: &str, argv: Vec<OsString>) -> Result<Parsed, Stop> {
    let own = own(task, usage);
    let declared: Vec<String> = own
        .get_arguments()
        .map(|arg| arg.get_id().to_string())
        .collect();
    let (command, secrets) = secrets::split(own);
    let mut command = global::add(command, &task.spec);
    let matches = command.try_get_matches_from_mut(&argv)?;
    let globals = Globals::read(&matches, &task.spec).map_err(Stop::Usage)?;
    let shown = declared
        .iter()
        .filter_map(|id| shown(&matches, id, &secrets))
        .collect();
    let secrets = secrets
        .into_iter()
        .filter_map(|spec| spec.source(&matches).map(|source| (spec, source)))
        .collect();
    Ok(Parsed {
        matches,
        globals,
        shown,
        secrets,
        argv,
    })
}

fn shown(matches: &ArgMatches, id: &str, secrets: &[SecretSpec]) -> Option<(String, Vec<String>)> {
    if let Some(secret) = secrets.iter().find(|secret| secret.id == id) {
        secret.source(matches)?;
        return Some((id.to_owned(), vec!["***".to_owned()]));
    }
    let given = matches.value_source(id)? == clap::parser::ValueSource::CommandLine;
    let values = matches.try_get_raw(id).ok().flatten()?;
    let values = values.map(|value| value.to_string_lossy().into_owned());
    given.then(|| (id.to_owned(), values.collect()))
}

/// Reads the command line again, with secrets in their places.
pub(crate) fn parse_resolved<S>(
    task: &Task<S>,
    usage: &str,
    argv: &[OsString],
    secrets: Vec<(SecretSpec, crate::secret::SecretArg)>,
) -> Result<ArgMatches, Stop> {
    let (mut command, _) = secrets::split(own(task, usage));
    for (spec, secret) in secrets {
        command = spec.resolve(command, secret);
    }
    let mut command = global::add(command, &task.spec);
    Ok(command.try_get_matches_from_mut(argv)?)
}

/// All mistakes in the declaration of the arguments.
pub(crate) fn problems<S>(task: &Task<S>) -> Vec<Problem> {
    let command = own(task, "");
    let name = &task.spec.name;
    let mut problems = secrets::problems(name, &command);
    let (command, _) = secrets::split(command);
    let conflict = |text| Problem::new(ProblemKind::ArgumentConflict, name, text);
    let mut longs: Vec<String> = Vec::new();
    let mut shorts = vec!['h'];
    for arg in command.get_arguments() {
        for long in arg.get_long_and_visible_aliases().unwrap_or_default() {
            if global::LONGS.contains(&long) {
                problems.push(conflict(format!(
                    "task `{name}`: `--{long}` is an option of every task"
                )));
            } else if longs.iter().any(|known| known == long) {
                problems.push(conflict(format!("task `{name}`: `--{long}` occurs twice")));
            }
            longs.push(long.to_owned());
        }
        for short in arg.get_short_and_visible_aliases().unwrap_or_default() {
            if shorts.contains(&short) {
                problems.push(conflict(format!("task `{name}`: `-{short}` occurs twice")));
            }
            shorts.push(short);
        }
    }
    problems
}
