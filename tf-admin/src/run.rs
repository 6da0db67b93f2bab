//! The way of a run: words, preparation, work, end.

mod acquire;
mod before;
mod facts;
mod main;
mod verdict;
mod watch;
mod words;
mod work;

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::dispatcher::has_been_set;

use self::verdict::End;
use self::watch::Watch;
use self::words::{Words, read};
use crate::audit::{Action, AuditEvent, AuditSink, RunEnd, RunFacts, TracingAudit};
use crate::env::Env;
use crate::io::{Captured, Io, Stderr, Stdin, Stdout};
use crate::mask::Mask;
use crate::outcome::Outcome;
use crate::panics::Running;
use crate::process::{self, now};
use crate::registry::Registry;
use crate::report::Report;
use crate::task::Task;

/// A sink that takes longer is taken for dead, and so is a store that is to take its lock back.
const ANSWER: Duration = Duration::from_secs(5);

/// How long code that is to be dropped may take to come to an await point.
const ABORT: Duration = Duration::from_millis(100);

impl<S: Send + Sync + 'static> Registry<S> {
    /// Does what a command line says: `list`, `help TASK`, `completions SHELL`, or a task and its arguments.
    ///
    /// The words are those after `admin`. Nothing of the process is read, written or ended but through `env` and
    /// `io`, so this is also how tasks are tested. Must be awaited in a tokio runtime with its clock enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the task running and skips the end of the audit. Send an
    /// [`Interrupt`](crate::Interrupt) instead.
    pub async fn run<I, W>(&self, words: I, env: Env, io: Io) -> Report
    where
        I: IntoIterator<Item = W>,
        W: Into<OsString>,
    {
        self.run_on(words, env, io, Handle::current()).await
    }

    /// Does what [`run`](Self::run) does, with the code of the application on a runtime of its own.
    ///
    /// A task that never yields then holds up neither signals nor deadlines.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn run_on<I, W>(&self, words: I, env: Env, io: Io, workers: Handle) -> Report
    where
        I: IntoIterator<Item = W>,
        W: Into<OsString>,
    {
        let words = read(self, words.into_iter().map(Into::into).collect());
        self.follow(words, env, io, workers).await
    }

    async fn follow(&self, words: Words<'_, S>, env: Env, io: Io, workers: Handle) -> Report {
        match words {
            Words::Answer(text) => answer(io, &text),
            Words::Wrong { text, task: None } => {
                io.stderr.message(&format!("error: {text}"));
                report(Outcome::Usage, Some(text), &io.captured)
            }
            Words::Wrong {
                text,
                task: Some(task),
            } => {
                let run = Run::new(self, task, env, io, workers);
                run.refuse(text).await
            }
            Words::Run { task, parsed } => {
                let run = Run::new(self, task, env, io, workers);
                run.go(*parsed).await
            }
        }
    }
}

/// Writes what needs no run.
fn answer(io: Io, text: &str) -> Report {
    match io.stdout.write_now(text) {
        Ok(()) => report(Outcome::Done, None, &io.captured),
        Err(error) => {
            let end = End::unwritten(&error);
            io.stderr.message(&end.message());
            report(end.outcome, end.error, &io.captured)
        }
    }
}

fn report(outcome: Outcome, error: Option<String>, captured: &Captured) -> Report {
    Report {
        outcome,
        code: outcome.code(),
        run_id: None,
        error,
        events: Vec::new(),
        effects: Vec::new(),
        stdout: captured.stdout.text(),
        stderr: captured.stderr.text(),
        left_behind: false,
    }
}

/// One run of a task.
struct Run<'a, S> {
    registry: &'a Registry<S>,
    task: &'a Task<S>,
    env: Env,
    facts: RunFacts,
    mask: Mask,
    audit: Arc<dyn AuditSink>,
    stdin: Stdin,
    stdout: Option<Stdout>,
    stderr: Stderr,
    captured: Captured,
    watch: Watch,
    /// Where the code of the application runs, so that it cannot hold up the one who watches.
    workers: Handle,
    began: Instant,
    events: Vec<AuditEvent>,
    left_behind: bool,
}

