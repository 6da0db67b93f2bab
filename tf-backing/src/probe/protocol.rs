//! The sans-io core: what to send and how to read the answer, without any input or output.

use std::borrow::Cow;
use std::fmt;

use super::outcome::{Looks, Outcome, Reason};

/// How one kind of service is asked whether it is ready, without any input or output.
///
/// One value serves one exchange. Whoever drives it connects, asks for the
/// [`opening`](Self::opening), hands every answer to [`judge`](Self::judge) and does what each
/// [`Step`] says, sends [`farewell`](Self::farewell) once there is a verdict, and hangs up. [`probe()`](crate::probe())
/// is such a driver; `<dyn Protocol>::of` gives the protocols of this crate to others.
///
/// A kind of your own is registered with [`ProbeOptions::protocol`](crate::ProbeOptions::protocol):
///
/// ```
/// use tf_backing::{Protocol, Step, Verdict};
///
/// /// Speaks first: `READY <version>\n`.
/// struct Ledger;
///
/// impl Protocol for Ledger {
///     fn judge(&mut self, received: &[u8]) -> Step {
///         let Some(line) = received.strip_suffix(b"\n") else {
///             return Step::Read;
///         };
///         match line.strip_prefix(b"READY ") {
///             Some(version) => Step::Done(Verdict::ready().server(version)),
///             None => Step::Foreign,
///         }
///     }
/// }
///
/// let verdict = Verdict::ready().server(b"1.2");
/// assert_eq!(Ledger.judge(b"READY 1.2"), Step::Read);
/// assert_eq!(Ledger.judge(b"READY 1.2\n"), Step::Done(verdict));
/// ```
pub trait Protocol: Send {
    /// Begins: sends something, or waits for the server to speak first, which is the default.
    fn opening(&mut self) -> Step {
        Step::Read
    }

    /// Judges everything received since the last send.
    fn judge(&mut self, received: &[u8]) -> Step;

    /// Decides what to do when nothing has arrived for half of the time; asked once.
    fn silence(&mut self) -> Step {
        Step::Read
    }

    /// Judges what is there when no more can come.
    ///
    /// That is, the server has hung up, its answers fill 4 KiB, or the time is over.
    fn ended(&mut self, received: &[u8]) -> Option<Verdict> {
        let _ = received;
        None
    }

    /// Returns what to send before hanging up, after a verdict.
    fn farewell(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

/// What a protocol wants next.
///
/// `Debug` shows how many bytes are to be sent, not which: they may hold credentials.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// More of the answer.
    Read,
    /// Forget the answer so far, send this, and read on.
    Send(Vec<u8>),
    /// Hang up, connect again and send this.
    Reconnect(Vec<u8>),
    /// Nothing: these bytes are not this protocol. The driver names what they look like.
    Foreign,
    /// Nothing: this is the verdict.
    Done(Verdict),
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("Read"),
            Self::Send(bytes) => write!(f, "Send({} bytes)", bytes.len()),
            Self::Reconnect(bytes) => write!(f, "Reconnect({} bytes)", bytes.len()),
            Self::Foreign => f.write_str("Foreign"),
            Self::Done(verdict) => f.debug_tuple("Done").field(verdict).finish(),
        }
    }
}

/// What a protocol made of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) server: Option<String>,
    pub(super) detail: Option<Cow<'static, str>>,
}

impl Verdict {
    /// The longest version that is kept.
    const MAX_SERVER: usize = 64;

    /// The service takes work.
    pub fn ready() -> Self {
        Self::of(Outcome::Ready)
    }

    /// The service speaks its protocol, but wants more before it takes work.
    pub fn reachable() -> Self {
        Self::of(Outcome::Reachable)
    }

    /// The service takes no work.
    pub fn not_ready(reason: Reason) -> Self {
        Self::of(Outcome::NotReady(reason))
    }

    /// Another protocol answered.
    pub fn wrong_protocol(looks: Looks) -> Self {
        Self::of(Outcome::WrongProtocol(looks))
    }

    pub(super) fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            server: None,
            detail: None,
        }
    }

    /// Adds the version that the server gives: printable ASCII, cut after 64 characters.
    #[must_use]
    pub fn server(mut self, version: &[u8]) -> Self {
        let text: String = version
            .iter()
            .take(Self::MAX_SERVER)
            .map(|byte| match byte {
                b' '..=b'~' => char::from(*byte),
                _ => '?',
            })
            .collect();
        self.server = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        self
    }

    /// Adds what else there is to say; it is shown, so it must hold nothing secret.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Returns the outcome.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}
