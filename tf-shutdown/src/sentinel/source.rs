//! The stream of signals, with or without their senders.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::signals::{Origin, Signal};

#[cfg(feature = "origin")]
type Raw = signal_hook_tokio::SignalsInfo<signal_hook::iterator::exfiltrator::WithOrigin>;
#[cfg(not(feature = "origin"))]
type Raw = signal_hook_tokio::Signals;

/// Signals as they arrive at the handlers that it installed.
pub(super) struct Source(Raw);

impl Source {
    /// Needs a reactor.
    pub(super) fn install(signals: &[Signal]) -> io::Result<Self> {
        let numbers = signals.iter().map(|signal| signal.number());
        Raw::new(numbers).map(Self)
    }
}

impl Stream for Source {
    type Item = (Signal, Option<Origin>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(raw) = ready!(Pin::new(&mut self.0).poll_next(context)) else {
                return Poll::Ready(None);
            };
            // Only the installed signals come, each of which has a name.
            if let Some(item) = named(&raw) {
                return Poll::Ready(Some(item));
            }
        }
    }
}

#[cfg(feature = "origin")]
fn named(raw: &signal_hook::low_level::siginfo::Origin) -> Option<(Signal, Option<Origin>)> {
    let sender = raw
        .process
        .map(|process| Origin::new(process.pid, process.uid));
    Some((Signal::from_number(raw.signal)?, sender))
}

#[cfg(not(feature = "origin"))]
fn named(raw: &i32) -> Option<(Signal, Option<Origin>)> {
    Some((Signal::from_number(*raw)?, None))
}
