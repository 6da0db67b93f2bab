use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

static ENABLED: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static HELD: AtomicUsize = AtomicUsize::new(0);

/// Heap requests seen by [`Counting`]; a reallocation counts as one request of the new size.
#[derive(Clone, Copy, Debug)]
pub struct Allocations {
    /// Number of requests.
    pub count: u64,
    /// Sum of the requested sizes.
    pub bytes: u64,
}

impl Allocations {
    /// Runs `work` and counts what all threads request meanwhile.
    pub fn during(work: impl FnOnce()) -> Self {
        COUNT.store(0, Relaxed);
        BYTES.store(0, Relaxed);
        HELD.store(0, Relaxed);
        ENABLED.store(true, Relaxed);
        work();
        ENABLED.store(false, Relaxed);
        Self {
            count: COUNT.load(Relaxed),
            bytes: BYTES.load(Relaxed),
        }
    }

    /// Bytes requested and not given back since the work of [`Allocations::during`] began.
    pub fn held() -> usize {
        HELD.load(Relaxed)
    }
}

/// The system allocator with a counter in front, to be installed by `#[global_allocator]`.
///
/// It is idle but for one test of a flag outside [`Allocations::during`], so that instruction
/// counts taken in the same binary stay honest.
#[derive(Clone, Copy, Debug)]
pub struct Counting;

#[inline]
fn note(bytes: usize) {
    if ENABLED.load(Relaxed) {
        COUNT.fetch_add(1, Relaxed);
        BYTES.fetch_add(bytes as u64, Relaxed);
        HELD.fetch_add(bytes, Relaxed);
    }
}

#[inline]
fn note_end(bytes: usize) {
    if ENABLED.load(Relaxed) {
        HELD.fetch_sub(bytes, Relaxed);
    }
}

#[expect(unsafe_code, reason = "GlobalAlloc is an unsafe trait")]
// SAFETY: every call is handed to the system allocator with the caller's own arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        note_end(layout.size());
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note_end(layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }
}
