//! Groups of work in flight, and the guards that count it.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::num::NonZeroU32;
use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use tokio::sync::Notify;

use crate::core::Core;
use crate::names::Names;
use crate::report::Straggler;
use crate::task::{Anonymous, Stopped, Task, TaskHandle};
use crate::token::Token;
use crate::wait::{Ticket, lock};

/// Counts work in flight under one name; cheap to clone.
///
/// The lifecycle does not close its resources before all guards of all groups are gone, or the time for that is up.
/// From [`State::Draining`](crate::State::Draining) on a group gives out no guard.
///
/// # Examples
///
/// ```
/// use tf_shutdown::{Lifecycle, Options};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let life = Lifecycle::new(Options::for_tests().budget());
/// let requests = life.group("http");
/// let guard = requests.guard().unwrap();
/// assert_eq!(requests.len(), 1);
///
/// tokio::spawn(async move {
///     tokio::time::sleep(std::time::Duration::from_secs(2)).await;
///     drop(guard);
/// });
/// let report = life.shutdown().await;
/// assert_eq!(report.total().as_secs(), 2);
/// assert!(requests.guard().is_err());
/// # }
/// ```
#[derive(Clone)]
pub struct Group {
    inner: Arc<Inner>,
}

impl Group {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// How many guards and tasks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts one piece of work until the guard is dropped. Allocates nothing.
    ///
    /// # Errors
    ///
    /// [`Stopped`] from [`State::Draining`](crate::State::Draining) on. Who holds a guard can still clone it.
    pub fn guard(&self) -> Result<Guard, Stopped> {
        self.inner.enter()
    }

    /// Spawns a task that is counted here, and dropped at its next await when the time is up.
    ///
    /// From [`State::Draining`](crate::State::Draining) on it is refused: the future is dropped and the handle has
    /// ended with [`TaskErrorKind::Stopped`](crate::TaskErrorKind::Stopped). A panic is logged and counted.
    ///
    /// It has no name in the report; for one see [`Lifecycle::spawn`](crate::Lifecycle::spawn), or label a guard.
    pub fn spawn<F>(&self, future: F) -> TaskHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        match self.guard() {
            Ok(guard) => self.spawn_with(guard, future),
            Err(stopped) => TaskHandle::refused(stopped),
        }
    }

    /// Spawns a task that is counted by this guard: at any time, so also while the group gives out no guard.
    ///
    /// A listener that still has connections to pick up holds a guard and clones it for each. A label on the guard
    /// names the task. Else as [`spawn`](Self::spawn).
    pub fn spawn_with<F>(&self, guard: Guard, future: F) -> TaskHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let task = Task::new(future, guard, Anonymous);
        TaskHandle::running(self.inner.core.handle().spawn(task))
    }

    /// Counts a future that something else polls until it is done or dropped.
    ///
    /// # Errors
    ///
    /// [`Stopped`] from [`State::Draining`](crate::State::Draining) on; the future is dropped.
    pub fn track<F: Future>(&self, future: F) -> Result<Tracked<F>, Stopped> {
        let guard = Some(self.guard()?);
        Ok(Tracked { future, guard })
    }

    /// Where the lifecycle stands.
    #[must_use]
    pub fn token(&self) -> Token {
        Token::new(Arc::clone(&self.inner.core))
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("name", &self.name())
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Counts one piece of work until it is dropped.
///
/// A clone counts too, and can be made at any time, because the group is not yet done with its origin.
#[must_use = "what it counts is over when it is dropped"]
pub struct Guard {
    inner: Arc<Inner>,
    label: Option<NonZeroU32>,
    /// Where the abort finds the task that this guard counts; here because it fits in without a byte more.
    ticket: Option<Ticket>,
}

impl Guard {
    /// Names the work, for the list of stragglers: such as `job 1234`. Its age counts from here.
    ///
    /// A second label replaces the text and keeps the age. Labels are for people; put no secret in them.
    #[track_caller]
    pub fn label(&mut self, text: impl Into<Cow<'static, str>>) {
        match self.key() {
            Some(key) => self.inner.names.rename(key, text.into()),
            None => self.enter(text.into(), Location::caller()),
        }
    }

    pub(crate) fn enter(&mut self, name: Cow<'static, str>, place: &'static Location<'static>) {
        let key = self.inner.names.enter(name, place);
        self.label = NonZeroU32::new(key.wrapping_add(1));
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.inner.core
    }

    /// Has the abort wake this waker too, once; `false` when it has happened.
    pub(crate) fn heed_abort(&mut self, waker: &Waker) -> bool {
        if self.ticket.is_none() {
            self.ticket = self.inner.core.aborts.enter(waker);
        }
        self.ticket.is_some()
    }

    pub(crate) fn heeds_abort(&self) -> bool {
        self.ticket.is_some()
    }

    pub(crate) fn group(&self) -> &str {
        &self.inner.name
    }

    pub(crate) fn name(&self) -> Option<Cow<'static, str>> {
        self.inner.names.name(self.key()?)
    }

    /// Apart, so that a guard without a label is dropped in a few instructions.
    #[cold]
    fn leave(&self) {
        if let Some(key) = self.key() {
            self.inner.names.leave(key);
        }
        if let Some(ticket) = self.ticket {
            self.inner.core.aborts.leave(ticket);
        }
    }

    fn key(&self) -> Option<u32> {
        self.label.map(|label| label.get() - 1)
    }
}

