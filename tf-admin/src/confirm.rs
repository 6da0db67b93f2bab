//! Whether a person wants what the task does.

use std::fmt;

use crate::control::Stopped;
use crate::io::{Stderr, Stdin};

/// What a run knows of the person behind it.
pub(crate) struct Confirmation {
    /// Whether `ADMIN_PROTECT` asks for confirmations.
    pub(crate) protect: bool,
    /// What `--confirm` says.
    pub(crate) given: Option<String>,
    pub(crate) stdin: Stdin,
}

impl Confirmation {
    /// Whether the words of `ADMIN_PROTECT` ask for confirmations.
    pub(crate) fn protects(word: Option<&str>) -> Result<bool, String> {
        match word.map(str::to_ascii_lowercase).as_deref() {
            None | Some("on" | "true" | "yes" | "1") => Ok(true),
            Some("off" | "false" | "no" | "0") => Ok(false),
            Some(_) => Err("`ADMIN_PROTECT` is neither `on` nor `off`".to_owned()),
        }
    }

    /// All that is missing before a destructive task may start; asks only if nothing else is wrong.
    pub(crate) async fn before_start(
        &self,
        stderr: &Stderr,
        task: &str,
        reason: Option<&str>,
    ) -> Result<(), NotConfirmed> {
        if !self.protect {
            return Ok(());
        }
        let mut missing = Vec::new();
        if reason.is_none_or(|reason| reason.trim().is_empty()) {
            missing.push("`--reason TEXT`".to_owned());
        }
        if self.given.is_none() && !self.can_ask(stderr) {
            missing.push(format!("`--confirm {task}`"));
        }
        if !missing.is_empty() {
            let missing = missing.join(" and ");
            return Err(NotConfirmed::refused(format!(
                "`{task}` is destructive and needs {missing}"
            )));
        }
        let question = format!("`{task}` is destructive");
        self.ask(stderr, task, &question).await
    }

    fn can_ask(&self, stderr: &Stderr) -> bool {
        self.stdin.is_terminal && stderr.is_terminal
    }

    /// Asks for the task's name, unless the answer is known.
    pub(crate) async fn ask(
        &self,
        stderr: &Stderr,
        task: &str,
        question: &str,
    ) -> Result<(), NotConfirmed> {
        if !self.protect || self.given.as_deref() == Some(task) {
            return Ok(());
        }
        if !self.can_ask(stderr) {
            return Err(NotConfirmed::refused(format!(
                "{question}: there is no terminal to ask; give `--confirm {task}`"
            )));
        }
        stderr.message(&format!("{question}. To go on, type the name of the task:"));
        let line = self.stdin.line().await;
        let line = line.map_err(|error| {
            NotConfirmed::refused(format!("{question}: stdin could not be read: {error}"))
        })?;
        if line.strip_suffix('\r').unwrap_or(&line) == task {
            return Ok(());
        }
        Err(NotConfirmed::refused(format!(
            "{question}: what was typed is not `{task}`"
        )))
    }
}

/// The error of a confirmation that was not given.
#[derive(Debug)]
pub struct NotConfirmed(Why);

#[derive(Debug)]
enum Why {
    Refused(String),
    Stopped(Stopped),
}

impl NotConfirmed {
    pub(crate) fn refused(text: String) -> Self {
        Self(Why::Refused(text))
    }

    /// Whether the person or the rules said no; otherwise the run was stopped while it asked.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.0, Why::Refused(_))
    }
}

impl From<Stopped> for NotConfirmed {
    fn from(stopped: Stopped) -> Self {
        Self(Why::Stopped(stopped))
    }
}

impl fmt::Display for NotConfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Refused(text) => f.write_str(text),
            Why::Stopped(_) => f.write_str("not confirmed"),
        }
    }
}

impl std::error::Error for NotConfirmed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Why::Refused(_) => None,
            Why::Stopped(stopped) => Some(stopped),
        }
    }
}
