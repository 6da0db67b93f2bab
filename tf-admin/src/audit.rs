//! What is recorded of every run.

mod event;
mod sinks;

use std::fmt;

pub use self::event::{Action, AuditEvent, RunEnd, RunFacts};
pub use self::sinks::{JsonAudit, TracingAudit};
use crate::guard::BoxFuture;

/// Takes the record of runs.
///
/// Without one, a registry writes a `tracing` event for each record: [`TracingAudit`].
pub trait AuditSink: Send + Sync + fmt::Debug {
    /// Keeps one record.
    ///
    /// A destructive task does not start when its start cannot be recorded; every other failure is a warning.
    fn record<'a>(&'a self, event: &'a AuditEvent) -> BoxFuture<'a, Result<(), AuditError>>;
}

/// Why a record could not be kept; the text must hold no secret.
#[derive(Debug)]
pub struct AuditError {
    text: String,
}

impl AuditError {
    /// Creates an error with what there is to say.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for AuditError {}
