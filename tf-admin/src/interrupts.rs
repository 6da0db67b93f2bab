//! Signals, as values.

use std::fmt;
use std::task::{Context, Poll};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::outcome::code;
use crate::process::Signals;

/// A wish that the run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interrupt {
    /// SIGINT, as Ctrl-C sends it. A second one, half a second later or more, ends the run at once.
    Int,
    /// SIGTERM, as supervisors send it. A second one changes nothing.
    Term,
}

impl Interrupt {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Int => code::SIGINT,
            Self::Term => code::SIGTERM,
        }
    }
}

impl fmt::Display for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Int => "SIGINT",
            Self::Term => "SIGTERM",
        })
    }
}

/// Where the interrupts of a run come from.
///
/// The default is none. [`Io::process`](crate::Io::process) has the signals of the process.
#[derive(Debug, Default)]
pub struct Interrupts(Source);

#[derive(Debug, Default)]
enum Source {
    #[default]
    None,
    Channel(UnboundedReceiver<Interrupt>),
    /// Listened to from the moment a run begins.
    Process,
    Signals(Signals),
}

impl Interrupts {
    /// Creates interrupts that are sent by hand, and what sends them.
    ///
    /// # Examples
    ///
    /// ```
    /// use tf_admin::{Interrupt, Interrupts, Io};
    ///
    /// let (interrupter, interrupts) = Interrupts::channel();
    /// let io = Io::captured().interrupts(interrupts);
    /// interrupter.send(Interrupt::Term);
    /// # drop(io);
    /// ```
    #[must_use]
    pub fn channel() -> (Interrupter, Self) {
        let (sender, receiver) = unbounded_channel();
        (Interrupter(sender), Self(Source::Channel(receiver)))
    }

    pub(crate) fn process() -> Self {
        Self(Source::Process)
    }

    /// Begins to listen; must be called within a runtime.
    pub(crate) fn start(&mut self) -> std::io::Result<()> {
        if matches!(self.0, Source::Process) {
            self.0 = Source::Signals(Signals::listen()?);
        }
        Ok(())
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Interrupt> {
        match &mut self.0 {
            Source::None | Source::Process => Poll::Pending,
            Source::Signals(signals) => signals.poll_next(cx),
            Source::Channel(receiver) => match receiver.poll_recv(cx) {
                Poll::Ready(Some(interrupt)) => Poll::Ready(interrupt),
                Poll::Ready(None) => {
                    self.0 = Source::None;
                    Poll::Pending
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

/// Sends interrupts to a run.
#[derive(Clone, Debug)]
pub struct Interrupter(UnboundedSender<Interrupt>);

impl Interrupter {
    /// Interrupts the run; does nothing when it has ended.
    pub fn send(&self, interrupt: Interrupt) {
        let _ = self.0.send(interrupt);
    }
}
