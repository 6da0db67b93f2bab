//! What the layer, the handle, the `log` bridge and the panic hook share.

use std::sync::atomic::AtomicU64;

use crate::engine::Engine;
use crate::filter::Active;
use crate::settings::Settings;
use crate::sink::Sink;

#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) engine: Engine,
    pub(crate) filter: Active,
    pub(crate) sink: Sink,
    /// Lines that were cut to the size limit.
    pub(crate) truncated: AtomicU64,
}

impl Core {
    pub(crate) fn new(settings: Settings, filter: Active, sink: Sink) -> Self {
        Self {
            engine: Engine::new(&settings),
            settings,
            filter,
            sink,
            truncated: AtomicU64::new(0),
        }
    }
}
