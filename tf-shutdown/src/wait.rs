//! The lists of those who wait: for a state, and for the abort.

use std::cell::Cell;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::sync::Notify;

use crate::core::Core;
use crate::slab::Slab;
use crate::token::Target;

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
    vtable: NonZeroUsize,
}

impl Mark {
    pub(crate) const NOBODY: Self = Self {
        data: 0,
        vtable: NonZeroUsize::MIN,
    };

    pub(crate) fn of(waker: &Waker) -> Self {
        Self {
            data: waker.data().addr(),
            vtable: NonNull::from(waker.vtable()).addr(),
        }
    }

    /// Tasks in the same mebibyte share a list, so that firing a list walks through memory in order:
    /// with lists mixed within a page a million tasks took twice as long to wake.
    fn shard(self) -> usize {
        (self.data >> 20) % SHARDS
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
pub(crate) struct Ticket(NonZeroU32);

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
        let Some(places) = list.as_mut() else {
            drop(list);
            return None;
        };
        let ticket = places.insert(waker) * SHARDS as u32 + shard as u32;
        Some(Ticket(NonZeroU32::MIN.saturating_add(ticket)))
    }

    pub(crate) fn leave(&self, Ticket(ticket): Ticket) {
        let ticket = ticket.get() - 1;
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
    /// The poll of a spawned task that this thread is in.
    static WATCHED: Cell<Watched> = const {
        Cell::new(Watched { core: 0, mark: Mark::NOBODY, is_covered: false })
    };
}

#[derive(Clone, Copy, Debug)]
struct Watched {
    core: usize,
    mark: Mark,
    is_covered: bool,
}

/// Watches one poll of a spawned task for a wait for the stop, which saves the task its place in [`Aborts`]: of a
/// million tasks that wait for the stop none takes one.
///
/// Such a wait is as good as a place. It is in a list with the waker of the task, so the stop wakes the task; the stop
/// comes before the abort; and a task that is polled after the stop is not watched, but enters `Aborts`, which
/// refuses it once they have been fired. So a task may be called covered only if the wait is in the list when
/// its poll ends and the stop had not begun even then. All else is on the safe side: whatever might have undone the cover, such
/// as any wait that is dropped or given to another waker, takes it back, and the task enters `Aborts` needlessly.
///
/// Not seen is a wait that is taken out of a task while the task itself is not polled, for which two tasks must
/// share it behind a lock: then the first one is dropped when something else wakes it.
#[derive(Debug)]
pub(crate) struct Watch {
    outer: Watched,
}

impl Watch {
    pub(crate) fn begin(core: &Core, waker: &Waker) -> Self {
        let outer = WATCHED.replace(Watched {
            core: address(core),
            mark: Mark::of(waker),
            is_covered: false,
        });
        Self { outer }
    }

    /// Whether a wait for the stop of `core` will wake the task.
    pub(crate) fn end(self, core: &Core) -> bool {
        let is_covered = WATCHED.replace(self.outer).is_covered;
        is_covered && !core.has(Target::STOP)
    }
}

/// Says that a wait for the stop is in the list, and stays there while it is not dropped or polled otherwise.
pub(crate) fn cover(core: &Core, mark: Mark) {
    let mut watched = WATCHED.get();
    watched.is_covered = watched.core == address(core) && watched.mark == mark;
    WATCHED.set(watched);
}

/// Says that a wait left its list.
pub(crate) fn uncover() {
    let mut watched = WATCHED.get();
    watched.is_covered = false;
    WATCHED.set(watched);
}

fn address(core: &Core) -> usize {
    std::ptr::from_ref(core).addr()
}
