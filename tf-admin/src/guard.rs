//! The contract of a lock, without any store's type in it.

mod file;
mod memory;
#[cfg(feature = "lock-mysql")]
mod mysql;
mod name;
#[cfg(feature = "lock-postgres")]
mod postgres;
#[cfg(any(feature = "lock-mysql", feature = "lock-postgres"))]
mod server;
#[cfg(any(feature = "lock-mysql", feature = "lock-postgres"))]
mod session;

pub use self::file::FileGuard;
pub use self::memory::MemoryGuard;
#[cfg(feature = "lock-mysql")]
pub use self::mysql::MySqlGuard;
#[cfg(feature = "lock-postgres")]
pub use self::postgres::PostgresGuard;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use crate::time::rfc3339;

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A kind of lock, so that a task runs once at a time.
///
/// A run asks with [`try_acquire`](Self::try_acquire), again and again if it was told to wait; a guard
/// itself never waits for a holder. The lock should end with the process that holds it. The key is
/// the plain text that people see; a store that wants a number or a short name hashes it.
pub trait Guard: Send + Sync + fmt::Debug {
    /// Takes the lock if it is free, and says who holds it if it is not.
    fn try_acquire<'a>(
        &'a self,
        key: &'a str,
        holder: &'a Holder,
    ) -> BoxFuture<'a, Result<Attempt, GuardError>>;

    /// Reads who holds the lock, and takes nothing.
    fn holder<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Holder>, GuardError>>;

    /// Returns what users of this guard must know, said once per run.
    fn warning(&self) -> Option<String> {
        None
    }
}

/// The answer of [`Guard::try_acquire`].
#[derive(Debug)]
pub enum Attempt {
    /// The lock was free and is held now.
    Held(Box<dyn Held>),
    /// Somebody holds it; who, if the store can tell.
    Busy(Option<Holder>),
}

/// A lock that is held.
///
/// The run calls [`release`](Self::release) when the task has ended. Dropping it instead must not block.
pub trait Held: Send + fmt::Debug {
    /// Resolves with the reason when the lock is gone, else never.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped and asked for again: a loss is reported by the next one too.
    fn lost(&mut self) -> BoxFuture<'_, String>;

    /// Gives the lock back, if this holder still has it.
    fn release(self: Box<Self>) -> BoxFuture<'static, Result<(), GuardError>>;
}

/// Who holds a lock.
///
/// [`Display`](fmt::Display) is for people, [`to_line`](Self::to_line) for stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The run that holds it.
    pub run_id: String,
    /// The name of its task.
    pub task: String,
    /// The machine it runs on.
    pub host: String,
    /// Its process there.
    pub pid: u32,
    /// The person or machine that started it: a claim.
    pub actor: String,
    /// When it asked for the lock, to the millisecond.
    pub since: SystemTime,
}

impl Holder {
    /// Returns the holder as one line of text without control characters: six fields, a space between them.
    #[must_use]
    pub fn to_line(&self) -> String {
        let since = self.since.duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or_default().as_millis();
        let [run_id, task, host, actor] =
            [&self.run_id, &self.task, &self.host, &self.actor].map(|text| escape(text));
        format!("{run_id} {task} {host} {} {since} {actor}", self.pid)
    }

    /// Reads what [`to_line`](Self::to_line) wrote, also if the store cut its end off.
    ///
    /// Returns nothing for text that has no run id.
    #[must_use]
    pub fn from_line(line: &str) -> Option<Self> {
        let mut fields = line.trim_end_matches(['\n', '\r', '\0']).split(' ');
        let run_id = unescape(fields.next()?);
        let mut text = || unescape(fields.next().unwrap_or_default());
        let (task, host) = (text(), text());
        let (pid, since) = (text(), text());
        let since = Duration::from_millis(since.parse().unwrap_or_default());
        (!run_id.is_empty()).then(|| Self {
            run_id,
            task,
            host,
            pid: pid.parse().unwrap_or_default(),
            since: SystemTime::UNIX_EPOCH
                .checked_add(since)
                .unwrap_or(SystemTime::UNIX_EPOCH),
            actor: text(),
        })
    }
}

/// A field of a line: printable, and without the character that separates fields.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if char == '%' || char.is_whitespace() || char.is_control() {
            for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        } else {
            escaped.push(char);
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = (first == b'%').then(|| tail.get(..2)).flatten();
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown = |text: &str| {
            if text.is_empty() {
                "unknown".to_owned()
            } else {
                text.escape_debug().to_string()
            }
        };
        write!(
            f,
            "run {} of `{}`",
            unknown(&self.run_id),
            unknown(&self.task)
        )?;
        write!(f, " by {} on {}", unknown(&self.actor), unknown(&self.host))?;
        write!(f, " (pid {}) since {}", self.pid, rfc3339(self.since))
    }
}

/// Why a lock could not be asked for or given back.
///
/// The text must hold no secret: it is shown.
#[derive(Debug)]
pub struct GuardError {
    kind: GuardErrorKind,
    text: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a [`GuardError`] means to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GuardErrorKind {
    /// The store does not answer now: trying again may help. The run ends with 69.
    Unavailable,
    /// The guard can never work as it is set up. The run ends with 78.
    Config,
}

impl GuardError {
    /// Creates an error for a store that does not answer now.
    #[must_use]
    pub fn unavailable(text: impl Into<String>) -> Self {
        Self::new(GuardErrorKind::Unavailable, text.into())
    }

    /// Creates an error for a guard that can never work as it is set up.
    #[must_use]
    pub fn config(text: impl Into<String>) -> Self {
        Self::new(GuardErrorKind::Config, text.into())
    }

    fn new(kind: GuardErrorKind, text: String) -> Self {
        Self {
            kind,
            text,
            source: None,
        }
    }

    /// Adds the cause, whose text is not repeated by this error's.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns what the error means to the run.
    #[must_use]
    pub fn kind(&self) -> GuardErrorKind {
        self.kind
    }
}

impl fmt::Display for GuardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for GuardError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder() -> Holder {
        Holder {
            run_id: "0199-a".into(),
            task: "prune".into(),
            host: "web 1".into(),
            pid: 42,
            actor: "änne %41\nroot".into(),
            since: SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_123),
        }
    }

    #[test]
    fn a_holder_survives_the_store() {
        let line = holder().to_line();
        assert!(!line.contains('\n'), "{line}");
        assert_eq!(Holder::from_line(&line), Some(holder()));
    }

    #[test]
    fn a_line_that_was_cut_still_says_what_it_has() {
        let line = holder().to_line();
        for end in 1..line.len() {
            let Some(cut) = line.get(..end) else { continue };
            let read = Holder::from_line(cut).expect("it has a run id");
            assert!("0199-a".starts_with(&read.run_id), "{cut}");
        }
        assert_eq!(Holder::from_line(""), None);
    }

    #[test]
    fn a_holder_is_one_line_for_people() {
        assert!(!holder().to_string().contains('\n'), "{}", holder());
    }
}
