//! The layer among others, with a filter that holds for it alone.

use std::sync::Arc;

use tracing_core::subscriber::Interest;
use tracing_core::{LevelFilter, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter, Layer as _};
use tracing_subscriber::registry::LookupSpan;

use crate::core::Core;
use crate::layer::Layer;

pub(crate) fn layer<S>(
    core: &Arc<Core>,
) -> impl tracing_subscriber::Layer<S> + Send + Sync + 'static + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    Layer::new(Arc::clone(core)).with_filter(Own(Arc::clone(core)))
}

/// The filter in force, as the registry asks for it.
struct Own(Arc<Core>);

impl<S> Filter<S> for Own {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.0.filter.enables(metadata.level(), metadata.target())
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.0.filter.enables(metadata.level(), metadata.target()) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.filter.max_level())
    }
}
