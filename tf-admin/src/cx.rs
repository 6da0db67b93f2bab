//! What a task has of its run.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::confirm::{Confirmation, NotConfirmed};
use crate::control::{Control, StopReason, Stopped};
use crate::io::{Stderr, lock};
use crate::mask::Mask;
use crate::output::{Format, OutputError, render, render_text};
use crate::progress::Progress;

/// The context of a running task; clones share it.
///
/// It carries the state `S` that the registry's setup made, tells when to stop, keeps effects out of dry
/// runs, and takes progress, messages and the one result.
pub struct Cx<S = ()> {
    shared: Arc<Shared>,
    state: Arc<S>,
}

/// What does not depend on the type of the state.
pub(crate) struct Shared {
    pub(crate) run_id: String,
    pub(crate) task: String,
    pub(crate) release: Option<String>,
    pub(crate) dry_run: bool,
    pub(crate) format: Format,
    pub(crate) mask: Mask,
    pub(crate) stderr: Stderr,
    pub(crate) control: Control,
    pub(crate) progress: Progress,
    pub(crate) confirmation: Confirmation,
    pub(crate) output: Mutex<Option<String>>,
    pub(crate) effects: Mutex<Effects>,
}

/// The effects of a run: their number, and what the first of them do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    pub(crate) count: u64,
    pub(crate) shown: Vec<String>,
}

/// A report keeps no more descriptions than that.
const SHOWN_EFFECTS: usize = 1000;

impl<S> Cx<S> {
    pub(crate) fn new(shared: Arc<Shared>, state: Arc<S>) -> Self {
        Self { shared, state }
    }

    /// Returns the state that the setup of the registry made.
    #[must_use]
    pub fn state(&self) -> &S {
        &self.state
    }

    /// Returns the name of this run, which is in every line of its audit; later runs have greater names.
    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.shared.run_id
    }

    /// Returns the name of the task.
    #[must_use]
    pub fn task(&self) -> &str {
        &self.shared.task
    }

    /// Returns the release that runs, if it is known.
    #[must_use]
    pub fn release(&self) -> Option<&str> {
        self.shared.release.as_deref()
    }

    /// Whether effects are described and not done.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.shared.dry_run
    }

    /// Makes a change, or in a dry run only says that it would: then the closure is not called.
    ///
    /// Returns nothing in a dry run.
    ///
    /// # Errors
    ///
    /// The error of the change.
    ///
    /// # Cancel safety
    ///
    /// That of the closure's future.
    pub async fn effect<T, E, Fut>(
        &self,
        description: impl Into<String>,
        change: impl FnOnce() -> Fut,
    ) -> Result<Option<T>, E>
    where
        Fut: Future<Output = Result<T, E>>,
    {
        if self.is_only_described(description.into()) {
            return Ok(None);
        }
        change().await.map(Some)
    }

    /// Makes a change that blocks, or in a dry run only says that it would.
    ///
    /// # Errors
    ///
    /// The error of the change.
    pub fn effect_blocking<T, E>(
        &self,
        description: impl Into<String>,
        change: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        if self.is_only_described(description.into()) {
            return Ok(None);
        }
        change().map(Some)
    }

    fn is_only_described(&self, description: String) -> bool {
        let dry_run = self.shared.dry_run;
        let description = self.shared.mask.apply(&description).into_owned();
        if dry_run {
            self.note(format!("would {description}"));
        }
        let mut effects = lock(&self.shared.effects);
        effects.count += 1;
        if effects.shown.len() < SHOWN_EFFECTS {
            effects.shown.push(description);
        }
        dry_run
    }

    /// Fails when the task is to stop: after a signal, at the deadline, when the lock is lost.
    ///
    /// Call it where the work may end, and return its error: a run whose checkpoint failed is never
    /// reported as done.
    ///
    /// # Errors
    ///
    /// [`Stopped`], with the reason.
    pub fn checkpoint(&self) -> Result<(), Stopped> {
        self.shared.control.checkpoint()
    }

    /// Whether the task is to stop; unlike a failed checkpoint, asking leaves it free to finish.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.control.reason().is_some()
    }

    /// Resolves when the task is to stop.
    ///
    /// # Cancel safety
    ///
    /// Safe: it can be asked again.
    pub async fn cancelled(&self) -> StopReason {
        self.shared.control.stopped().await
    }

    /// Says how many steps there are, so that the time that is left can be estimated.
    pub fn total(&self, steps: u64) {
        self.shared.progress.total(steps);
    }

    /// Counts steps as done.
    ///
    /// On a terminal a bar shows them, elsewhere an event `admin.progress` at most every 10 s and a last one.
    pub fn progress(&self, steps: u64) {
        self.shared.progress.advance(steps);
    }

    /// Writes a message for people to stderr.
    pub fn note(&self, text: impl fmt::Display) {
        self.shared.stderr.message(&text.to_string());
    }

    /// Hides this text in all that the run writes from now on.
    pub fn mask(&self, secret: &str) {
        self.shared.mask.add(secret);
    }

    /// Gives the result of the task, the only thing that a run writes to stdout.
    ///
    /// It is written whole, and only if the task ends well. With `--format json` it is one JSON document. As text,
    /// a structure has a line for each field, a list a line for each item.
    ///
    /// # Errors
    ///
    /// There was a result already, or the value cannot be serialised.
    pub fn output<T: Serialize + ?Sized>(&self, result: &T) -> Result<(), OutputError> {
        self.put(match self.shared.format {
            Format::Json => render(result, &self.shared.mask)?,
            Format::Text => render_text(result, &self.shared.mask)?,
        })
    }

    /// Gives the result of the task, with a text of its own for people.
    ///
    /// # Errors
    ///
    /// There was a result already, or the value cannot be serialised.
    pub fn output_as<T: Serialize + ?Sized>(
        &self,
        result: &T,
        text: impl fmt::Display,
    ) -> Result<(), OutputError> {
        self.put(match self.shared.format {
            Format::Json => render(result, &self.shared.mask)?,
            Format::Text => {
                let text = text.to_string();
                let text = self.shared.mask.apply(&text);
                format!("{}\n", text.trim_end_matches('\n'))
            }
        })
    }

    fn put(&self, text: String) -> Result<(), OutputError> {
        let mut output = lock(&self.shared.output);
        if output.is_some() {
            return Err(OutputError::again());
        }
        *output = Some(text);
        Ok(())
    }

    /// Asks a person in the middle of a task, for the rare case that a flag cannot decide.
    ///
    /// The rules are those of the start: `--confirm NAME` is a yes, on a terminal the task's name must be typed, and
    /// everything else is a no at once. A dry run is not asked, nor is any run where `ADMIN_PROTECT` is `off`.
    ///
    /// # Errors
    ///
    /// [`NotConfirmed`]; a task that returns it ends as refused.
    ///
    /// # Cancel safety
    ///
    /// A line that was being read is taken all the same.
    pub async fn confirm(&self, question: impl fmt::Display) -> Result<(), NotConfirmed> {
        if self.shared.dry_run {
            return Ok(());
        }
        let question = question.to_string();
        let confirmation = &self.shared.confirmation;
        let ask = confirmation.ask(&self.shared.stderr, &self.shared.task, &question);
        self.shared.control.unless_stopped(ask).await?
    }
}

impl<S> Clone for Cx<S> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            state: Arc::clone(&self.state),
        }
    }
}

impl<S> fmt::Debug for Cx<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cx")
            .field("run_id", &self.shared.run_id)
            .field("task", &self.shared.task)
            .field("dry_run", &self.shared.dry_run)
            .finish_non_exhaustive()
    }
}
