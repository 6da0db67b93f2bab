//! The lists of those who wait: for a state, and for the abort.

use std::cell::Cell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::sync::Notify;

use crate::slab::Slab;

/// Lists per kind of waiter. Tasks of all workers enter and leave them, so one lock would be shared by all.
const SHARDS: usize = 16;

/// Locks; a panic elsewhere does not make these plain lists wrong.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells tasks apart by their wakers, as `Waker::will_wake` does.
///
/// Equal marks are the same task only while one of the two wakers is alive, as one in a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    data: usize,
    vtable: usize,
}

impl Mark {
    pub(crate) const NOBODY: Self = Self { data: 0, vtable: 0 };

    pub(crate) fn of(waker: &Waker) -> Self {
        Self {
            data: waker.data().addr(),
            vtable: std::ptr::from_ref(waker.vtable()).addr(),
        }
    }

    /// Tasks that lie near each other share a list, so that firing a list walks through memory in order:
    /// with lists mixed within a page a million tasks took twice as long to wake.
    fn shard(self) -> usize {
        (self.data >> 16) % SHARDS
    }
}

/// Who waits for a state.
#[derive(Debug)]
pub(crate) struct Waits {
    stop: [Arc<Notify>; SHARDS],
    /// Fired at every change.
    change: Arc<Notify>,
}

impl Waits {
    pub(crate) fn new() -> Self {
        Self {
            stop: std::array::from_fn(|_| Arc::default()),
            change: Arc::default(),
        }
    }

    /// The list that is fired once, when the stop begins.
    pub(crate) fn stop(&self, mark: Mark) -> &Arc<Notify> {
        &self.stop[mark.shard()]
    }

    /// The list that is fired at every change.
    pub(crate) fn change(&self) -> &Arc<Notify> {
        &self.change
    }

    pub(crate) fn fire_stop(&self) {
        for list in &self.stop {
            list.notify_waiters();
        }
    }
}

/// Wakers of the tasks that an abort must reach.
#[derive(Debug)]
pub(crate) struct Aborts {
    shards: [Mutex<Option<Slab<Waker>>>; SHARDS],
}

/// A place in [`Aborts`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket(u32);

impl Aborts {
    pub(crate) fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::new(Some(Slab::new()))),
        }
    }

    /// Enters a waker; `None` once [`fire`](Self::fire) was called.
    pub(crate) fn enter(&self, waker: &Waker) -> Option<Ticket> {
        let shard = Mark::of(waker).shard();
        let waker = waker.clone();
        let mut list = lock(&self.shards[shard]);
        match list.as_mut() {
            Some(list) => Some(Ticket(list.insert(waker) * SHARDS as u32 + shard as u32)),
            None => {
                drop(list);
                None
            }
        }
    }

    pub(crate) fn leave(&self, Ticket(ticket): Ticket) {
        let shard = ticket as usize % SHARDS;
        let waker = lock(&self.shards[shard])
            .as_mut()
            .and_then(|list| list.remove(ticket / SHARDS as u32));
        drop(waker);
    }

    /// Wakes all, and refuses later ones.
    pub(crate) fn fire(&self) {
        for shard in &self.shards {
            let list = lock(shard).take();
            list.into_iter()
                .flat_map(Slab::into_values)
                .for_each(Waker::wake);
        }
    }
}

thread_local! {
    /// The poll of a spawned task that this thread is in, and the waits for a state it left registered.
    ///
    /// A task that already waits for the stop will be woken by it, so it need not also be in [`Aborts`]:
    /// that saves a million waiting tasks a place each. Lives for one poll only.
    static COVER: Cell<Cover> = const { Cell::new(Cover { core: 0, mark: Mark::NOBODY, round: 0, waits: 0 }) };
    static ROUND: Cell<u32> = const { Cell::new(0) };
}

#[derive(Clone, Copy)]
struct Cover {
    core: usize,
    mark: Mark,
    round: u32,
    waits: u32,
}

/// Polls something of a spawned task; tells whether a wait for a state of `core` covers the task.
pub(crate) fn covered<R>(core: usize, mark: Mark, poll: impl FnOnce() -> R) -> (R, bool) {
    let round = ROUND.with(|round| {
        let next = round.get().wrapping_add(1).max(1);
        round.set(next);
        next
    });
    let mine = Cover {
        core,
        mark,
        round,
        waits: 0,
    };
    let outer = COVER.replace(mine);
    let result = poll();
    let mine = COVER.replace(outer);
    (result, mine.waits > 0)
}

/// Counts a registered wait once per poll of its task; gives the poll's number, 0 for none.
pub(crate) fn cover(core: usize, mark: Mark, known: u32) -> u32 {
    let mut cover = COVER.get();
    if cover.core != core || cover.mark != mark || cover.round == known {
        return known;
    }
    cover.waits += 1;
    COVER.set(cover);
    cover.round
}

/// Takes back what [`cover`] counted, when the wait is dropped or done within the same poll.
///
/// A number of another thread's poll may agree by chance: then the task enters [`Aborts`] needlessly.
pub(crate) fn uncover(round: u32) {
    let _ = COVER.try_with(|cell| {
        let mut cover = cell.get();
        if round != 0 && cover.round == round {
            cover.waits = cover.waits.saturating_sub(1);
            cell.set(cover);
        }
    });
}
