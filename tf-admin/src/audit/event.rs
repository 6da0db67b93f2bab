//! The record of a run, as a value and as a flat object.

use std::time::{Duration, SystemTime};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::outcome::Outcome;
use crate::time::rfc3339;

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A run has begun; a finish follows, or the process died.
    Started,
    /// A run that had begun has ended.
    Finished,
    /// A run ended before it had begun: nothing was done.
    Refused,
}

impl Action {
    /// Returns the name of the event: `admin.started`, `admin.finished` or `admin.refused`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "admin.started",
            Self::Finished => "admin.finished",
            Self::Refused => "admin.refused",
        }
    }
}

/// One record of a run: its facts, and how it ended unless it has only begun.
///
/// Texts are single lines without control characters, and secrets are masked in them. Serialised, it is a flat
/// object with `@timestamp`, `event.action` and fields under `admin.`; what is not known is left out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditEvent {
    /// What the record is about.
    pub action: Action,
    /// When it was made.
    pub at: SystemTime,
    /// What is known of the run from its beginning.
    pub run: RunFacts,
    /// How the run ended; missing when it begins.
    pub end: Option<RunEnd>,
}

/// What is known of a run from its beginning.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RunFacts {
    /// The name of the run.
    pub run_id: String,
    /// The task.
    pub task: String,
    /// The application.
    pub app: String,
    /// Its version.
    pub version: Option<String>,
    /// The commit it was built from.
    pub commit: Option<String>,
    /// The release that runs.
    pub release: Option<String>,
    /// Where the release is known from: `program`, the name of a variable, or `none`.
    pub release_source: String,
    /// Who says to have started the run: a claim.
    pub actor: Option<String>,
    /// Where the actor is known from: `flag`, `variable`, `login` or `none`.
    pub actor_source: &'static str,
    /// Why it was started.
    pub reason: Option<String>,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The task's own arguments as they were given, with `***` for secrets.
    pub args: Vec<(String, Vec<String>)>,
    /// Whether effects are only described.
    pub dry_run: bool,
    /// What the task may do: `read_only`, `writes` or `destructive`.
    pub danger: &'static str,
    /// The key of the lock, if the run needs one.
    pub lock_key: Option<String>,
    /// The fingerprint of the configuration without its secrets.
    pub config_fingerprint: Option<String>,
}

/// How a run ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunEnd {
    /// How it ended.
    pub outcome: Outcome,
    /// The exit code.
    pub code: u8,
    /// The meaning of the code, if it is the task's own.
    pub code_name: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// How long the run took.
    pub duration: Duration,
    /// How long it waited for the lock, if it needed one.
    pub waited: Option<Duration>,
    /// How long it had the lock, if it got it.
    pub held: Option<Duration>,
    /// The steps that were done.
    pub done: u64,
    /// The steps there were, if that is known.
    pub total: Option<u64>,
    /// The effects, done or described.
    pub effects: u64,
    /// Whether a signal came.
    pub signalled: bool,
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl RunFacts {
    /// The arguments as a JSON object: a text each, or a list where there are several.
    pub(super) fn args_json(&self) -> String {
        let mut object = serde_json::Map::new();
        for (name, values) in &self.args {
            let value = match values.as_slice() {
                [one] => one.clone().into(),
                several => several.to_vec().into(),
            };
            object.insert(name.clone(), value);
        }
        serde_json::Value::Object(object).to_string()
    }
}

impl Serialize for AuditEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let run = &self.run;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("@timestamp", &rfc3339(self.at))?;
        map.serialize_entry("event.action", self.action.as_str())?;
        map.serialize_entry("admin.run_id", &run.run_id)?;
        map.serialize_entry("admin.task", &run.task)?;
        map.serialize_entry("admin.app", &run.app)?;
        for (key, value) in [
            ("admin.version", &run.version),
            ("admin.commit", &run.commit),
            ("admin.release", &run.release),
            ("admin.actor", &run.actor),
            ("admin.reason", &run.reason),
            ("admin.lock_key", &run.lock_key),
            ("admin.config_fingerprint", &run.config_fingerprint),
        ] {
            if let Some(value) = value {
                map.serialize_entry(key, value)?;
            }
        }
        map.serialize_entry("admin.release_source", &run.release_source)?;
        map.serialize_entry("admin.actor_source", run.actor_source)?;
        map.serialize_entry("admin.host", &run.host)?;
        map.serialize_entry("admin.pid", &run.pid)?;
        map.serialize_entry("admin.args", &run.args_json())?;
        map.serialize_entry("admin.dry_run", &run.dry_run)?;
        map.serialize_entry("admin.danger", run.danger)?;
        if let Some(end) = &self.end {
            end.serialize_into(&mut map)?;
        }
        map.end()
    }
}

impl RunEnd {
    fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("admin.outcome", &self.outcome)?;
        map.serialize_entry("admin.code", &self.code)?;
        for (key, value) in [
            ("admin.code_name", &self.code_name),
            ("admin.error", &self.error),
        ] {
            if let Some(value) = value {
                map.serialize_entry(key, value)?;
            }
        }
        for (key, value) in [
            ("admin.duration_ms", Some(millis(self.duration))),
            ("admin.waited_ms", self.waited.map(millis)),
            ("admin.held_ms", self.held.map(millis)),
            ("admin.done", Some(self.done)),
            ("admin.total", self.total),
            ("admin.effects", Some(self.effects)),
        ] {
            if let Some(value) = value {
                map.serialize_entry(key, &value)?;
            }
        }
        map.serialize_entry("admin.signalled", &self.signalled)
    }
}
