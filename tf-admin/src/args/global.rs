//! The options that every task has.

use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::output::Format;
use crate::task::{DryRun, Spec};
use crate::time::parse_duration;

/// The names that no task's own option may have.
pub(super) const LONGS: [&str; 10] = [
    "dry-run",
    "timeout",
    "wait",
    "skip-if-locked",
    "confirm",
    "reason",
    "actor",
    "expect-release",
    "format",
    "help",
];

/// Keeps the identifiers apart from those of a task's own arguments.
fn id(long: &str) -> String {
    format!("tf-admin.{long}")
}

fn option(long: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(id(long))
        .long(long)
        .value_name(value)
        .help(help)
        .help_heading("Options of every task")
}

fn flag(long: &'static str, help: &'static str) -> Arg {
    Arg::new(id(long))
        .long(long)
        .help(help)
        .help_heading("Options of every task")
        .action(ArgAction::SetTrue)
}

pub(super) fn add(command: Command, spec: &Spec) -> Command {
    let has_dry_run = spec.dry_run == DryRun::Supported;
    let duration = |long, value, help| option(long, value, help).value_parser(parse_duration);
    let text = |long, value, help| option(long, value, help).value_parser(value_parser!(String));
    command
        .arg(flag("dry-run", "Describe the effects and do none of them").hide(!has_dry_run))
        .arg(duration(
            "timeout",
            "DURATION",
            "End the run after this time; 0 is never",
        ))
        .arg(
            duration(
                "wait",
                "DURATION",
                "Wait for the lock for at most this time",
            )
            .conflicts_with(id("skip-if-locked")),
        )
        .arg(flag(
            "skip-if-locked",
            "Succeed without running if the lock is held",
        ))
        .arg(text(
            "confirm",
            "TASK",
            "Confirm a destructive task by its name",
        ))
        .arg(text("reason", "TEXT", "Why the task is run, for the audit"))
        .arg(text("actor", "NAME", "Who runs the task, for the audit"))
        .arg(text(
            "expect-release",
            "RELEASE",
            "Run only if this is the release",
        ))
        .arg(
            option("format", "FORMAT", "The form of the result")
                .value_parser(["text", "json"])
                .default_value("text"),
        )
}

/// The options of every task.
#[derive(Debug)]
pub(crate) struct Globals {
    pub(crate) dry_run: bool,
    /// Zero is for ever.
    pub(crate) timeout: Option<Duration>,
    pub(crate) wait: Option<Duration>,
    pub(crate) skip_if_locked: bool,
    pub(crate) confirm: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) actor: Option<String>,
    pub(crate) expect_release: Option<String>,
    pub(crate) format: Format,
}

impl Globals {
    pub(super) fn read(matches: &ArgMatches, spec: &Spec) -> Result<Self, String> {
        let text = |long: &str| matches.get_one::<String>(&id(long)).cloned();
        let duration = |long: &str| matches.get_one::<Duration>(&id(long)).copied();
        let globals = Self {
            dry_run: matches.get_flag(&id("dry-run")),
            timeout: duration("timeout"),
            wait: duration("wait"),
            skip_if_locked: matches.get_flag(&id("skip-if-locked")),
            confirm: text("confirm"),
            reason: text("reason"),
            actor: text("actor"),
            expect_release: text("expect-release"),
            format: match text("format").as_deref() {
                Some("json") => Format::Json,
                _ => Format::Text,
            },
        };
        let name = &spec.name;
        if globals.dry_run && spec.dry_run == DryRun::Unsupported {
            return Err(format!("`{name}` has no dry run; nothing was done"));
        }
        if globals
            .actor
            .as_ref()
            .is_some_and(|actor| actor.trim().is_empty())
        {
            return Err("`--actor` is empty".to_owned());
        }
        Ok(globals)
    }
}