/// What a run counted while it worked.
#[derive(Default)]
struct Tally {
    waited: Option<Duration>,
    held: Option<Duration>,
    done: u64,
    total: Option<u64>,
    effects: crate::cx::Effects,
}

impl<'a, S: Send + Sync + 'static> Run<'a, S> {
    fn new(
        registry: &'a Registry<S>,
        task: &'a Task<S>,
        env: Env,
        io: Io,
        workers: Handle,
    ) -> Self {
        Self {
            facts: facts::begin(&registry.app, &task.spec, &env),
            mask: io.stderr.mask.clone(),
            audit: match &registry.audit {
                Some(audit) => Arc::clone(audit),
                // Nobody would take the events.
                None if io.is_process && !has_been_set() => Arc::new(process::audit()),
                None => Arc::new(TracingAudit),
            },
            registry,
            task,
            env,
            stdin: io.stdin,
            stdout: Some(io.stdout),
            stderr: io.stderr,
            captured: io.captured,
            watch: Watch::new(io.interrupts),
            workers,
            began: Instant::now(),
            events: Vec::new(),
            left_behind: false,
        }
    }

    /// Ends a run whose words are wrong.
    async fn refuse(mut self, text: String) -> Report {
        let end = End::new(Outcome::Usage, text);
        self.finish(Action::Refused, end, Tally::default()).await
    }

    async fn go(mut self, parsed: crate::args::Parsed) -> Report {
        let running = Running::begin();
        let report = match self.prepare(parsed).await {
            Ok(ready) => {
                let (end, tally) = self.work(ready).await;
                self.finish(Action::Finished, end, tally).await
            }
            Err(end) => self.finish(Action::Refused, end, Tally::default()).await,
        };
        if report.left_behind {
            // Code of the task may panic yet.
            std::mem::forget(running);
        }
        report
    }

    /// Says how the run ended, to the audit and to people.
    async fn finish(&mut self, action: Action, mut end: End, tally: Tally) -> Report {
        end.error = end.error.map(|error| self.mask.apply(&error).into_owned());
        let record = RunEnd {
            outcome: end.outcome,
            code: end.code,
            code_name: end.code_name.clone(),
            error: end.error.as_deref().map(crate::mask::one_line),
            duration: self.began.elapsed(),
            waited: tally.waited,
            held: tally.held,
            done: tally.done,
            total: tally.total,
            effects: tally.effects.count,
            signalled: self.watch.signal().is_some(),
        };
        if let Err(error) = self.record(action, Some(record)).await {
            self.stderr.message(&format!(
                "warning: the end of the run is not recorded: {error}"
            ));
        }
        let message = end.message();
        if !message.is_empty() {
            self.stderr.message(&message);
        }
        Report {
            outcome: end.outcome,
            code: end.code,
            run_id: Some(self.facts.run_id.clone()),
            error: end.error,
            events: std::mem::take(&mut self.events),
            effects: tally.effects.shown,
            stdout: self.captured.stdout.text(),
            stderr: self.captured.stderr.text(),
            left_behind: self.left_behind,
        }
    }

    /// Drops what the application's code does at its next await point, and waits a moment for that.
    async fn abandon<T>(&mut self, job: &mut JoinHandle<T>) {
        job.abort();
        self.left_behind |= tokio::time::timeout(ABORT, job).await.is_err();
    }

    async fn record(&mut self, action: Action, end: Option<RunEnd>) -> Result<(), String> {
        let event = AuditEvent {
            action,
            at: now(),
            run: facts::masked(&self.facts, &self.mask),
            end,
        };
        let record = self.audit.record(&event);
        let recorded = match tokio::time::timeout(ANSWER, record).await {
            Ok(recorded) => recorded.map_err(|error| error.to_string()),
            Err(_) => Err(format!("no answer within {ANSWER:?}")),
        };
        self.events.push(event);
        recorded
    }
}
