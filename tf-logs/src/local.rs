//! What each thread keeps from event to event.

use std::cell::RefCell;
use std::sync::Arc;
use std::thread;

use tracing_core::Metadata;

use crate::clock::Clock;
use crate::engine::{Engine, address};
use crate::fixed;
use crate::line::Line;
use crate::nest::Fixed;
use crate::plan::Plan;
use crate::span::Pieces;

/// Buffers and memories of one thread.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) line: Line,
    pub(crate) clock: Clock,
    pub(crate) plans: Plans,
    pub(crate) thread: Thread,
    pub(crate) pool: Pool,
}

thread_local! {
    static LOCAL: RefCell<Local> = const { RefCell::new(Local::new()) };
}

/// Calls `f` with what this thread keeps, or with fresh things while that is in use or no longer there.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(&mut Local) -> R) -> R {
    let mut f = Some(f);
    let done = LOCAL.try_with(|local| match (local.try_borrow_mut(), f.take()) {
        (Ok(mut local), Some(f)) => Ok(f(&mut local)),
        (_, f) => Err(f),
    });
    match done {
        Ok(Ok(result)) => result,
        Ok(Err(f)) => f.expect("it was not called")(&mut Local::new()),
        Err(_) => f.expect("it was not called")(&mut Local::at_the_end()),
    }
}

impl Local {
    const fn new() -> Self {
        Self {
            line: Line::new(),
            clock: Clock::new(),
            plans: Plans::new(),
            thread: Thread {
                engine: 0,
                fixed: Fixed::new(),
                is_ending: false,
            },
            pool: Pool(Vec::new()),
        }
    }

    /// For a thread that has begun to destroy what is local to it.
    #[cold]
    fn at_the_end() -> Self {
        let mut local = Self::new();
        local.thread.is_ending = true;
        local
    }
}

/// Who this thread is.
#[derive(Debug)]
pub(crate) struct Thread {
    engine: u64,
    fixed: Fixed,
    /// Then its handle may be gone too.
    is_ending: bool,
}

impl Thread {
    #[inline]
    pub(crate) fn fixed(&mut self, engine: &Engine) -> &Fixed {
        if self.engine != engine.id {
            self.describe(engine);
        }
        &self.fixed
    }

    #[cold]
    fn describe(&mut self, engine: &Engine) {
        self.engine = engine.id;
        if self.is_ending {
            self.fixed = fixed::thread(engine.names, engine.pid, None, None);
            return;
        }
        let thread = thread::current();
        let id: String = format!("{:?}", thread.id())
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        self.fixed = fixed::thread(engine.names, engine.pid, thread.name(), Some(&id));
    }
}

/// The plans that this thread has used, by open addressing.
#[derive(Debug)]
pub(crate) struct Plans {
    /// A power of two of them, at most half of them full.
    slots: Vec<Option<Used>>,
    count: usize,
}

#[derive(Debug)]
struct Used {
    address: usize,
    engine: u64,
    plan: Arc<Plan>,
}

impl Plans {
    const fn new() -> Self {
        Self {
            slots: Vec::new(),
            count: 0,
        }
    }

    #[inline]
    pub(crate) fn find(
        &mut self,
        engine: &Engine,
        metadata: &'static Metadata<'static>,
    ) -> &Arc<Plan> {
        let address = address(metadata);
        let mut at = Self::start(address, engine.id);
        loop {
            // There is always an empty slot behind the full ones, or no slot at all.
            let index = at & self.slots.len().wrapping_sub(1);
            match self.slots.get(index) {
                Some(Some(used)) if used.address == address && used.engine == engine.id => {
                    break at = index;
                }
                Some(Some(_)) => at = index + 1,
                _ => break at = self.insert(engine, metadata),
            }
        }
        &self.slots[at].as_ref().expect("the slot is full").plan
    }

    #[inline]
    fn start(address: usize, engine: u64) -> usize {
        let mixed = (address as u64 ^ engine << 48).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as usize
    }

    #[cold]
    fn insert(&mut self, engine: &Engine, metadata: &'static Metadata<'static>) -> usize {
        if (self.count + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let used = Used {
            address: address(metadata),
            engine: engine.id,
            plan: engine.plan(metadata),
        };
        self.place(used)
    }

    fn place(&mut self, used: Used) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = Self::start(used.address, used.engine) & mask;
        while self.slots[at].is_some() {
            at = (at + 1) & mask;
        }
        self.slots[at] = Some(used);
        self.count += 1;
        at
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        // A plan that nobody else holds belongs to logs that are gone.
        let live: Vec<Used> = old
            .into_iter()
            .flatten()
            .filter(|used| Arc::strong_count(&used.plan) > 1)
            .collect();
        let size = ((live.len() + 1) * 4).next_power_of_two().max(64);
        self.slots.resize_with(size, || None);
        self.count = 0;
        for used in live {
            self.place(used);
        }
    }
}

/// Buffers for the fields of spans to come.
#[derive(Debug)]
pub(crate) struct Pool(Vec<Pieces>);

impl Pool {
    const LENGTH: usize = 64;
    const CAPACITY: usize = 4096;

    #[inline]
    pub(crate) fn take(&mut self, limit: usize) -> Pieces {
        let mut pieces = self.0.pop().unwrap_or_default();
        pieces.clear(limit);
        pieces
    }

    #[inline]
    pub(crate) fn give(&mut self, pieces: Pieces) {
        if self.0.len() < Self::LENGTH && pieces.capacity() <= Self::CAPACITY {
            self.0.push(pieces);
        }
    }
}
