//! One event as one line for people.

use tracing_core::{Event, Level, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::core::Core;
use crate::event::Visitor;
use crate::line::Buf;
use crate::local::Local;
use crate::nest::Target;
use crate::plan::{Put, Slot};
use crate::pretty::{self, Readable};
use crate::process;
use crate::span::{Pieces, Stored};
use crate::value::{self, Value};

/// Keeps the message apart from the other members.
pub(crate) struct Parts<'a> {
    pub(crate) message: &'a mut Buf,
    pub(crate) pieces: &'a mut Pieces,
}

impl Put for Parts<'_> {
    fn put(&mut self, slot: Slot, target: &Target, value: Value<'_>) {
        self.pieces.put(slot, target, value);
    }

    fn message(&mut self, _: &Target, value: Value<'_>) {
        value::text(self.message, value);
    }

    fn has(&self, hash: u64) -> bool {
        self.pieces.has(hash)
    }
}

pub(crate) fn format<S>(
    core: &Core,
    local: &mut Local,
    event: &Event<'_>,
    context: &Context<'_, S>,
    color: bool,
) where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let engine = &core.engine;
    let mut pieces = local.pool.take(engine.max);
    local.line.clear(engine.max);
    let plan = local.plans.find(engine, event.metadata());
    let mut parts = Parts {
        message: &mut local.line.out,
        pieces: &mut pieces,
    };
    event.record(&mut Visitor {
        engine,
        plan,
        put: &mut parts,
    });
    let head = Head {
        level: *event.metadata().level(),
        target: event.metadata().target(),
        color,
    };
    render(core, local, &pieces, &head, context.event_span(event));
    local.pool.give(pieces);
}

/// What stands before the message.
pub(crate) struct Head<'a> {
    pub(crate) level: Level,
    pub(crate) target: &'a str,
    pub(crate) color: bool,
}

/// Makes a line of the message in the buffer of `local`, with the fields of `span` and those around it.
pub(crate) fn render<'a, R: LookupSpan<'a>>(
    core: &Core,
    local: &mut Local,
    pieces: &Pieces,
    head: &Head<'_>,
    span: Option<SpanRef<'a, R>>,
) {
    let scope: Vec<SpanRef<'a, R>> = span.iter().flat_map(SpanRef::scope).collect();
    let extensions: Vec<_> = scope.iter().map(SpanRef::extensions).collect();
    let stored = extensions
        .iter()
        .filter_map(|extensions| extensions.get::<Stored>()?.of(core.engine.id));
    let mut fields: Vec<(u64, (&str, &str))> = Vec::new();
    for pieces in std::iter::once(pieces).chain(stored.map(|stored| &stored.pieces)) {
        for (hash, name, value) in pieces.iter() {
            if !fields.iter().any(|(known, _)| *known == hash) {
                fields.push((hash, (name, value)));
            }
        }
    }
    let fields: Vec<(&str, &str)> = fields.into_iter().map(|(_, field)| field).collect();
    let spans: Vec<&str> = scope.iter().rev().map(SpanRef::name).collect();
    let readable = Readable {
        time: std::str::from_utf8(local.clock.text(process::now())).unwrap_or_default(),
        level: head.level,
        target: head.target,
        message: std::str::from_utf8(&local.line.out.bytes).unwrap_or_default(),
        spans: &spans,
        fields: &fields,
        color: head.color,
    };
    let mut out = Vec::new();
    pretty::render(&mut out, &readable);
    local.line.out.bytes = out;
}
