//! Records of the crate `log`.

use std::error::Error;
use std::sync::Arc;

use log::kv::{self, Key, Value, VisitSource, VisitValue};
use log::{Log, Metadata, Record, SetLoggerError};
use tracing_core::{Level, LevelFilter};

use crate::core::Core;
use crate::direct::{self, Direct, Fields};

/// Makes this the process's logger; mute until the filter drives the crate's maximum level.
pub(crate) fn install(core: &Arc<Core>) -> Result<(), SetLoggerError> {
    log::set_boxed_logger(Box::new(Bridge(Arc::clone(core))))
}

pub(crate) fn set_max_level(level: LevelFilter) {
    log::set_max_level(match level.into_level() {
        None => log::LevelFilter::Off,
        Some(Level::ERROR) => log::LevelFilter::Error,
        Some(Level::WARN) => log::LevelFilter::Warn,
        Some(Level::INFO) => log::LevelFilter::Info,
        Some(Level::DEBUG) => log::LevelFilter::Debug,
        Some(Level::TRACE) => log::LevelFilter::Trace,
    });
}

struct Bridge(Arc<Core>);

impl Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let filter = &self.0.filter;
        filter.drives_log() && filter.enables(&level(metadata.level()), metadata.target())
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let event = Direct {
            level: level(record.level()),
            target: record.target(),
            message: *record.args(),
            file: record.file(),
            line: record.line(),
            fields: &|fields| {
                // The visitor never fails, and a source that does has given what it had.
                let _ = record.key_values().visit(&mut Pairs(fields));
            },
        };
        direct::emit(&self.0, &event);
    }

    /// An event is out when it was logged.
    fn flush(&self) {}
}

fn level(level: log::Level) -> Level {
    match level {
        log::Level::Error => Level::ERROR,
        log::Level::Warn => Level::WARN,
        log::Level::Info => Level::INFO,
        log::Level::Debug => Level::DEBUG,
        log::Level::Trace => Level::TRACE,
    }
}

struct Pairs<'f>(&'f mut dyn Fields);

impl<'kvs> VisitSource<'kvs> for Pairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        value.visit(Typed {
            key: key.as_str(),
            fields: self.0,
        })
    }
}

/// Hands a value on with its type.
struct Typed<'k, 'f> {
    key: &'k str,
    fields: &'f mut dyn Fields,
}

impl<'v> VisitValue<'v> for Typed<'_, '_> {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), kv::Error> {
        self.fields.display(self.key, &value);
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), kv::Error> {
        self.fields.u64(self.key, value);
        Ok(())
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), kv::Error> {
        self.fields.i64(self.key, value);
        Ok(())
    }

    fn visit_u128(&mut self, value: u128) -> Result<(), kv::Error> {
        self.fields.u128(self.key, value);
        Ok(())
    }

    fn visit_i128(&mut self, value: i128) -> Result<(), kv::Error> {
        self.fields.i128(self.key, value);
        Ok(())
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), kv::Error> {
        self.fields.f64(self.key, value);
        Ok(())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), kv::Error> {
        self.fields.bool(self.key, value);
        Ok(())
    }

    fn visit_str(&mut self, value: &str) -> Result<(), kv::Error> {
        self.fields.str(self.key, value);
        Ok(())
    }

    fn visit_error(&mut self, error: &(dyn Error + 'static)) -> Result<(), kv::Error> {
        self.fields.error(self.key, error);
        Ok(())
    }

    fn visit_borrowed_error(&mut self, error: &'v (dyn Error + 'static)) -> Result<(), kv::Error> {
        self.visit_error(error)
    }
}
