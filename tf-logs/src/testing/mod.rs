//! Help for tests of programs and frameworks that log.
//!
//! ```
//! use tf_logs::testing;
//!
//! let captured = testing::capture();
//! tracing::info!(target: "orders::cart", items = 3, "order priced");
//!
//! let lines = captured.lines();
//! assert_eq!(lines.len(), 1);
//! testing::assert_ecs(&lines[0]);
//! assert_eq!(testing::field(&lines[0], "message").as_deref(), Some("order priced"));
//! assert_eq!(testing::field(&lines[0], "items").as_deref(), Some("3"));
//! ```

mod ecs;
mod json;

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_core::dispatcher::{self, DefaultGuard};

use self::json::Json;
use crate::builder::{Builder, builder};
use crate::logs::Logs;

/// Captures the events of this thread, of every level, until the value is dropped.
///
/// Records of the crate `log` and panics are not captured: both are matters of the whole process.
#[must_use = "events are captured until this is dropped"]
pub fn capture() -> Capture {
    capture_with(builder("test").instance("test").filter("trace"))
}

/// Captures the events of this thread as logs that were set up so would write them.
///
/// A framework that sets up logs for its users tests its own builder by it:
///
/// ```
/// use tf_logs::{Builder, testing};
///
/// fn company(name: &str) -> Builder {
///     tf_logs::builder(name).field("organization.name", "Acme").redact(["password"])
/// }
///
/// let captured = testing::capture_with(company("orders"));
/// tracing::info!(password = "s3cret", "logged in");
/// let line = &captured.lines()[0];
/// testing::assert_ecs(line);
/// assert_eq!(testing::field(line, "organization.name").as_deref(), Some("Acme"));
/// assert!(!line.contains("s3cret"));
/// ```
///
/// # Panics
///
/// Panics when the builder's settings cannot be used.
#[track_caller]
#[must_use = "events are captured until this is dropped"]
pub fn capture_with(builder: Builder) -> Capture {
    let bytes = Bytes::default();
    let (logs, dispatch) = match builder.with_writer(bytes.clone()).build() {
        Ok(built) => built,
        Err(error) => panic!("the logs cannot be set up: {error}"),
    };
    Capture {
        bytes,
        logs,
        _guard: dispatcher::set_default(&dispatch),
    }
}

/// What was logged on this thread since [`capture`].
pub struct Capture {
    bytes: Bytes,
    logs: Logs,
    _guard: DefaultGuard,
}

impl Capture {
    /// Gives the lines so far, oldest first, without their line feeds.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let bytes = self.bytes.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes)
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// Forgets the lines so far.
    pub fn clear(&self) {
        self.bytes
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Gives the handle on the logs that are captured.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        &self.logs
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture")
            .field("lines", &self.lines())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives a field of a JSON line by its dotted path, whether it is written nested or dotted.
///
/// A string is given as it is, anything else as JSON text. The result is `None` when there is no such
/// field, or when the line is not JSON.
#[must_use]
pub fn field(line: &str, path: &str) -> Option<String> {
    let line = Json::parse(line).ok()?;
    let found = line.at(path)?;
    Some(match found {
        Json::Text(text) => text.clone(),
        other => other.to_string(),
    })
}

/// Asserts that a line has the shape that the Elastic Common Schema asks of a log line.
///
/// It is one line and one JSON object, every key is unique, also as a dotted path; `@timestamp`,
/// `log.level` and `message` come first, in this order, and `ecs.version` is there; fields that the
/// schema for logs names have its types; where the schema has an object there is one; labels are flat; and
/// integers fit into 64 bits.
///
/// # Panics
///
/// Panics with all that is wrong.
#[track_caller]
pub fn assert_ecs(line: &str) {
    let problems = ecs::problems(line);
    assert!(
        problems.is_empty(),
        "not a line of the Elastic Common Schema:\n  {}\n{line}",
        problems.join("\n  ")
    );
}
