//! What is decided once about each callsite.

use std::error::Error;

use tracing_core::Metadata;

use crate::engine::{Engine, Known, Names};
use crate::fixed;
use crate::line::Buf;
use crate::nest::{Fixed, Target};
use crate::trace::TraceParent;
use crate::value::{self, Value};

/// How the events or spans of one callsite are written.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) level: &'static str,
    /// `log.logger` and `log.origin`.
    pub(crate) origin: Fixed,
    pub(crate) fields: Box<[Field]>,
}

/// How one field is written.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) target: Target,
    role: Role,
    is_redacted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A value; an error in it stays where it is.
    Value,
    /// A value; an error in it fills the object for errors.
    Error,
    /// The text that every event has.
    Message,
    /// The ids of a trace.
    Trace,
    /// Nothing: a later field has the same place, or it is said elsewhere.
    Nothing,
}

/// Takes members one by one.
pub(crate) trait Put {
    fn put(&mut self, slot: Slot, target: &Target, value: Value<'_>);
    /// Takes the text that every event has.
    fn message(&mut self, target: &Target, value: Value<'_>);
    fn has(&self, hash: u64) -> bool;
}

/// Finds the target of a member again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The index of a field.
    Field(u32),
    Known(Known),
}

impl Plan {
    pub(crate) fn new(engine: &Engine, metadata: &'static Metadata<'static>) -> Self {
        // Events of the crate tracing-log tell their origin in fields.
        let is_log = metadata.target() == "log" && metadata.fields().field("log.target").is_some();
        let names: Vec<&str> = metadata.fields().iter().map(|field| field.name()).collect();
        let has_error = names
            .iter()
            .any(|name| *name == "error" || name.starts_with("error."));
        let message = names
            .iter()
            .position(|name| *name == "message" && metadata.is_event());
        let mut fields: Vec<Field> = names
            .iter()
            .enumerate()
            .map(
                |(index, name)| match Field::from_log(engine, name).filter(|_| is_log) {
                    Some(field) => field,
                    None if Some(index) == message => Field::message(engine.is_redacted("message")),
                    None => Field::new(engine, name, has_error),
                },
            )
            .collect();
        make_room(engine, &mut fields);
        if metadata.is_event() {
            silence_earlier(&mut fields);
        }
        let origin = match is_log {
            true => Fixed::default(),
            false => fixed::origin(
                engine.names,
                metadata.target(),
                metadata.file(),
                metadata.line(),
            ),
        };
        Self {
            level: engine.level(*metadata.level()),
            origin,
            fields: fields.into(),
        }
    }

    /// Where the member of this slot goes.
    pub(crate) fn target<'p>(&'p self, engine: &'p Engine, slot: Slot) -> Option<&'p Target> {
        match slot {
            Slot::Field(index) => self.fields.get(index as usize).map(|field| &field.target),
            Slot::Known(known) => Some(&engine.known(known).target),
        }
    }

    /// Hands the value of the field at `index` to `put`.
    #[inline(always)]
    pub(crate) fn record<P: Put>(
        &self,
        engine: &Engine,
        put: &mut P,
        index: usize,
        value: Value<'_>,
    ) {
        let Some(field) = self.fields.get(index) else {
            return;
        };
        let slot = Slot::Field(index as u32);
        if field.is_plain() && !matches!(value, Value::Error(_)) {
            put.put(slot, &field.target, value);
        } else {
            field.record(engine, put, slot, value);
        }
    }
}

/// Where one field is a value and another one is inside it, the first becomes a label.
fn make_room(engine: &Engine, fields: &mut [Field]) {
    if engine.names != Names::Ecs {
        return;
    }
    // A callsite has 32 fields at most.
    let groups: Vec<u64> = fields
        .iter()
        .flat_map(|field| field.target.groups.iter().map(|group| group.hash))
        .collect();
    for field in fields
        .iter_mut()
        .filter(|field| groups.contains(&field.target.hash))
    {
        field.target = field.target.label();
    }
}

/// Of fields with the same place the last one stays.
fn silence_earlier(fields: &mut [Field]) {
    for index in 0..fields.len() {
        let (earlier, later) = fields.split_at_mut(index + 1);
        let field = &mut earlier[index];
        let is_same =
            |other: &Field| other.role != Role::Message && other.target.hash == field.target.hash;
        if field.role != Role::Message && later.iter().any(is_same) {
            field.role = Role::Nothing;
        }
    }
}

impl Field {
    /// A value at a place that no field names.
    pub(crate) fn at(target: Target, is_redacted: bool) -> Self {
        Self {
            target,
            role: Role::Value,
            is_redacted,
        }
    }

