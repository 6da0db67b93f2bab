//! What the end of a task means.

use std::any::Any;
use std::error::Error;
use std::io;
use std::time::Duration;

use tokio::task::JoinError;

use crate::confirm::NotConfirmed;
use crate::control::{Control, StopReason, Stopped};
use crate::guard::{GuardError, GuardErrorKind};
use crate::interrupts::Interrupt;
use crate::outcome::{Completion, ExitWith, Outcome, code};
use crate::panics;
use crate::task::{Ended, Spec};

/// How a run ends.
#[derive(Debug)]
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) code: u8,
    pub(super) code_name: Option<String>,
    pub(super) error: Option<String>,
    /// Whether the result of the task is to be written.
    pub(super) has_result: bool,
}

impl End {
    pub(super) fn new(outcome: Outcome, error: impl Into<String>) -> Self {
        Self {
            outcome,
            code: outcome.code(),
            code_name: None,
            error: Some(error.into()),
            has_result: false,
        }
    }

    fn done(outcome: Outcome) -> Self {
        Self {
            outcome,
            code: outcome.code(),
            code_name: None,
            error: None,
            has_result: true,
        }
    }

    pub(super) fn with_code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    pub(super) fn interrupted(interrupt: Interrupt, error: String) -> Self {
        Self::new(Outcome::Interrupted, error).with_code(interrupt.code())
    }

    /// A panic of the application's code, in the phase that the words name.
    pub(super) fn panic(when: &str, payload: &(dyn Any + Send)) -> Self {
        let text = panics::text(payload);
        Self::new(Outcome::Panic, format!("panic {when}: {text}"))
    }

    /// A job that ended without an output.
    pub(super) fn broken(when: &str, error: JoinError) -> Self {
        match error.try_into_panic() {
            Ok(payload) => Self::panic(when, &*payload),
            Err(error) => Self::new(Outcome::Failed, error.to_string()),
        }
    }

    pub(super) fn lock(error: &GuardError) -> Self {
        let outcome = match error.kind() {
            GuardErrorKind::Unavailable => Outcome::Unavailable,
            GuardErrorKind::Config => Outcome::Config,
        };
        Self::new(outcome, format!("the lock: {}", chain(error)))
    }

    /// A result that did not reach its reader.
    pub(super) fn unwritten(error: &io::Error) -> Self {
        let outcome = match error.kind() {
            io::ErrorKind::BrokenPipe => Outcome::ClosedPipe,
            _ => Outcome::Failed,
        };
        Self::new(outcome, format!("the result was not written: {error}"))
    }

    /// What people are told.
    pub(super) fn message(&self) -> String {
        match &self.error {
            None => String::new(),
            Some(text) if self.outcome == Outcome::Skipped => format!("skipped: {text}"),
            Some(text) => format!("error: {text}"),
        }
    }
}

/// How the work on a task came to its end.
pub(super) enum Ran {
    Ended(Result<Ended, JoinError>),
    /// A second SIGINT came.
    Forced,
    /// It was told to stop and did not.
    GraceOver(Duration),
}

pub(super) fn judge(ran: Ran, control: &Control, spec: &Spec, dry_run: bool) -> End {
    let reason = control.reason();
    match ran {
        Ran::Forced => End::interrupted(Interrupt::Int, "ended by a second SIGINT".to_owned()),
        Ran::GraceOver(grace) => {
            let reason = reason.unwrap_or(StopReason::Timeout);
            let text = format!("{reason}, and the task did not stop within {grace:?}");
            stopped(reason, text)
        }
        Ran::Ended(Err(error)) => End::broken("in the task", error),
        Ran::Ended(Ok(Err(error))) => failed(&*error, control, spec),
        Ran::Ended(Ok(Ok(completion))) => match reason {
            Some(StopReason::Interrupted(_)) if !control.was_told() => {
                completed(completion, spec, dry_run)
            }
            Some(reason) if control.was_told() => {
                let text = format!("{reason}; the task ignored a failed checkpoint");
                stopped(reason, text)
            }
            Some(reason) => stopped(reason, format!("{reason} before the task ended")),
            None => completed(completion, spec, dry_run),
        },
    }
}

fn stopped(reason: StopReason, text: String) -> End {
    match reason {
        StopReason::Interrupted(interrupt) => End::interrupted(interrupt, text),
        StopReason::Timeout => End::new(Outcome::Timeout, text),
        StopReason::LockLost => End::new(Outcome::LockLost, text),
    }
}

fn failed(error: &(dyn Error + 'static), control: &Control, spec: &Spec) -> End {
    let text = chain(error);
    if let Some(reason) = control.reason() {
        let is_stop = control.was_told() || causes(error).any(<dyn Error>::is::<Stopped>);
        let is_signal = matches!(reason, StopReason::Interrupted(_));
        if is_stop || !is_signal {
            let told = reason.to_string();
            let text = if text.contains(&told) {
                text
            } else {
                format!("{told}: {text}")
            };
            return stopped(reason, text);
        }
    }
    let refused = |cause: &NotConfirmed| cause.is_refused();
    if causes(error).any(|cause| cause.downcast_ref().is_some_and(refused)) {
        return End::new(Outcome::Refused, text);
    }
    match causes(error).find_map(|cause| cause.downcast_ref::<ExitWith>()) {
        Some(exit) => own_code(exit.code(), text, spec),
        None => End::new(Outcome::Failed, text),
    }
}

fn completed(completion: Completion, spec: &Spec, dry_run: bool) -> End {
    match completion {
        Completion::Code(code) => {
            let end = own_code(code, format!("ended with code {code}"), spec);
            let has_result = end.outcome == Outcome::Failed;
            End { has_result, ..end }
        }
        _ if dry_run => End::done(Outcome::DryRun),
        Completion::Done => End::done(Outcome::Done),
        Completion::NothingToDo => End::done(Outcome::NothingToDo),
        Completion::AlreadyDone => End::done(Outcome::AlreadyDone),
    }
}

fn own_code(own: i32, text: String, spec: &Spec) -> End {
    let declared = spec.code_name(own).zip(u8::try_from(own).ok());
    match declared.filter(|_| code::OWN.contains(&own)) {
        Some((name, code)) => End {
            code_name: Some(name.to_owned()),
            ..End::new(Outcome::Failed, format!("{text} (`{name}`)")).with_code(code)
        },
        None => End::new(
            Outcome::Panic,
            format!("the task does not declare the code {own}: {text}"),
        ),
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // An I/O error that wraps another one skips it in its chain.
        let io = error.downcast_ref::<io::Error>();
        match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
}

/// The error and its causes, each said once.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error) {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
