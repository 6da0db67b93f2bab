//! Where lines go.
//!
//! A line is with the kernel when [`Sink::write`] returns, so whatever ends the process afterwards
//! loses none. In return a writer has to wait while a pipe is full, and what it may wait is
//! bounded: [`Stall`].

mod descriptor;
mod kernel;
mod losses;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::io::Write;
use std::time::Duration;

use crate::settings::{Stall, Stream};
use descriptor::Descriptor;
use kernel::Target;
pub(crate) use losses::Resumed;
use losses::{Losses, Notice};
use writer::Injected;

/// Takes whole lines, from any thread, and never fails: what cannot be written is counted.
#[derive(Debug)]
pub(crate) struct Sink {
    losses: Losses,
    place: Place,
}

enum Place {
    Descriptor(Descriptor),
    Injected(Injected),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptor(descriptor) => descriptor.fmt(f),
            Self::Injected(_) => f.write_str("Injected"),
        }
    }
}

impl Sink {
    /// The descriptor of a standard stream.
    pub(crate) fn stream(stream: Stream, stall: Stall) -> Self {
        let target = match stream {
            Stream::Stdout => Target::Stdout,
            Stream::Stderr => Target::Stderr,
        };
        Self::target(target, stall)
    }

    fn target(target: Target, stall: Stall) -> Self {
        Self {
            losses: Losses::default(),
            place: Place::Descriptor(Descriptor::new(target, stall)),
        }
    }

    /// A writer that gets each line in one call, as long as it takes whole lines.
    ///
    /// It is called under a lock. A line that the writer itself logs meanwhile is dropped. A panic
    /// of it counts as an error of writing.
    pub(crate) fn writer(writer: Box<dyn Write + Send>) -> Self {
        Self {
            losses: Losses::default(),
            place: Place::Injected(Injected::new(writer)),
        }
    }

    /// Writes one line with its line feed. Before it, `notice` formats the event that tells of lost
    /// ones; it must not write to the sink.
    pub(crate) fn write(&self, line: &[u8], notice: &dyn Fn(&mut Vec<u8>, Resumed)) {
        let notice = Notice(notice);
        match &self.place {
            Place::Descriptor(descriptor) => descriptor.write(&self.losses, line, notice),
            Place::Injected(injected) => injected.write(&self.losses, line, notice),
        }
    }

    /// How many lines nobody read in time.
    pub(crate) fn dropped(&self) -> u64 {
        self.losses.dropped()
    }

    /// How many lines could not be written for another reason, say that the reader has closed the
    /// pipe.
    pub(crate) fn write_errors(&self) -> u64 {
        self.losses.errors()
    }

    /// Says whether everything is out, also what `notice` has to tell of lost lines. Waits at most
    /// about `limit` for other threads and for the reader.
    pub(crate) fn flush(&self, limit: Duration, notice: &dyn Fn(&mut Vec<u8>, Resumed)) -> bool {
        let notice = Notice(notice);
        match &self.place {
            Place::Descriptor(descriptor) => descriptor.flush(limit, notice),
            Place::Injected(injected) => injected.flush(limit, notice),
        }
    }
}
