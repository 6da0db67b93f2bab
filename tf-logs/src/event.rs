//! One event as one line.

use std::fmt;
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use tracing_core::field::{Field, Visit};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::clock::Clock;
use crate::core::Core;
use crate::direct::TraceIds;
use crate::engine::{Engine, Names};
use crate::line::{Frame, Line, shrink};
use crate::nest::Target;
use crate::plan::{self, Plan, Put, Slot};
use crate::process;
use crate::span::Stored;
use crate::value::{self, Value};

/// Writes the members of an event in the order of a line, whatever order they come in.
pub(crate) struct Writer<'a> {
    pub(crate) line: &'a mut Line,
    pub(crate) frame: Frame<'a>,
    /// Where the message belongs.
    message: usize,
    has_message: bool,
    has_frame: bool,
}

impl<'a> Writer<'a> {
    /// Begins a line.
    #[inline]
    pub(crate) fn new(
        line: &'a mut Line,
        frame: Frame<'a>,
        engine: &Engine,
        clock: &mut Clock,
        level: &'static str,
    ) -> Self {
        line.clear(engine.max);
        line.out.raw(engine.head().as_bytes());
        line.out.raw(clock.text(process::now()));
        line.out.raw(level.as_bytes());
        let message = line.out.len();
        Self {
            line,
            frame,
            message,
            has_message: false,
            has_frame: false,
        }
    }

    /// What follows are members of spans.
    pub(crate) fn end_event(&mut self) {
        if !self.has_message {
            self.write_message(Value::Str(""));
        }
        self.begin_fields();
    }

    /// Adds the fields of `span` and of those around it.
    #[inline]
    pub(crate) fn spans<'s, R: LookupSpan<'s>>(
        &mut self,
        core: &Core,
        span: Option<SpanRef<'s, R>>,
    ) {
        let engine = &core.engine;
        let Some(span) = span else { return };
        if let Some(ids) = trace_ids(core, &span) {
            plan::ids(engine, self, ids.trace, ids.span);
        }
        // The scope of a span would look it up again.
        for span in iter::successors(Some(span), SpanRef::parent) {
            if let Some(stored) = span
                .extensions()
                .get::<Stored>()
                .and_then(|stored| stored.of(engine.id))
            {
                stored
                    .pieces
                    .write(self.line, &self.frame, engine, &stored.plan);
            }
        }
    }

    #[inline(always)]
    fn begin_fields(&mut self) {
        if !self.has_frame {
            self.begin_frame();
        }
    }

    #[inline(never)]
    fn begin_frame(&mut self) {
        self.has_frame = true;
        self.line.frame(&self.frame);
    }

    #[inline]
    fn write_message(&mut self, value: Value<'_>) {
        self.has_message = true;
        let from = self.line.out.len();
        self.line.out.push(b'"');
        value::text(&mut self.line.out, value);
        self.line.out.push(b'"');
        self.line.insert(self.message, from);
    }
}

impl Put for Writer<'_> {
    #[inline(always)]
    fn put(&mut self, _: Slot, target: &Target, value: Value<'_>) {
        self.begin_fields();
        self.line.put(&self.frame, target, value);
    }

    #[inline]
    fn message(&mut self, _: &Target, value: Value<'_>) {
        if !self.has_message {
            self.write_message(value);
        }
    }

    fn has(&self, hash: u64) -> bool {
        self.line.has(hash)
    }
}

/// What the hook of an outside tracer says about the innermost span that it knows.
fn trace_ids<'s, R: LookupSpan<'s>>(core: &Core, span: &SpanRef<'s, R>) -> Option<TraceIds> {
    let hook = core.settings.trace_ids.as_ref()?;
    catch_unwind(AssertUnwindSafe(|| {
        span.scope().find_map(|span| hook(&span.extensions()))
    }))
    .ok()?
}

/// Closes the line within the limit.
pub(crate) fn close(core: &Core, line: &mut Line, frame: &Frame<'_>) {
    let engine = &core.engine;
    for (target, json) in &engine.extra {
        line.put(frame, target, Value::Json(json.as_bytes()));
    }
    line.out.raw(b"}\n");
    if line.out.len() > engine.max {
        core.truncated.fetch_add(1, Ordering::Relaxed);
        let original = line.out.len() + line.out.lost;
        shrink(
            &mut line.out.bytes,
            engine.max,
            original,
            engine.names == Names::Ecs,
        );
    }
}

/// Hands values that tracing records to their plan.
pub(crate) struct Visitor<'a, P> {
    pub(crate) engine: &'a Engine,
    pub(crate) plan: &'a Plan,
    pub(crate) put: &'a mut P,
}

impl<P: Put> Visitor<'_, P> {
    /// Inlined for each type of value, so that writing a value needs no look at its type.
    #[inline(always)]
    fn record(&mut self, field: &Field, value: Value<'_>) {
        self.plan
            .record(self.engine, self.put, field.index(), value);
    }
}

impl<P: Put> Visit for Visitor<'_, P> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.record(field, Value::F64(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.record(field, Value::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record(field, Value::U64(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.record(field, Value::I128(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.record(field, Value::U128(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.record(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record(field, Value::Str(value));
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        self.record(field, Value::Bytes(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.record(field, Value::Error(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record(field, Value::Debug(value));
    }
}
