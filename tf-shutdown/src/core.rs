//! What all handles share: the state, the requests to stop, and who is there.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::conductor;
use crate::events;
use crate::group::Groups;
use crate::hook::Hooks;
use crate::options::Budget;
use crate::reason::Reason;
use crate::report::{Report, SignalSeen, Straggler};
use crate::request::{Plan, Request, Seen};
use crate::signals::{Origin, Signal};
use crate::state::State;
use crate::token::Target;
use crate::wait::{Aborts, Waits, lock};

/// Is told what happens, on the thread where it happens; must not block.
pub(crate) trait Observer: Send + Sync {
    /// The first request to stop arrived; the time is that from now to the end.
    fn stop_requested(&self, _total: Duration) {}
    /// The service said that it is ready.
    fn ready(&self) {}
    /// The state advanced.
    fn state(&self, _state: State) {}
    /// The service says what it does.
    fn status(&self, _text: &str) {}
}

/// Who walks the lifecycle through its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conductor {
    /// A task, spawned on the runtime when the stop is asked for.
    Spawned,
    /// Somebody who polls [`conductor::conduct`].
    Elsewhere,
}

pub(crate) struct Core {
    name: Cow<'static, str>,
    plan: Plan,
    handle: Handle,
    conductor: Conductor,
    born: Instant,
    stage: AtomicU8,
    aborting: AtomicBool,
    hurried: AtomicBool,
    was_ready: AtomicBool,
    no_pre_stop: AtomicBool,
    signal_code: AtomicBool,
    forwards: AtomicBool,
    lame_since: OnceLock<Instant>,
    request: OnceLock<Request>,
    requested: Notify,
    /// Wakes the conductor, which alone waits here.
    pub(crate) news: Notify,
    seen: Mutex<Seen>,
    pub(crate) waits: Waits,
    pub(crate) aborts: Aborts,
    pub(crate) groups: Mutex<Groups>,
    pub(crate) hooks: Mutex<Hooks>,
    children: Mutex<Vec<Arc<Core>>>,
    parent: Option<Weak<Core>>,
    observer: OnceLock<Box<dyn Observer>>,
    report: watch::Sender<Option<Report>>,
    #[cfg(feature = "tokio-util")]
    cancellation: OnceLock<tokio_util::sync::CancellationToken>,
}

impl Core {
    pub(crate) fn new(budget: Budget, handle: Handle, conductor: Conductor) -> Arc<Self> {
        Self::build(Cow::Borrowed(""), Plan::of(budget), handle, conductor, None)
    }