impl Clone for Guard {
    /// Counts once more; the clone has no label.
    fn clone(&self) -> Self {
        // This guard is counted, so the count is not zero and the group not yet done.
        self.inner.state.fetch_add(ONE, Ordering::Relaxed);
        Self {
            inner: Arc::clone(&self.inner),
            label: None,
            ticket: None,
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.label.is_some() || self.ticket.is_some() {
            self.leave();
        }
        self.inner.exit();
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("group", &self.inner.name)
            .field("label", &self.name())
            .finish()
    }
}

pin_project! {
    /// A counted future; made by [`Group::track`].
    #[must_use = "futures do nothing unless awaited"]
    #[derive(Debug)]
    pub struct Tracked<F> {
        #[pin]
        future: F,
        guard: Option<Guard>,
    }
}

impl<F: Future> Future for Tracked<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let result = this.future.poll(cx);
        if result.is_ready() {
            *this.guard = None;
        }
        result
    }
}

const CLOSED: usize = 1;
const ONE: usize = 2;

/// One counter: the lowest bit says that the group is closed, the others count.
#[derive(Debug)]
pub(crate) struct Inner {
    core: Arc<Core>,
    name: Cow<'static, str>,
    state: AtomicUsize,
    names: Names,
    idle: Notify,
}

impl Inner {
    fn len(&self) -> usize {
        self.state.load(Ordering::SeqCst) / ONE
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn enter(self: &Arc<Self>) -> Result<Guard, Stopped> {
        // Taken first and given back when closed: one atomic step where it matters.
        if self.state.fetch_add(ONE, Ordering::Relaxed) & CLOSED == CLOSED {
            self.exit();
            return Err(Stopped::new());
        }
        Ok(Guard {
            inner: Arc::clone(self),
            label: None,
            ticket: None,
        })
    }

    fn exit(&self) {
        // Releases what the work wrote to whoever sees the group empty.
        if self.state.fetch_sub(ONE, Ordering::AcqRel) == ONE | CLOSED {
            self.idle.notify_waiters();
        }
    }

    fn close(&self) {
        self.state.fetch_or(CLOSED, Ordering::AcqRel);
    }

    /// Waits until it is closed and empty.
    pub(crate) async fn idle(&self) {
        loop {
            let idle = self.idle.notified();
            if self.state.load(Ordering::Acquire) == CLOSED {
                return;
            }
            idle.await;
        }
    }

    /// The named ones, then how many have no name.
    pub(crate) fn stragglers(&self, tries: usize) -> Vec<Straggler> {
        let mut found = self.names.stragglers(&self.name, tries);
        let rest = self.len().saturating_sub(found.len());
        if rest > 0 {
            found.push(Straggler::anonymous(&self.name, rest));
        }
        found
    }
}

/// All groups of a lifecycle that somebody holds: a group keeps the lifecycle, not the other way round.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    list: Vec<Weak<Inner>>,
    is_closed: bool,
}

impl Groups {
    pub(crate) fn all(&self) -> Vec<Arc<Inner>> {
        self.list.iter().filter_map(Weak::upgrade).collect()
    }

    fn close(&mut self) -> Vec<Arc<Inner>> {
        self.is_closed = true;
        let groups = self.all();
        for group in &groups {
            group.close();
        }
        groups
    }
}

impl Core {
    /// The group of that name, made where it is not there; a closed one when all are closed.
    pub(crate) fn open_group(self: &Arc<Self>, name: Cow<'static, str>) -> Arc<Inner> {
        let mut groups = lock(&self.groups);
        let mut known = groups.list.iter().filter_map(Weak::upgrade);
        let known = known.find(|group| group.name == name);
        known.unwrap_or_else(|| {
            let group = Arc::new(Inner {
                core: Arc::clone(self),
                name,
                state: AtomicUsize::new(if groups.is_closed { CLOSED } else { 0 }),
                names: Names::new(),
                idle: Notify::new(),
            });
            groups.list.retain(|group| group.strong_count() > 0);
            groups.list.push(Arc::downgrade(&group));
            group
        })
    }

    /// The group of the tasks that are spawned without one.
    pub(crate) fn tasks(self: &Arc<Self>) -> Arc<Inner> {
        self.open_group(Cow::Borrowed("tasks"))
    }

    /// Closes every group, also those to come; gives the ones that there are.
    pub(crate) fn close_groups(&self) -> Vec<Arc<Inner>> {
        lock(&self.groups).close()
    }

    /// Who is in which group, for the log: `http=12 tasks=1`; empty groups are left out.
    pub(crate) fn occupancy(&self) -> (usize, String) {
        let groups = lock(&self.groups).all();
        let mut total = 0;
        let mut text = String::new();
        for group in groups {
            let len = group.len();
            if len == 0 {
                continue;
            }
            total += len;
            let space = if text.is_empty() { "" } else { " " };
            text.push_str(&format!("{space}{}={len}", group.name()));
        }
        (total, text)
    }
}
