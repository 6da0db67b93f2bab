//! Texts for platforms and process managers, made from the registered process types and tasks.
//!
//! Pure functions: what is printed depends on the [`Service`] alone, so that a text can be kept beside
//! the code and compared. No value of a variable is in any of them.

mod kubernetes;
mod names;
mod procfile;
mod supervisor;
mod systemd;

use std::num::NonZeroU16;
use std::time::Duration;

use tf_shutdown::Timeout;

/// Exit codes after which another start changes nothing: usage, refused, configuration.
const FINAL: [u8; 3] = [2, 77, 78];
/// The same for a task, in which also a panic is final.
const FINAL_TASK: [u8; 4] = [2, 70, 77, 78];
const TIMEOUT: &str = "SHUTDOWN_TIMEOUT";
/// What texts with a port of their own say; a value from elsewhere would contradict it.
const SAID: [&str; 3] = ["LISTEN", "PORT", TIMEOUT];

/// The text to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Procfile,
    /// With a number, that many web processes share one port.
    Supervisor {
        processes: Option<NonZeroU16>,
    },
    Systemd,
    Kubernetes,
}

/// What the texts are made from.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    /// The binary, as it was called: argument 0, whether a path or a bare name.
    pub(crate) program: String,
    /// The port that platforms are told to bind or to ask.
    pub(crate) port: u16,
    /// The time for a stop; each platform waits a little longer before it kills.
    pub(crate) budget: Duration,
    pub(crate) types: Vec<ProcessType>,
    /// The names of the tasks.
    pub(crate) tasks: Vec<String>,
    pub(crate) variables: Vec<Variable>,
}

/// A long-running process type.
#[derive(Clone, Debug)]
pub(crate) struct ProcessType {
    pub(crate) name: String,
    /// What the binary is called with, such as `worker mailer`.
    pub(crate) arguments: Vec<String>,
    /// Whether it listens and answers health probes; at most one does.
    pub(crate) is_web: bool,
}

/// A variable that the service reads.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// Whether the service does not start without it, whatever else is set.
    pub(crate) is_required: bool,
    pub(crate) is_secret: bool,
}

impl From<&tf_config::Variable> for Variable {
    fn from(variable: &tf_config::Variable) -> Self {
        let depends = variable.group().is_some() || variable.required_if().is_some();
        Self {
            name: variable.name().to_owned(),
            is_required: variable.is_required() && !depends,
            is_secret: variable.is_redacted(),
        }
    }
}

/// The text of this kind; ends with a line break.
pub(crate) fn text(kind: Kind, service: &Service) -> String {
    match kind {
        Kind::Procfile => procfile::text(service),
        Kind::Supervisor { processes } => supervisor::text(service, processes),
        Kind::Systemd => systemd::text(service),
        Kind::Kubernetes => kubernetes::text(service),
    }
}

impl Service {
    /// The value of `SHUTDOWN_TIMEOUT` that belongs to [`patience`](Self::patience).
    fn timeout(&self) -> String {
        Timeout::from(self.budget).to_string()
    }

    /// The whole seconds that the platform waits before it kills: enough for the budget, the half second
    /// after which the process ends itself, and a slow machine.
    fn patience(&self) -> u64 {
        self.budget.as_millis().div_ceil(1000) as u64 + 5
    }

    /// What the service reads, without what the text says itself.
    fn given<'a>(&'a self, said: &'a [&str]) -> impl Iterator<Item = &'a Variable> {
        let is_given = |variable: &&Variable| !said.contains(&variable.name.as_str());
        self.variables.iter().filter(is_given)
    }
}

impl Variable {
    /// Its name and what is to be known of it, as a comment line.
    fn comment(&self, mark: &str) -> String {
        let required = self.is_required.then_some("required");
        let secret = self.is_secret.then_some("secret");
        let words: Vec<_> = required.into_iter().chain(secret).collect();
        let gap = if words.is_empty() { "" } else { "  " };
        format!("{mark}   {}{gap}{}\n", self.name, words.join(", "))
    }
}

fn list<T: ToString>(items: &[T], separator: &str) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(separator)
}

/// No format but YAML and that of units can hold a line break or another control character.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests;