    fn build(
        name: Cow<'static, str>,
        plan: Plan,
        handle: Handle,
        conductor: Conductor,
        parent: Option<Weak<Self>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            plan,
            handle,
            conductor,
            born: Instant::now(),
            stage: AtomicU8::new(State::Starting.code()),
            aborting: AtomicBool::new(false),
            hurried: AtomicBool::new(false),
            was_ready: AtomicBool::new(false),
            no_pre_stop: AtomicBool::new(false),
            signal_code: AtomicBool::new(false),
            forwards: AtomicBool::new(true),
            lame_since: OnceLock::new(),
            request: OnceLock::new(),
            requested: Notify::new(),
            news: Notify::new(),
            seen: Mutex::new(Seen::default()),
            waits: Waits::new(),
            aborts: Aborts::new(),
            groups: Mutex::new(Groups::default()),
            hooks: Mutex::new(Hooks::default()),
            children: Mutex::new(Vec::new()),
            parent,
            observer: OnceLock::new(),
            report: watch::Sender::new(None),
            #[cfg(feature = "tokio-util")]
            cancellation: OnceLock::new(),
        })
    }

    /// A lifecycle that ends before this one's `Closing`; one that is late to come stops at once.
    pub(crate) fn child(self: &Arc<Self>, name: Cow<'static, str>) -> Arc<Self> {
        let child = Self::build(
            name,
            self.plan,
            self.handle.clone(),
            Conductor::Spawned,
            Some(Arc::downgrade(self)),
        );
        lock(&self.children).push(Arc::clone(&child));
        if self.has(Target::STOP) {
            self.stop_child(&child);
        }
        child
    }

    pub(crate) fn set_forwards(&self, forwards: bool) {
        self.forwards.store(forwards, Ordering::Relaxed);
    }

    pub(crate) fn forwards(&self) -> bool {
        self.forwards.load(Ordering::Relaxed)
    }

    pub(crate) fn children(&self) -> Vec<Arc<Self>> {
        lock(&self.children).clone()
    }

    pub(crate) fn stop_child(&self, child: &Arc<Self>) {
        let Some(request) = self.request() else {
            return;
        };
        let left = request
            .drain_end()
            .saturating_duration_since(Instant::now());
        child.accept(Request::new(request.reason.clone(), Plan::within(left)));
    }

    /// Takes itself off the parent's list, so that many short children leave nothing behind.
    pub(crate) fn leave_parent(&self) {
        let Some(parent) = self.parent.as_ref().and_then(Weak::upgrade) else {
            return;
        };
        // A parent that stops wants the report.
        if parent.request().is_none() {
            lock(&parent.children).retain(|child| !std::ptr::eq(&**child, self));
        }
    }

    /// The name of a child, empty for the lifecycle of the process.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn is_child(&self) -> bool {
        self.parent.is_some()
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) fn born(&self) -> Instant {
        self.born
    }

    pub(crate) fn state(&self) -> State {
        State::from_code(self.stage.load(Ordering::SeqCst))
    }

    pub(crate) fn has(&self, target: Target) -> bool {
        match target {
            Target::ABORT => self.aborting.load(Ordering::SeqCst),
            _ => self.stage.load(Ordering::SeqCst) >= target.code(),
        }
    }

    /// Moves forward and wakes who waits for it; backward is no move.
    pub(crate) fn advance(&self, to: State) -> bool {
        let from = State::from_code(self.stage.fetch_max(to.code(), Ordering::SeqCst));
        if from >= to {
            return false;
        }
        if !from.is_stopping() && to.is_stopping() {
            self.waits.fire_stop();
            #[cfg(feature = "tokio-util")]
            if let Some(token) = self.cancellation.get() {
                token.cancel();
            }
        }
        self.waits.change().notify_waiters();
        if let Some(observer) = self.observer.get() {
            observer.state(to);
        }
        true
    }

    /// Drops what was spawned through the lifecycle at its next await.
    pub(crate) fn abort(&self) {
        self.aborting.store(true, Ordering::SeqCst);
        self.aborts.fire();
        self.waits.change().notify_waiters();
        self.news.notify_one();
    }

    /// Tells who is there about what happens; only the first observer counts.
    pub(crate) fn observe(&self, observer: Box<dyn Observer>) {
        let _ = self.observer.set(observer);
    }

    pub(crate) fn ready(&self) {
        if self.request().is_some() || self.was_ready.swap(true, Ordering::SeqCst) {
            return;
        }
        self.advance(State::Running);
        events::ready(self);
        if let Some(observer) = self.observer.get() {
            observer.ready();
        }
    }

    pub(crate) fn was_ready(&self) -> bool {
        self.was_ready.load(Ordering::SeqCst)
    }

    pub(crate) fn status(&self, text: &str) {
        events::status(self, text);
        if let Some(observer) = self.observer.get() {
            observer.status(text);
        }
    }

    /// Leaves out the lame duck stage: nobody balances load where a person sits at a terminal.
    pub(crate) fn skip_pre_stop(&self) {
        self.no_pre_stop.store(true, Ordering::Relaxed);
    }

    /// Makes a clean stop by a signal end with 128 + its number.
    pub(crate) fn exit_with_signal_code(&self) {
        self.signal_code.store(true, Ordering::Relaxed);
    }

    pub(crate) fn signal_code(&self) -> Option<u8> {
        let signal = self.request()?.reason.signal()?;
        let wanted = self.signal_code.load(Ordering::Relaxed);
        wanted.then(|| signal.exit_code())
    }

    /// Goes lame duck without stopping.
    pub(crate) fn quiet(&self) {
        let _ = self.lame_since.set(Instant::now());
        self.advance(State::LameDuck);
        for child in self.children() {
            child.quiet();
        }
    }

    pub(crate) fn lame_since(&self) -> Option<Instant> {
        self.lame_since.get().copied()
    }

    /// Waits for nobody from now on: straight to the hooks.
    pub(crate) fn hurry(&self) {
        self.hurried.store(true, Ordering::SeqCst);
        self.news.notify_one();
        for child in self.children() {
            child.hurry();
        }
    }

    pub(crate) fn is_hurried(&self) -> bool {
        self.hurried.load(Ordering::SeqCst)
    }

    /// Counts a signal and does what it asks for. From any thread, with no runtime at hand.
    pub(crate) fn signal(self: &Arc<Self>, signal: Signal, origin: Option<Origin>) {
        lock(&self.seen).signal(signal, origin);
        match signal {
            Signal::Usr1 | Signal::Usr2 => self.quiet(),
            Signal::Hup => self.stop(Reason::Hangup),
            _ => self.stop(Reason::Signal { signal, origin }),
        }
        self.news.notify_one();
    }

    pub(crate) fn signals(&self) -> Vec<SignalSeen> {
        lock(&self.seen).signals.clone()
    }

    /// Asks for the stop; the first to ask gives the reason.
    pub(crate) fn stop(self: &Arc<Self>, reason: Reason) {
        self.fail_parent(&reason);
        let pre_stop = reason.signal().is_some()
            && self.was_ready()
            && !self.no_pre_stop.load(Ordering::Relaxed);
        let plan = match pre_stop {
            true => self.plan,
            false => self.plan.without_pre_stop(),
        };
        self.accept(Request::new(reason, plan));
    }

    fn accept(self: &Arc<Self>, request: Request) {
        let total = request.plan.total;
        if let Err(later) = self.request.set(request) {
            lock(&self.seen).also(later.reason);
            self.news.notify_one();
            return;
        }
        if let Some(observer) = self.observer.get() {
            observer.stop_requested(total);
        }
        self.requested.notify_one();
        if self.conductor == Conductor::Spawned {
            let conductor = conductor::conduct(Arc::clone(self));
            drop(self.handle.spawn(conductor));
        }
    }

    fn fail_parent(&self, reason: &Reason) {
        if reason.exit_code() == 0 || !self.forwards() {
            return;
        }
        if let Some(parent) = self.parent.as_ref().and_then(Weak::upgrade) {
            parent.stop(reason.clone());
        }
    }

    pub(crate) fn request(&self) -> Option<&Request> {
        self.request.get()
    }

    /// Waits for the first request; for the conductor alone.
    pub(crate) async fn requested(&self) -> &Request {
        loop {
            if let Some(request) = self.request() {
                return request;
            }
            self.requested.notified().await;
        }
    }

    pub(crate) fn also(&self) -> Vec<Reason> {
        lock(&self.seen).also.clone()
    }

    pub(crate) fn count_failure(&self, panicked: bool) {
        let mut seen = lock(&self.seen);
        match panicked {
            true => seen.panicked += 1,
            false => seen.failed += 1,
        }
    }

    /// How many tasks returned an error, and how many panicked.
    pub(crate) fn failures(&self) -> (u64, u64) {
        let seen = lock(&self.seen);
        (seen.failed, seen.panicked)
    }

    /// Who is still there, without ever waiting for a lock: for a thread that must not be held up.
    pub(crate) fn stragglers(&self) -> Vec<Straggler> {
        const TRIES: usize = 100;
        let groups = (0..TRIES).find_map(|_| {
            let groups = self.groups.try_lock().ok().map(|groups| groups.all());
            if groups.is_none() {
                std::thread::yield_now();
            }
            groups
        });
        let mut found: Vec<_> = groups
            .unwrap_or_default()
            .iter()
            .flat_map(|group| group.stragglers(TRIES))
            .collect();
        for child in self.children.try_lock().iter().flat_map(|list| list.iter()) {
            found.extend(
                child
                    .stragglers()
                    .into_iter()
                    .map(|one| one.of_child(child.name())),
            );
        }
        found
    }

    /// The report as it stands now, for an end that is forced or overdue.
    pub(crate) fn snapshot_report(&self, code: u8) -> Report {
        Report::snapshot(self, code)
    }

    pub(crate) fn publish(&self, report: Report) {
        self.report.send_replace(Some(report));
    }

    pub(crate) fn report(&self) -> Option<Report> {
        self.report.borrow().clone()
    }

    pub(crate) async fn finished(&self) -> Report {
        let mut reports = self.report.subscribe();
        loop {
            if let Some(report) = reports.borrow_and_update().clone() {
                return report;
            }
            // The sender lives in `self`, so the channel is open.
            let _ = reports.changed().await;
        }
    }

    #[cfg(feature = "tokio-util")]
    pub(crate) fn cancellation_token(&self) -> tokio_util::sync::CancellationToken {
        let token = self.cancellation.get_or_init(Default::default);
        if self.has(Target::STOP) {
            token.cancel();
        }
        token.clone()
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("name", &self.name)
            .field("state", &self.state())
            .field("request", &self.request())
            .finish_non_exhaustive()
    }
}
