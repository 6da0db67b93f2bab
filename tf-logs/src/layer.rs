//! The layer that turns events into lines.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use tracing_core::span::{Attributes, Id, Record};
use tracing_core::subscriber::Interest;
use tracing_core::{Event, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::core::Core;
use crate::direct;
use crate::event::{Visitor, Writer, close};
use crate::local::{self, Local};
use crate::readable;
use crate::settings::Shape;
use crate::span::Stored;

/// Writes each event as one line.
pub(crate) struct Layer<S> {
    core: Arc<Core>,
    subscriber: PhantomData<fn(S)>,
}

impl<S> fmt::Debug for Layer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            subscriber: PhantomData,
        }
    }

    fn enables(&self, metadata: &Metadata<'_>) -> bool {
        self.core
            .filter
            .enables(metadata.level(), metadata.target())
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> {
    fn format(&self, local: &mut Local, event: &Event<'_>, context: &Context<'_, S>) {
        let (core, engine) = (&*self.core, &self.core.engine);
        let Local {
            line,
            clock,
            plans,
            thread,
            ..
        } = local;
        let plan = &**plans.find(engine, event.metadata());
        let frame = [&engine.identity, &plan.origin, thread.fixed(engine)];
        let mut writer = Writer::new(line, frame, engine, clock, plan.level);
        event.record(&mut Visitor {
            engine,
            plan,
            put: &mut writer,
        });
        writer.end_event();
        writer.spans(core, context.event_span(event));
        close(core, line, &frame);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Layer<S> {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.enables(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.enables(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.core.filter.max_level())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let engine = &self.core.engine;
        // Nothing of the span is locked while fields are formatted, since that may log.
        let stored = local::with(|local| {
            let mut pieces = local.pool.take(engine.max);
            let plan = Arc::clone(local.plans.find(engine, attributes.metadata()));
            attributes.record(&mut Visitor {
                engine,
                plan: &plan,
                put: &mut pieces,
            });
            Stored {
                engine: engine.id,
                plan,
                pieces,
                others: Vec::new(),
            }
        });
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<Stored>() {
            None => extensions.insert(stored),
            Some(first) => first.others.push(stored),
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let engine = &self.core.engine;
        local::with(|local| {
            let mut pieces = local.pool.take(engine.max);
            let plan = local.plans.find(engine, span.metadata());
            values.record(&mut Visitor {
                engine,
                plan,
                put: &mut pieces,
            });
            let mut extensions = span.extensions_mut();
            if let Some(stored) = extensions
                .get_mut::<Stored>()
                .and_then(|stored| stored.of_mut(engine.id))
            {
                stored.pieces.merge(&pieces, engine);
            }
            local.pool.give(pieces);
        });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        local::with(|local| {
            match self.core.engine.shape {
                Shape::Json => self.format(local, event, &context),
                Shape::Pretty { color } => {
                    readable::format(&self.core, local, event, &context, color);
                }
            }
            direct::write(&self.core, &local.line.out.bytes);
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(stored) = span.extensions_mut().remove::<Stored>() else {
            return;
        };
        local::with(|local| {
            local.pool.give(stored.pieces);
            stored
                .others
                .into_iter()
                .for_each(|stored| local.pool.give(stored.pieces));
        });
    }
}