    pub(crate) fn new(engine: &Engine, name: &str, has_error: bool) -> Self {
        let target = engine.target(name);
        let is_error = target.hash == engine.known(Known::ErrorMessage).target.hash;
        let role = match engine.names {
            _ if name == "traceparent" => Role::Trace,
            Names::Ecs if is_error || !has_error => Role::Error,
            _ => Role::Value,
        };
        let is_redacted =
            engine.is_redacted(name) || (is_error && engine.known(Known::ErrorMessage).is_redacted);
        Self {
            target,
            role,
            is_redacted,
        }
    }

    /// The text that every event has.
    pub(crate) fn message(is_redacted: bool) -> Self {
        Self {
            target: Target::new(&["message"]),
            role: Role::Message,
            is_redacted,
        }
    }

    fn from_log(engine: &Engine, name: &str) -> Option<Self> {
        let known = match name {
            "log.target" => Known::Logger,
            "log.file" => Known::File,
            "log.line" => Known::Line,
            "log.module_path" => {
                let target = Target::new(&[name]);
                return Some(Self {
                    target,
                    role: Role::Nothing,
                    is_redacted: false,
                });
            }
            _ => return None,
        };
        Some(Self::at(engine.known(known).target.clone(), false))
    }

    /// Whether a value other than an error stays where and what it is.
    #[inline]
    fn is_plain(&self) -> bool {
        !self.is_redacted && matches!(self.role, Role::Value | Role::Error)
    }

    #[inline(never)]
    pub(crate) fn record<P: Put>(
        &self,
        engine: &Engine,
        put: &mut P,
        slot: Slot,
        value: Value<'_>,
    ) {
        let value = if self.is_redacted {
            Value::Redacted
        } else {
            value
        };
        match self.role {
            Role::Message => put.message(&self.target, value),
            Role::Trace => self.trace(engine, put, slot, value),
            Role::Nothing => {}
            Role::Value => self.value(put, slot, value),
            Role::Error => match value {
                Value::Error(error) => self.error(engine, put, slot, error),
                value => self.value(put, slot, value),
            },
        }
    }

    #[inline(never)]
    fn value<P: Put>(&self, put: &mut P, slot: Slot, value: Value<'_>) {
        put.put(slot, &self.target, value);
    }

    /// Fills the object for errors, or, where it is filled, tells the error under its own name.
    fn error<P: Put>(
        &self,
        engine: &Engine,
        put: &mut P,
        slot: Slot,
        error: &(dyn Error + 'static),
    ) {
        let message = engine.known(Known::ErrorMessage);
        if put.has(message.target.hash) {
            return self.value(put, slot, Value::Error(error));
        }
        let mut known = |known: Known, value| {
            engine
                .known(known)
                .record(engine, put, Slot::Known(known), value);
        };
        known(Known::ErrorMessage, Value::Message(error));
        let mut name = String::new();
        if let Some(name) = value::type_name(error, &mut name) {
            known(Known::ErrorType, Value::Str(name));
        }
        if error.source().is_some() {
            known(Known::ErrorTrace, Value::Causes(error));
        }
    }

    fn trace<P: Put>(&self, engine: &Engine, put: &mut P, slot: Slot, value: Value<'_>) {
        match parent(value) {
            Some(parent) => ids(engine, put, parent.trace_id(), parent.span_id()),
            None => self.value(put, slot, value),
        }
    }
}

/// Puts the ids of a trace and a span.
pub(crate) fn ids<P: Put>(engine: &Engine, put: &mut P, trace: [u8; 16], span: [u8; 8]) {
    let (mut long, mut short) = ([0; 32], [0; 16]);
    let mut known = |known: Known, text: &str| {
        engine
            .known(known)
            .record(engine, put, Slot::Known(known), Value::Str(text));
    };
    known(Known::TraceId, hex(&trace, &mut long));
    known(Known::SpanId, hex(&span, &mut short));
}

fn hex<'t>(bytes: &[u8], text: &'t mut [u8]) -> &'t str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]);
    }
    std::str::from_utf8(text).unwrap_or_default()
}

fn parent(value: Value<'_>) -> Option<TraceParent> {
    if let Value::Str(text) = value {
        return TraceParent::parse(text).ok();
    }
    let Value::Debug(_) = value else { return None };
    let mut text = Buf::new();
    value::text(&mut text, value);
    TraceParent::parse(std::str::from_utf8(&text.bytes).ok()?).ok()
}
