//! What a registry says about its tasks, without running one.

use std::fmt;
use std::str::FromStr;

use clap::Command;
use serde::Serialize;

use crate::args::{about, command};
use crate::registry::Registry;
use crate::task::{Danger, DryRun, LockWish, Task};

/// The shells that completions can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shell {
    /// bash
    Bash,
    /// elvish
    Elvish,
    /// fish
    Fish,
    /// PowerShell
    PowerShell,
    /// zsh
    Zsh,
}

impl Shell {
    pub(crate) const NAMES: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];
}

impl FromStr for Shell {
    type Err = UnknownShell;

    fn from_str(text: &str) -> Result<Self, UnknownShell> {
        match text {
            "bash" => Ok(Self::Bash),
            "elvish" => Ok(Self::Elvish),
            "fish" => Ok(Self::Fish),
            "powershell" => Ok(Self::PowerShell),
            "zsh" => Ok(Self::Zsh),
            _ => Err(UnknownShell),
        }
    }
}

/// The error of a text that is no [`Shell`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownShell;

impl fmt::Display for UnknownShell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Shell::NAMES.join("`, `");
        write!(f, "expected one of `{names}`")
    }
}

impl std::error::Error for UnknownShell {}

/// The catalogue, for machines.
#[derive(Serialize)]
struct Catalogue<'a> {
    app: &'a str,
    version: Option<&'a str>,
    tasks: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    summary: &'a str,
    danger: &'static str,
    dry_run: bool,
    single_flight: bool,
    timeout_ms: Option<u64>,
    aliases: &'a [String],
    deprecated: Option<DeprecatedEntry<'a>>,
    codes: Vec<CodeEntry<'a>>,
}

#[derive(Serialize)]
struct DeprecatedEntry<'a> {
    since: &'a str,
    instead: &'a str,
}

#[derive(Serialize)]
struct CodeEntry<'a> {
    code: i32,
    name: &'a str,
}

impl<'a> Entry<'a> {
    fn new<S>(task: &'a Task<S>, has_lock: bool) -> Self {
        let spec = &task.spec;
        let timeout = spec.timeout.filter(|timeout| !timeout.is_zero());
        let single_flight = match spec.lock {
            LockWish::Never => false,
            LockWish::IfPossible => has_lock,
            LockWish::Always => true,
        };
        Self {
            name: &spec.name,
            summary: &spec.summary,
            danger: spec.danger.as_str(),
            dry_run: spec.dry_run == DryRun::Supported,
            single_flight,
            timeout_ms: timeout.and_then(|timeout| timeout.as_millis().try_into().ok()),
            aliases: &spec.aliases,
            deprecated: spec.deprecated.as_ref().map(|deprecated| DeprecatedEntry {
                since: &deprecated.since,
                instead: &deprecated.instead,
            }),
            codes: spec
                .codes
                .iter()
                .map(|(code, name)| CodeEntry { code: *code, name })
                .collect(),
        }
    }
}

impl<S> Registry<S> {
    /// Returns the catalogue as lines for people.
    #[must_use]
    pub fn list(&self) -> String {
        let width = self.tasks.iter().map(|task| task.spec.name.len()).max();
        let width = width.unwrap_or_default();
        let mut text = String::new();
        for task in &self.tasks {
            let mark = match task.spec.danger {
                Danger::Destructive => " [destructive]",
                Danger::ReadOnly | Danger::Writes => "",
            };
            let (name, about) = (&task.spec.name, about(&task.spec));
            text.push_str(&format!("{name:width$}  {about}{mark}\n"));
        }
        text
    }

    /// Returns the catalogue as one JSON document.
    #[must_use]
    pub fn list_json(&self) -> String {
        let catalogue = Catalogue {
            app: &self.app.name,
            version: self.app.version.as_deref(),
            tasks: self
                .tasks
                .iter()
                .map(|task| Entry::new(task, self.lock.is_some()))
                .collect(),
        };
        let json = serde_json::to_string(&catalogue).unwrap_or_default();
        format!("{json}\n")
    }

    /// Returns the whole command line, for help and for programs that have more commands.
    #[must_use]
    pub fn command(&self) -> Command {
        let tasks = self.tasks.iter().map(|task| {
            command(task, self.usage())
                .no_binary_name(false)
                .visible_aliases(task.spec.aliases.clone())
        });
        let name = self.usage().split(' ').next_back().unwrap_or("admin");
        Command::new(name.to_owned())
            .about(format!("One-off tasks of {}", self.app.name))
            .bin_name(self.usage().to_owned())
            .subcommand_value_name("TASK")
            .subcommand_help_heading("Tasks")
            .subcommand_required(true)
            .disable_help_subcommand(true)
            .subcommands(self.own_commands())
            .subcommands(tasks)
    }

    /// Returns a completion script; the program is the first word of the registry's usage.
    #[must_use]
    pub fn completions(&self, shell: Shell) -> String {
        let mut words = self.usage().split(' ').rev().skip(1);
        let mut command = self.command();
        let program = loop {
            match words.next() {
                None => break command.get_name().to_owned(),
                Some(word) => command = Command::new(word.to_owned()).subcommand(command),
            }
        };
        let shell = match shell {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Elvish => clap_complete::Shell::Elvish,
            Shell::Fish => clap_complete::Shell::Fish,
            Shell::PowerShell => clap_complete::Shell::PowerShell,
            Shell::Zsh => clap_complete::Shell::Zsh,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command, program, &mut script);
        String::from_utf8_lossy(&script).into_owned()
    }
}

/// The name that is nearest to a text, if one is near.
pub(crate) fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = text.to_lowercase();
    let limit = (lower.chars().count() / 3).max(1);
    names
        .map(|name| (distance(&lower, name, limit), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many characters must change (Levenshtein); texts whose lengths differ by more than the limit are far apart.
fn distance(left: &str, right: &str, limit: usize) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len().abs_diff(right.len()) > limit {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}
