//! A writer of the user's.

use std::cell::Cell;
use std::io::{ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use super::losses::{self, Failure, Gap, Losses, Notice};

pub(super) struct Injected {
    state: Mutex<State>,
    /// The thread inside the writer, by [`this_thread`]; 0 is none. A thread only ever looks for
    /// itself here.
    owner: AtomicUsize,
}

struct State {
    writer: Box<dyn Write + Send>,
    gap: Gap,
}

impl Injected {
    pub(super) fn new(writer: Box<dyn Write + Send>) -> Self {
        Self {
            state: Mutex::new(State {
                writer,
                gap: Gap::default(),
            }),
            owner: AtomicUsize::new(0),
        }
    }

    pub(super) fn write(&self, losses: &Losses, line: &[u8], notice: Notice<'_>) {
        if self.is_inside() {
            losses.add(&Failure::Stalled, &"the writer");
            return;
        }
        let mut state = self.lock();
        self.owner.store(this_thread(), Ordering::Relaxed);
        let result = state.write(line, notice);
        self.owner.store(0, Ordering::Relaxed);
        if let Err(failure) = result {
            state.gap.count();
            drop(state);
            losses.add(&failure, &"the writer");
        }
    }

    pub(super) fn flush(&self, limit: Duration, notice: Notice<'_>) -> bool {
        if self.is_inside() {
            return false;
        }
        let state = losses::within(limit, || match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(state)) => Some(state.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        let Some(mut state) = state else {
            return false;
        };
        self.owner.store(this_thread(), Ordering::Relaxed);
        let flushed = state.flush(notice);
        self.owner.store(0, Ordering::Relaxed);
        flushed
    }

    /// Whether this thread holds the lock: the writer logs.
    fn is_inside(&self) -> bool {
        self.owner.load(Ordering::Relaxed) == this_thread()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(&mut self, line: &[u8], notice: Notice<'_>) -> Result<(), Failure> {
        self.tell(notice)?;
        self.push(line)?;
        self.gap.close();
        Ok(())
    }

    fn tell(&mut self, notice: Notice<'_>) -> Result<(), Failure> {
        if self.gap.is_open() {
            let report = self.gap.report(notice);
            if !report.is_empty() {
                self.push(&report)?;
                self.gap.close();
            }
        }
        Ok(())
    }

    fn flush(&mut self, notice: Notice<'_>) -> bool {
        let told = self.tell(notice).is_ok() && !self.gap.is_open();
        let flushed = catch_unwind(AssertUnwindSafe(|| self.writer.flush().is_ok()));
        told && flushed.unwrap_or(false)
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut rest = bytes;
        let writer = &mut self.writer;
        let result = catch_unwind(AssertUnwindSafe(|| push_rest(writer, &mut rest)));
        let result = result.unwrap_or_else(|_| Err(Failure::Error(ErrorKind::Other.into())));
        if result.is_err() && rest.len() < bytes.len() {
            self.gap.tear();
        }
        result
    }
}

fn push_rest(writer: &mut dyn Write, rest: &mut &[u8]) -> Result<(), Failure> {
    while !rest.is_empty() {
        match writer.write(rest) {
            Ok(0) => return Err(Failure::Error(ErrorKind::WriteZero.into())),
            Ok(written) => *rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(Failure::Stalled),
            Err(error) => return Err(Failure::Error(error)),
        }
    }
    Ok(())
}

/// A number that no other living thread has. It has no destructor, so it is there for as long as
/// the thread.
fn this_thread() -> usize {
    thread_local! {
        static HERE: Cell<u8> = const { Cell::new(0) };
    }
    HERE.try_with(|here| ptr::from_ref(here).addr())
        .unwrap_or(0)
}
