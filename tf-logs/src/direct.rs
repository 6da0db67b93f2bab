//! Lines that come from no callsite of tracing: `log` records, panics, notices of the sink.

use std::fmt;

use tracing_core::Level;
use tracing_core::dispatcher::get_default;
use tracing_subscriber::registry::{LookupSpan, Registry, SpanRef};

use crate::clock::Clock;
use crate::core::Core;
use crate::engine::{Engine, Known};
use crate::event::{Writer, close};
use crate::local::{self, Local};
use crate::nest::Fixed;
use crate::plan::{Field, Put, Slot};
use crate::readable::{self, Head, Parts};
use crate::settings::Shape;
use crate::sink::Resumed;
use crate::value::Value;

/// The ids of W3C trace context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceIds {
    /// 16 bytes, not all zero.
    pub trace: [u8; 16],
    /// 8 bytes, not all zero.
    pub span: [u8; 8],
}

/// Takes the fields of a direct line one by one.
#[cfg_attr(
    not(feature = "log"),
    expect(dead_code, reason = "only records of `log` have them all")
)]
pub(crate) trait Fields {
    fn u64(&mut self, name: &str, value: u64);
    fn i64(&mut self, name: &str, value: i64);
    fn u128(&mut self, name: &str, value: u128);
    fn i128(&mut self, name: &str, value: i128);
    fn f64(&mut self, name: &str, value: f64);
    fn bool(&mut self, name: &str, value: bool);
    fn str(&mut self, name: &str, value: &str);
    fn display(&mut self, name: &str, value: &dyn fmt::Display);
    /// `error.message` and `error.stack_trace` in ECS.
    fn error(&mut self, name: &str, value: &(dyn std::error::Error + 'static));
}

pub(crate) struct Direct<'a> {
    pub(crate) level: Level,
    pub(crate) target: &'a str,
    pub(crate) message: fmt::Arguments<'a>,
    pub(crate) file: Option<&'a str>,
    pub(crate) line: Option<u32>,
    pub(crate) fields: &'a dyn Fn(&mut dyn Fields),
}

/// Formats and writes one line, with the fields of the current span.
pub(crate) fn emit(core: &Core, direct: &Direct<'_>) {
    get_default(|dispatch| {
        let registry = dispatch.downcast_ref::<Registry>();
        let current = dispatch.current_span();
        let span = registry
            .zip(current.id())
            .and_then(|(registry, id)| registry.span(id));
        local::with(|local| {
            format(core, local, direct, span);
            write(core, &local.line.out.bytes);
        });
    });
}

/// Formats the event that tells of lost ones.
pub(crate) fn notice(core: &Core, out: &mut Vec<u8>, resumed: Resumed) {
    let mut clock = Clock::new();
    let since = std::str::from_utf8(clock.text(resumed.since)).unwrap_or_default();
    let direct = Direct {
        level: Level::WARN,
        target: env!("CARGO_CRATE_NAME"),
        message: format_args!("events were lost: {}", resumed.dropped),
        file: None,
        line: None,
        fields: &|fields| {
            fields.str("event.action", "logs.dropped");
            fields.u64("logs.dropped", resumed.dropped);
            fields.str("logs.dropped_since", since);
        },
    };
    local::with(|local| {
        format(core, local, &direct, None);
        out.extend_from_slice(&local.line.out.bytes);
    });
}

/// Hands a line to the sink.
pub(crate) fn write(core: &Core, line: &[u8]) {
    core.sink
        .write(line, &|out, resumed| notice(core, out, resumed));
}

fn format(
    core: &Core,
    local: &mut Local,
    direct: &Direct<'_>,
    span: Option<SpanRef<'_, Registry>>,
) {
    match core.engine.shape {
        Shape::Json => json(core, local, direct, span),
        Shape::Pretty { color } => pretty(core, local, direct, span, color),
    }
}

fn json(core: &Core, local: &mut Local, direct: &Direct<'_>, span: Option<SpanRef<'_, Registry>>) {
    let engine = &core.engine;
    let Local {
        line,
        clock,
        thread,
        ..
    } = local;
    let nothing = Fixed::new();
    let frame = [&engine.identity, &nothing, thread.fixed(engine)];
    let mut writer = Writer::new(line, frame, engine, clock, engine.level(direct.level));
    engine
        .message()
        .record(engine, &mut writer, NO_SLOT, Value::Debug(&direct.message));
    let mut known = |known, value| {
        engine
            .known(known)
            .record(engine, &mut writer, Slot::Known(known), value);
    };
    known(Known::Logger, Value::Str(direct.target));
    if let Some(line) = direct.line {
        known(Known::Line, Value::U64(line.into()));
    }
    if let Some(file) = direct.file {
        known(Known::File, Value::Str(file));
    }
    (direct.fields)(&mut Named {
        engine,
        put: &mut writer,
    });
    writer.end_event();
    writer.spans(core, span);
    close(core, line, &frame);
}

fn pretty(
    core: &Core,
    local: &mut Local,
    direct: &Direct<'_>,
    span: Option<SpanRef<'_, Registry>>,
    color: bool,
) {
    let engine = &core.engine;
    let mut pieces = local.pool.take(engine.max);
    local.line.clear(engine.max);
    let mut parts = Parts {
        message: &mut local.line.out,
        pieces: &mut pieces,
    };
    engine
        .message()
        .record(engine, &mut parts, NO_SLOT, Value::Debug(&direct.message));
    (direct.fields)(&mut Named {
        engine,
        put: &mut parts,
    });
    let head = Head {
        level: direct.level,
        target: direct.target,
        color,
    };
    readable::render(core, local, &pieces, &head, span);
    local.pool.give(pieces);
}

/// For writers that need no slot.
const NO_SLOT: Slot = Slot::Field(u32::MAX);

struct Named<'a, P> {
    engine: &'a Engine,
    put: &'a mut P,
}

impl<P: Put> Named<'_, P> {
    fn record(&mut self, name: &str, value: Value<'_>) {
        Field::new(self.engine, name, false).record(self.engine, self.put, NO_SLOT, value);
    }
}

impl<P: Put> Fields for Named<'_, P> {
    fn u64(&mut self, name: &str, value: u64) {
        self.record(name, Value::U64(value));
    }

    fn i64(&mut self, name: &str, value: i64) {
        self.record(name, Value::I64(value));
    }

    fn u128(&mut self, name: &str, value: u128) {
        self.record(name, Value::U128(value));
    }

    fn i128(&mut self, name: &str, value: i128) {
        self.record(name, Value::I128(value));
    }

    fn f64(&mut self, name: &str, value: f64) {
        self.record(name, Value::F64(value));
    }

    fn bool(&mut self, name: &str, value: bool) {
        self.record(name, Value::Bool(value));
    }

    fn str(&mut self, name: &str, value: &str) {
        self.record(name, Value::Str(value));
    }

    fn display(&mut self, name: &str, value: &dyn fmt::Display) {
        self.record(name, Value::Debug(&format_args!("{value}")));
    }

    fn error(&mut self, name: &str, value: &(dyn std::error::Error + 'static)) {
        self.record(name, Value::Error(value));
    }
}
