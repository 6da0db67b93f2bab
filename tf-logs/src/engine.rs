//! What the settings come to, for every line.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tracing_core::{Level, Metadata};

use crate::ecs;
use crate::fixed;
use crate::identity::Identity;
use crate::line::json_string;
use crate::nest::{Fixed, Target};
use crate::plan::{Field, Plan};
use crate::settings::{Schema, Settings, Shape};

/// The settings made ready for formatting, and the plans of the callsites met so far.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Differs between any two engines of the process.
    pub(crate) id: u64,
    pub(crate) names: Names,
    redact: Vec<String>,
    pub(crate) max: usize,
    /// The members that tell who writes.
    pub(crate) identity: Fixed,
    /// Further members, which any field overrides, with JSON values.
    pub(crate) extra: Vec<(Target, String)>,
    pub(crate) pid: u32,
    pub(crate) shape: Shape,
    message: Field,
    known: [Field; Known::ALL.len()],
    plans: RwLock<HashMap<usize, Arc<Plan>>>,
}

/// How fields are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Nested, and moved where the schema needs it.
    Ecs,
    /// As they are, but for those that the line has by itself.
    Plain,
    /// As they are.
    Bare,
}

/// Places that are not named by a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    ErrorMessage,
    ErrorType,
    ErrorTrace,
    TraceId,
    SpanId,
    Logger,
    File,
    Line,
}

impl Known {
    const ALL: [Self; 8] = [
        Self::ErrorMessage,
        Self::ErrorType,
        Self::ErrorTrace,
        Self::TraceId,
        Self::SpanId,
        Self::Logger,
        Self::File,
        Self::Line,
    ];

    fn ecs(self) -> &'static str {
        match self {
            Self::ErrorMessage => "error.message",
            Self::ErrorType => "error.type",
            Self::ErrorTrace => "error.stack_trace",
            Self::TraceId => "trace.id",
            Self::SpanId => "span.id",
            Self::Logger => "log.logger",
            Self::File => "log.origin.file.name",
            Self::Line => "log.origin.file.line",
        }
    }

    fn plain(self) -> &'static str {
        match self {
            Self::ErrorMessage => "error",
            Self::ErrorType => "error_type",
            Self::ErrorTrace => "error_trace",
            Self::TraceId => "trace_id",
            Self::SpanId => "span_id",
            Self::Logger => "target",
            Self::File => "file",
            Self::Line => "line",
        }
    }
}

/// What a line without a schema says by itself.
const PLAIN_RESERVED: &[&str] = &[
    "timestamp",
    "level",
    "message",
    "service",
    "version",
    "instance",
    "process_type",
    "pid",
    "target",
    "file",
    "line",
    "thread",
    "thread_id",
    "truncated",
];

/// The least limit of a line: its head and some of each text fit.
const LEAST_LINE: usize = 1024;

impl Engine {
    pub(crate) fn new(settings: &Settings) -> Self {
        static ENGINES: AtomicU64 = AtomicU64::new(1);
        let names = match (settings.shape, settings.schema) {
            (Shape::Pretty { .. }, _) => Names::Bare,
            (Shape::Json, Schema::Ecs) => Names::Ecs,
            (Shape::Json, _) => Names::Plain,
        };
        let redact = &settings.redact;
        let known = Known::ALL.map(|known| {
            let name = if names == Names::Ecs {
                known.ecs()
            } else {
                known.plain()
            };
            let path: Vec<&str> = match names {
                Names::Ecs => name.split('.').collect(),
                _ => vec![name],
            };
            Field::at(Target::new(&path), is_redacted(redact, name))
        });
        let identity = &settings.identity;
        Self {
            id: ENGINES.fetch_add(1, Ordering::Relaxed),
            names,
            max: settings.max_event_bytes.max(LEAST_LINE),
            identity: fixed::identity(names, identity),
            extra: extra(names, redact, identity),
            pid: identity.pid,
            shape: settings.shape,
            message: Field::message(is_redacted(redact, "message")),
            known,
            redact: redact.clone(),
            plans: RwLock::default(),
        }
    }

    pub(crate) fn known(&self, known: Known) -> &Field {
        &self.known[known as usize]
    }

    pub(crate) fn message(&self) -> &Field {
        &self.message
    }

    /// The plan of the callsite, which is made at the first call.
    pub(crate) fn plan(&self, metadata: &'static Metadata<'static>) -> Arc<Plan> {
        let address = address(metadata);
        let plans = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(&address) {
            return Arc::clone(plan);
        }
        drop(plans);
        let plan = Plan::new(self, metadata);
        let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(plans.entry(address).or_insert_with(|| Arc::new(plan)))
    }

    /// Where a field of this name goes.
    pub(crate) fn target(&self, name: &str) -> Target {
        target(self.names, name)
    }

    pub(crate) fn is_redacted(&self, name: &str) -> bool {
        is_redacted(&self.redact, name)
    }

    /// What stands before the time.
    pub(crate) fn head(&self) -> &'static str {
        match self.names {
            Names::Ecs => "{\"@timestamp\":\"",
            _ => "{\"timestamp\":\"",
        }
    }

    /// What stands between the time and the message.
    pub(crate) fn level(&self, level: Level) -> &'static str {
        macro_rules! levels {
            ($key:literal) => {
                match level {
                    Level::ERROR => concat!("\",\"", $key, "\":\"ERROR\",\"message\":"),
                    Level::WARN => concat!("\",\"", $key, "\":\"WARN\",\"message\":"),
                    Level::INFO => concat!("\",\"", $key, "\":\"INFO\",\"message\":"),
                    Level::DEBUG => concat!("\",\"", $key, "\":\"DEBUG\",\"message\":"),
                    Level::TRACE => concat!("\",\"", $key, "\":\"TRACE\",\"message\":"),
                }
            };
        }
        match self.names {
            Names::Ecs => levels!("log.level"),
            _ => levels!("level"),
        }
    }
}

pub(crate) fn address(metadata: &'static Metadata<'static>) -> usize {
    std::ptr::from_ref(metadata).addr()
}

fn target(names: Names, name: &str) -> Target {
    match names {
        Names::Ecs => Target::new(&ecs::path(name)),
        Names::Plain if PLAIN_RESERVED.contains(&bare(name).as_str()) => {
            Target::new(&[format!("fields.{}", bare(name))])
        }
        Names::Plain | Names::Bare => Target::new(&[bare(name)]),
    }
}

/// The name without the marks of raw identifiers.
fn bare(name: &str) -> String {
    let segments: Vec<&str> = name.split('.').map(ecs::bare).collect();
    segments.join(".")
}

/// Whether the name, or a part of it between dots, must not show its value.
fn is_redacted(redact: &[String], name: &str) -> bool {
    if redact.is_empty() {
        return false;
    }
    let name = format!(".{}.", bare(name).to_lowercase());
    redact
        .iter()
        .any(|redacted| name.contains(&format!(".{}.", redacted.to_lowercase())))
}

fn extra(names: Names, redact: &[String], identity: &Identity) -> Vec<(Target, String)> {
    let value = |name: &str, value: &str| match is_redacted(redact, name) {
        true => json_string(crate::value::REDACTED),
        false => json_string(value),
    };
    let fields = identity.fields.iter();
    fields
        .map(|(name, text)| (target(names, name), value(name, text)))
        .collect()
}
