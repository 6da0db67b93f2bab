//! Secret arguments: each becomes three options that name where its value is.

use std::any::TypeId;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::error::{Problem, ProblemKind};
use crate::secret::{SecretArg, SecretParser};

/// A secret argument of a task.
#[derive(Clone, Debug)]
pub(crate) struct SecretSpec {
    pub(crate) id: String,
    /// The option as its declaration names it.
    pub(crate) long: String,
}

/// Where the value of a secret is.
#[derive(Clone, Debug)]
pub(crate) enum SecretSource {
    Variable(OsString),
    File(PathBuf),
    Stdin,
}

fn is_secret(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<SecretArg>()
}

/// Replaces each secret argument.
pub(super) fn split(command: Command) -> (Command, Vec<SecretSpec>) {
    let secrets: Vec<(SecretSpec, Arg)> = command
        .get_arguments()
        .filter(|arg| is_secret(arg))
        .map(|arg| {
            let id = arg.get_id().to_string();
            let long = arg.get_long().unwrap_or(&id).to_owned();
            (SecretSpec { id, long }, arg.clone())
        })
        .collect();
    let stdins: Vec<String> = secrets.iter().map(|(spec, _)| spec.stdin_id()).collect();
    let mut command = command;
    for (spec, arg) in &secrets {
        command = spec.split(command, arg, &stdins);
    }
    (command, secrets.into_iter().map(|(spec, _)| spec).collect())
}

impl SecretSpec {
    fn file_id(&self) -> String {
        format!("{}.file", self.id)
    }

    fn stdin_id(&self) -> String {
        format!("{}.stdin", self.id)
    }

    fn split(&self, command: Command, arg: &Arg, stdins: &[String]) -> Command {
        let long = &self.long;
        let (file, stdin) = (self.file_id(), self.stdin_id());
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let help = |place: &str| format!("{help} ({place})").trim_start().to_owned();
        let is_required = arg.is_required_set();
        let others = stdins.iter().filter(|other| **other != stdin);
        let from_stdin = Arg::new(stdin.clone())
            .long(format!("{long}-stdin"))
            .action(ArgAction::SetTrue)
            .conflicts_with(file.clone())
            .conflicts_with_all(others)
            .help(help("read from stdin"));
        let from_file = Arg::new(file.clone())
            .long(format!("{long}-file"))
            .value_name("PATH")
            .value_parser(value_parser!(PathBuf))
            .help(help("the file that holds it"));
        // An option that nobody should use, so that whoever does is told without an echo of the value.
        let misplaced = Arg::new(format!("{}.value", self.id))
            .long(long.clone())
            .num_args(0..=1)
            .default_missing_value("")
            .value_parser(<SecretArg as clap::builder::ValueParserFactory>::value_parser())
            .hide(true);
        command
            .mut_arg(&self.id, |arg| {
                let arg = arg
                    .long(format!("{long}-env"))
                    .value_name("NAME")
                    .value_parser(value_parser!(OsString))
                    .help(help("the variable that holds it"))
                    .required(false)
                    .conflicts_with_all([file.clone(), stdin.clone()]);
                if is_required {
                    arg.required_unless_present_any([file, stdin])
                } else {
                    arg
                }
            })
            .arg(from_file)
            .arg(from_stdin)
            .arg(misplaced)
    }

    pub(super) fn source(&self, matches: &ArgMatches) -> Option<SecretSource> {
        if matches.get_flag(&self.stdin_id()) {
            return Some(SecretSource::Stdin);
        }
        if let Some(path) = matches.get_one::<PathBuf>(&self.file_id()) {
            return Some(SecretSource::File(path.clone()));
        }
        let variable = matches.get_one::<OsString>(&self.id)?;
        Some(SecretSource::Variable(variable.clone()))
    }

    /// Puts the value where the task's type looks for it.
    pub(super) fn resolve(&self, command: Command, secret: SecretArg) -> Command {
        command.mut_arg(&self.id, |arg| {
            // Whatever stands on the command line, and if nothing does the default, stands for the value.
            arg.value_parser(SecretParser::resolved(secret))
                .default_value("-")
        })
    }
}

pub(super) fn problems(task: &str, command: &Command) -> Vec<Problem> {
    let problem = |arg: &Arg, text: &str| {
        let id = arg.get_id();
        Problem::new(
            ProblemKind::BadSecret,
            task,
            format!("task `{task}`: the secret argument `{id}` {text}"),
        )
    };
    let mut problems = Vec::new();
    for arg in command.get_arguments().filter(|arg| is_secret(arg)) {
        if arg.get_long().is_none() {
            problems.push(problem(arg, "has no long name; add `#[arg(long)]`"));
        }
        if arg.get_short().is_some() {
            problems.push(problem(arg, "has a short name"));
        }
        if arg.get_all_aliases().is_some_and(|all| !all.is_empty()) {
            problems.push(problem(arg, "has an alias"));
        }
        if !matches!(arg.get_action(), ArgAction::Set) {
            problems.push(problem(arg, "can be given more than once"));
        }
        if !arg.get_default_values().is_empty() {
            problems.push(problem(arg, "has a default"));
        }
    }
    let mut nested: Vec<&Command> = command.get_subcommands().collect();
    while let Some(command) = nested.pop() {
        let secrets = command.get_arguments().filter(|arg| is_secret(arg));
        problems.extend(secrets.map(|arg| problem(arg, "belongs to a subcommand")));
        nested.extend(command.get_subcommands());
    }
    problems
}
