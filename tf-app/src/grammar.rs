//! What a command line asks for.

use std::ffi::OsString;
use std::num::NonZeroU16;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command as Clap};
use clap_complete::Shell;
use tf_shutdown::Timeout;

use crate::platform::Kind;

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    /// Process types, by name.
    Run(Vec<String>),
    /// The words after `admin`.
    Admin(Vec<OsString>),
    ConfigCheck {
        json: bool,
    },
    ConfigPrint {
        json: bool,
    },
    ConfigTemplate,
    ConfigSchema,
    BackingCheck {
        timeout: Duration,
        json: bool,
    },
    Version {
        json: bool,
    },
    Platform(Kind),
    Completions(Shell),
}

/// A command line that asks for help, or that means nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

/// What there is to run.
#[derive(Debug)]
pub(crate) struct Grammar<'a> {
    pub(crate) name: &'static str,
    pub(crate) has_web: bool,
    pub(crate) workers: Vec<&'a str>,
}

pub(crate) const WEB: &str = "web";

impl Grammar<'_> {
    /// Reads the words after the program's name.
    pub(crate) fn parse(&self, words: &[OsString]) -> Result<Command, Answer> {
        let plain: Vec<_> = words.iter().map(|word| word.to_str()).collect();
        match plain.as_slice() {
            // The ways that platforms start a service are found without the whole grammar.
            [] | [Some(WEB)] if self.has_web => Ok(Command::Run(vec![WEB.to_owned()])),
            [Some("admin"), ..] => Ok(Command::Admin(words[1..].to_vec())),
            [Some("-V" | "--version")] => Ok(Command::Version { json: false }),
            _ => {
                let matches = self
                    .command(None)
                    .try_get_matches_from([OsString::from(self.name)].iter().chain(words));
                match matches {
                    Ok(matches) => Ok(self.read(&matches)),
                    Err(error) => Err(answer(&error)),
                }
            }
        }
    }

    fn read(&self, matches: &ArgMatches) -> Command {
        let (name, matches) = matches.subcommand().unwrap_or(("", matches));
        match name {
            "worker" => {
                let mut names: Vec<String> = Vec::new();
                for name in matches.get_many::<String>("name").into_iter().flatten() {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
                Command::Run(names)
            }
            "config" => match matches.subcommand() {
                Some(("print", matches)) => Command::ConfigPrint {
                    json: is_json(matches),
                },
                Some(("template", _)) => Command::ConfigTemplate,
                Some(("schema", _)) => Command::ConfigSchema,
                other => Command::ConfigCheck {
                    json: other.is_some_and(|(_, matches)| is_json(matches)),
                },
            },
            "backing" => {
                let matches = matches.subcommand().map_or(matches, |(_, matches)| matches);
                let timeout = matches.get_one::<Timeout>("timeout").copied();
                Command::BackingCheck {
                    timeout: timeout.map_or(Duration::from_secs(5), Into::into),
                    json: is_json(matches),
                }
            }
            "version" => Command::Version {
                json: matches.get_flag("json"),
            },
            "procfile" => Command::Platform(platform(matches)),
            "completions" => match matches.get_one::<Shell>("shell") {
                Some(shell) => Command::Completions(*shell),
                None => Command::Completions(Shell::Bash),
            },
            // Among the process types, `all` is whatever there is.
            _ => Command::Run(
                self.has_web
                    .then_some(WEB)
                    .into_iter()
                    .chain(self.workers.iter().copied())
                    .map(str::to_owned)
                    .collect(),
            ),
        }
    }

    /// The whole grammar; `admin` in detail where it is wanted.
    pub(crate) fn command(&self, admin: Option<Clap>) -> Clap {
        let mut command = Clap::new(self.name)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand_value_name("COMMAND");
        if self.has_web {
            command =
                command.subcommand(Clap::new(WEB).about("Serve HTTP; also what no command means"));
        }
        if !self.workers.is_empty() {
            let names: Vec<String> = self.workers.iter().map(|&name| name.to_owned()).collect();
            let name = Arg::new("name")
                .value_name("NAME")
                .num_args(1..)
                .required(true);
            command = command.subcommand(
                Clap::new("worker")
                    .about("Run one or several workers, with one end for all")
                    .arg(name.value_parser(names)),
            );
        }
        if self.has_web || !self.workers.is_empty() {
            let about = "Run every process type in this process, for development and small deploys";
            command = command.subcommand(Clap::new("all").about(about));
        }
        let admin = admin.unwrap_or_else(|| Clap::new("admin"));
        command
            .subcommand(admin.about("List one-off tasks, or run one: `admin list`, `admin TASK`"))
            .subcommands(own_commands())
    }
}

fn own_commands() -> [Clap; 5] {
    let group = |name: &'static str, about: &'static str| {
        Clap::new(name).about(about).subcommand_required(true)
    };
    [
        group("config", "Check, print or document the configuration")
            .subcommand(
                Clap::new("check")
                    .about("Report all that is wrong")
                    .arg(format()),
            )
            .subcommand(
                Clap::new("print")
                    .about("Show values and origins")
                    .arg(format()),
            )
            .subcommand(Clap::new("template").about("Write a `.env.example`"))
            .subcommand(Clap::new("schema").about("Write a JSON Schema")),
        group("backing", "Look at the backing services").subcommand(
            Clap::new("check")
                .about("Ask each of them whether it is there")
                .arg(Arg::new("timeout").long("timeout").value_parser(timeout))
                .arg(format()),
        ),
        Clap::new("version")
            .about("Show name, version, commit and release")
            .arg(Arg::new("json").long("json").action(ArgAction::SetTrue)),
        Clap::new("procfile")
            .about("Write what starts the process types")
            .args(["supervisor", "systemd", "k8s"].map(|name| {
                let flag = Arg::new(name).long(name).action(ArgAction::SetTrue);
                flag.group("form")
            }))
            .arg(
                Arg::new("processes")
                    .long("processes")
                    .value_name("N")
                    .requires("supervisor")
                    .conflicts_with_all(["systemd", "k8s"])
                    .value_parser(clap::value_parser!(NonZeroU16)),
            ),
        Clap::new("completions")
            .about("Write a completion script")
            .arg(
                Arg::new("shell")
                    .value_name("SHELL")
                    .required(true)
                    .value_parser(clap::value_parser!(Shell)),
            ),
    ]
}

fn format() -> Arg {
    Arg::new("format")
        .long("format")
        .value_parser(["text", "json"])
        .default_value("text")
}

fn timeout(text: &str) -> Result<Timeout, tf_shutdown::TimeoutError> {
    text.parse()
}

fn is_json(matches: &ArgMatches) -> bool {
    matches
        .get_one::<String>("format")
        .is_some_and(|format| format == "json")
}

fn platform(matches: &ArgMatches) -> Kind {
    if matches.get_flag("systemd") {
        Kind::Systemd
    } else if matches.get_flag("k8s") {
        Kind::Kubernetes
    } else if matches.get_flag("supervisor") {
        let processes = matches.get_one::<NonZeroU16>("processes").copied();
        Kind::Supervisor { processes }
    } else {
        Kind::Procfile
    }
}

fn answer(error: &clap::Error) -> Answer {
    Answer {
        text: error.render().to_string(),
        is_error: error.kind() != ErrorKind::DisplayHelp,
    }
}
