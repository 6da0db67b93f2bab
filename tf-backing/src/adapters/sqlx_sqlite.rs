//! SQLite through sqlx 0.9.

use std::time::Duration;

use sqlx_sqlite::SqliteConnectOptions;

use super::error::{AdapterError, AdapterErrorKind};
use super::options::{Item, items};
use crate::Sqlite;

impl TryFrom<&Sqlite> for SqliteConnectOptions {
    type Error = AdapterError;

    /// Carries every part over, or says which one sqlx has no place for.
    ///
    /// The path is [`Sqlite::path`]: three slashes are absolute.
    fn try_from(view: &Sqlite) -> Result<Self, AdapterError> {
        let locator = view.locator();
        let path = locator
            .resource()
            .filter(|path| !path.is_empty() && *path != ":memory:");
        let mut options = match path {
            // SQLite takes such a name for a URL of its own.
            Some(path) if path.starts_with("file:") => Self::new().filename(format!("./{path}")),
            Some(path) => Self::new().filename(path),
            None => memory()?,
        };
        for item in items(locator) {
            options = set(options, &item)?;
        }
        Ok(options)
    }
}

/// A database that the connections of one pool share.
fn memory() -> Result<SqliteConnectOptions, AdapterError> {
    // Only the driver's own text gets the name that is unique in the process.
    "sqlite::memory:".parse().map_err(|_| {
        let text = "sqlx has no database in memory";
        AdapterError::new(AdapterErrorKind::Host, text)
    })
}

fn set(
    options: SqliteConnectOptions,
    item: &Item<'_>,
) -> Result<SqliteConnectOptions, AdapterError> {
    Ok(match (item.name.as_str(), item.value) {
        ("mode", "ro") => options.read_only(true),
        ("mode", "rw") => options,
        ("mode", "rwc") => options.create_if_missing(true),
        ("mode", "memory") => options.in_memory(true).shared_cache(true),
        ("mode", _) => return Err(item.expected("expected ro, rw, rwc or memory")),
        ("cache", "private") => options.shared_cache(false),
        ("cache", "shared") => options.shared_cache(true),
        ("cache", _) => return Err(item.expected("expected private or shared")),
        ("immutable", "1" | "true") => options.immutable(true),
        ("immutable", "0" | "false") => options.immutable(false),
        ("immutable", _) => return Err(item.expected("expected true or false")),
        ("vfs", name) => options.vfs(name.to_owned()),
        ("busy_timeout", _) => options.busy_timeout(Duration::from_millis(item.number()?)),
        ("journal_mode", mode) => {
            let error = |_| item.expected("expected delete, truncate, persist, memory, wal or off");
            options.journal_mode(mode.parse().map_err(error)?)
        }
        _ if item.is_callers() => options,
        _ => return Err(item.refused()),
    })
}
