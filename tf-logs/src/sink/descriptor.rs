//! A descriptor of the process.

use std::os::fd::AsFd;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::kernel::{self, PIPE_BUF, Target, Way};
use super::losses::{self, Failure, Gap, Losses, Notice};
use crate::settings::Stall;

/// The lock is shared by lines that the kernel keeps whole by itself, which is faster than a mutex
/// as soon as two threads log, and costs no system call; a longer line, and whatever goes wrong,
/// has it alone.
#[derive(Debug)]
pub(super) struct Descriptor {
    target: Target,
    /// How long one line waits for a reader who takes nothing; `None` is without limit.
    budget: Option<Duration>,
    is_pipe: bool,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    way: Way,
    gap: Gap,
    /// The budget is used up; until something gets out, no line waits.
    stalled: bool,
}

impl Descriptor {
    pub(super) fn new(target: Target, stall: Stall) -> Self {
        let (budget, way) = match stall {
            Stall::Block => (None, Way::Plain),
            Stall::DropAfter(budget) => (Some(budget), Way::bounded(target.as_fd())),
        };
        Self {
            is_pipe: kernel::is_pipe(target.as_fd()),
            target,
            budget,
            state: RwLock::new(State {
                way,
                gap: Gap::default(),
                stalled: false,
            }),
        }
    }

    /// Ways to write that a test wants to see on any kernel.
    #[cfg(test)]
    pub(super) fn with(mut self, way: Way) -> Self {
        self.state
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .way = way;
        self
    }

    pub(super) fn write(&self, losses: &Losses, line: &[u8], notice: Notice<'_>) {
        let mut torn = false;
        if self.is_pipe && line.len() <= PIPE_BUF {
            let state = self.share();
            if !state.gap.is_open() && state.way.is_one_call() {
                match state.way.write(self.target.as_fd(), line) {
                    Ok(written) if written == line.len() => return,
                    // No pipe does this; but another file may have taken the descriptor's place.
                    Ok(written) => torn = written > 0,
                    Err(_) => {}
                }
            }
        }
        let mut state = self.lock();
        if torn {
            state.gap.tear();
        }
        if let Err(failure) = self.write_alone(&mut state, line, notice) {
            state.stalled = matches!(failure, Failure::Stalled);
            state.gap.count();
            losses.add(&failure, &self.target);
        }
    }

    /// First what is to be said about lost lines, then the line.
    fn write_alone(
        &self,
        state: &mut State,
        line: &[u8],
        notice: Notice<'_>,
    ) -> Result<(), Failure> {
        if state.stalled
            && kernel::is_writable(self.target.as_fd(), Some(Duration::ZERO)) == Ok(false)
        {
            return Err(Failure::Stalled);
        }
        self.tell(state, notice)?;
        self.push(state, line)?;
        state.gap.close();
        Ok(())
    }

    /// What is to be said about lost lines.
    fn tell(&self, state: &mut State, notice: Notice<'_>) -> Result<(), Failure> {
        if state.gap.is_open() {
            let report = state.gap.report(notice);
            if !report.is_empty() {
                self.push(state, &report)?;
                state.gap.close();
            }
        }
        Ok(())
    }

    /// Writes all of it, or says why not; then, if a part is out, the next line begins with a line
    /// feed.
    fn push(&self, state: &mut State, bytes: &[u8]) -> Result<(), Failure> {
        let mut rest = bytes;
        let result = self.push_rest(state, &mut rest);
        if result.is_err() && rest.len() < bytes.len() {
            state.gap.tear();
        }
        result
    }

    fn push_rest(&self, state: &mut State, rest: &mut &[u8]) -> Result<(), Failure> {
        let fd = self.target.as_fd();
        let mut waiting_since = None;
        while !rest.is_empty() {
            match state.way.write(fd, rest) {
                Ok(0) => return Err(Failure::Error(Errno::IO.into())),
                Ok(written) => {
                    *rest = &rest[written..];
                    state.stalled = false;
                    waiting_since = None;
                }
                Err(Errno::INTR) => {}
                Err(error) if state.way.is_refused(error) => state.way = Way::without_flag(fd),
                // A file may ask to be waited for, which `poll` cannot do.
                Err(Errno::AGAIN) if state.way.is_bounded() && !kernel::can_stall(fd) => {
                    state.way = Way::Plain;
                }
                Err(Errno::AGAIN) => {
                    let since = *waiting_since.get_or_insert_with(Instant::now);
                    self.wait(since, state.stalled)?;
                }
                Err(error) => return Err(Failure::Error(error.into())),
            }
        }
        Ok(())
    }

    /// Waits for the reader, or says that the time for it is over.
    fn wait(&self, since: Instant, stalled: bool) -> Result<(), Failure> {
        let budget = if stalled {
            Some(Duration::ZERO)
        } else {
            self.budget
        };
        let left = budget.map(|budget| budget.saturating_sub(since.elapsed()));
        if left == Some(Duration::ZERO) {
            return Err(Failure::Stalled);
        }
        match kernel::is_writable(self.target.as_fd(), left) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Stalled),
            Err(error) => Err(Failure::Error(error.into())),
        }
    }

    /// Waits for other threads, and for the reader if lost lines are still to be told about.
    pub(super) fn flush(&self, limit: Duration, notice: Notice<'_>) -> bool {
        let begin = Instant::now();
        let state = losses::within(limit, || match self.state.try_write() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(state)) => Some(state.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        let Some(mut state) = state else {
            return false;
        };
        if state.gap.is_open() {
            let left = limit.saturating_sub(begin.elapsed());
            let is_writable = kernel::is_writable(self.target.as_fd(), Some(left)) == Ok(true);
            return is_writable && self.tell(&mut state, notice).is_ok() && !state.gap.is_open();
        }
        true
    }

    fn share(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
