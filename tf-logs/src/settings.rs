//! What is chosen once, when the logs are built.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tracing_subscriber::registry::Extensions;

use crate::direct::TraceIds;
use crate::error::ChoiceError;
use crate::identity::Identity;

/// How a line looks; as text `auto`, `json` or `pretty`.
///
/// ```
/// use tf_logs::Format;
///
/// assert_eq!("pretty".parse(), Ok(Format::Pretty));
/// assert_eq!(Format::default().to_string(), "auto");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Readable lines on a terminal, JSON elsewhere and where the variable `CI` is set.
    #[default]
    Auto,
    /// One JSON document per line.
    Json,
    /// Readable lines.
    Pretty,
}

/// Which names the fields have.
///
/// ```
/// use tf_logs::{Schema, testing};
///
/// let captured = testing::capture_with(tf_logs::builder("orders").schema(Schema::Plain));
/// tracing::info!(user = "ann", "hello");
/// let line = &captured.lines()[0];
/// assert_eq!(testing::field(line, "level").as_deref(), Some("INFO"));
/// assert_eq!(testing::field(line, "user").as_deref(), Some("ann"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schema {
    /// The Elastic Common Schema.
    #[default]
    Ecs,
    /// Fields as they are named, without any schema.
    Plain,
}

/// The standard stream that takes the lines; as text `stdout` or `stderr`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stream {
    /// Descriptor 1.
    #[default]
    Stdout,
    /// Descriptor 2.
    Stderr,
}

/// What happens to an event while nobody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stall {
    /// Logging waits for the reader, without limit.
    Block,
    /// Logging waits this long for the reader once, then drops and counts events until it is back.
    DropAfter(Duration),
}

impl Default for Stall {
    /// Waits for one second.
    fn default() -> Self {
        Self::DropAfter(Duration::from_secs(1))
    }
}

/// What happens when a thread panics.
///
/// The event has the level `ERROR` and the target `panic`. Where it does not get out, be it by the filter or
/// because nothing can be written, the hook that was there before runs, so that no panic is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Panics {
    /// One event replaces the text on stderr.
    #[default]
    Event,
    /// One event, then the hook that was there before.
    Chain,
    /// The hook stays as it is.
    Off,
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal,)* }) => {
        impl FromStr for $name {
            type Err = ChoiceError;

            /// Takes one of the words in either case, with or without white space around it.
            fn from_str(text: &str) -> Result<Self, ChoiceError> {
                let word = text.trim();
                $(if word.eq_ignore_ascii_case($word) {
                    return Ok(Self::$variant);
                })*
                Err(ChoiceError::new(word, &[$($word),*]))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $word,)*
                })
            }
        }
    };
}

words! { Format { Auto = "auto", Json = "json", Pretty = "pretty", } }
words! { Stream { Stdout = "stdout", Stderr = "stderr", } }

/// The ids of a trace and a span that an outside tracer gives to the current event.
pub(crate) type TraceHook = Arc<dyn Fn(&Extensions<'_>) -> Option<TraceIds> + Send + Sync>;

/// Whether lines are JSON or for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Json,
    Pretty { color: bool },
}

pub(crate) struct Settings {
    pub(crate) identity: Identity,
    pub(crate) schema: Schema,
    pub(crate) shape: Shape,
    /// Lower-case names whose values never appear.
    pub(crate) redact: Vec<String>,
    pub(crate) max_event_bytes: usize,
    pub(crate) trace_ids: Option<TraceHook>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("schema", &self.schema)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}
