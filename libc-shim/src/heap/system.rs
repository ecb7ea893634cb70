//! Where the heap gets its memory: one region from the end of the data on, whose end moves.
//!
//! Beyond that end every byte is zero, and memory may have any size: what the engine gave stays, also when the heap
//! needs it no longer, and a copy of the instance may stand in a larger memory.

use core::ptr;

use dlmalloc::Allocator;

use crate::single::Single;

const PAGE: usize = 64 * 1024;

/// What becomes of free memory at the end, when the heap offers it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// It stays the heap's.
    Refuse,
    /// The end is lowered, for a moment: the heap asks for more than that next.
    Borrow,
    /// The end is lowered, and what lies beyond is zeroed.
    Take,
}

static OFFER: Single<Offer> = Single::new(Offer::Refuse);

/// While set, the end is not raised.
static FROZEN: Single<bool> = Single::new(false);

/// Where the heap's memory ends; 0 before there is any.
static END: Single<usize> = Single::new(0);

/// The end is raised beyond neither this nor the memory that the module starts with, except within its page.
static LIMIT: Single<usize> = Single::new(usize::MAX);

/// What the next region has at least.
static LEAST: Single<usize> = Single::new(0);

/// Forbids or allows that the end is raised.
pub fn freeze(frozen: bool) {
    FROZEN.set(frozen);
}

/// Says what becomes of free memory at the end from now on.
pub fn offer(offer: Offer) {
    OFFER.set(offer);
}

/// Where the heap's memory ends; 0 before there is any.
pub fn end() -> usize {
    END.get()
}

/// Bounds the end; what lies beyond already stays.
pub fn set_limit(bytes: usize) {
    LIMIT.set(bytes);
}

/// Lets the whole region be handed out once more, to a heap that starts anew.
pub fn start_over() {
    LEAST.set(END.get().saturating_sub(base()));
    END.set(0);
}

/// Zeroes what lies between the end and `from`, where the end was before.
pub fn zero_up_to(from: usize) {
    let from = from.min(there());
    if from > END.get() {
        // SAFETY: memory beyond the end is nobody's, and reached up to there.
        unsafe { ptr::with_exposed_provenance_mut::<u8>(END.get()).write_bytes(0, from - END.get()) }
    }
}

/// What `dlmalloc` keeps at the end of its memory on wasm32.
const FOOT: usize = 40;

/// Zeroes the bytes of the last chunk, which starts there, and the words at the end that are not in use.
pub fn zero_last(start: usize) {
    let end = END.get();
    if cfg!(not(target_arch = "wasm32")) || end == 0 {
        return;
    }
    let foot = end - FOOT;
    // The last words are not in memory where a restore left out the page that they alone reach into.
    let words = end.min(there()).saturating_sub(foot + 8);
    // SAFETY: what lies there is free, but for the second word of the foot.
    unsafe {
        if start < foot {
            ptr::with_exposed_provenance_mut::<u8>(start).write_bytes(0, foot - start);
        }
        ptr::with_exposed_provenance_mut::<u8>(foot + 8).write_bytes(0, words);
    }
}

/// The linear memory behind the data.
pub struct System;

// SAFETY: each region is memory that nobody else uses.
unsafe impl Allocator for System {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        if FROZEN.get() {
            return (ptr::null_mut(), 0, 0);
        }
        let (start, size) = obtain(size.max(LEAST.get()));
        LEAST.set(0);
        (start, size, 0)
    }

    fn remap(&self, _start: *mut u8, _old: usize, _new: usize, _can_move: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, start: *mut u8, old: usize, new: usize) -> bool {
        END.set(start.addr() + new);
        if OFFER.get() == Offer::Take {
            zero_up_to(start.addr() + old);
        }
        true
    }

    fn free(&self, _start: *mut u8, _size: usize) -> bool {
        false
    }

    fn can_release_part(&self, _flags: u32) -> bool {
        cfg!(target_arch = "wasm32") && OFFER.get() != Offer::Refuse
    }

    fn allocates_zeros(&self) -> bool {
        false
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

#[cfg(target_arch = "wasm32")]
unsafe extern "C" {
    static __heap_base: u8;
    static __heap_end: u8;
}

/// Where the heap's memory starts.
#[cfg(target_arch = "wasm32")]
pub fn base() -> usize {
    (&raw const __heap_base).addr()
}

/// For the tests of the shim, whose regions lie anywhere.
#[cfg(not(target_arch = "wasm32"))]
pub fn base() -> usize {
    0
}

/// Where memory ends.
#[cfg(target_arch = "wasm32")]
fn there() -> usize {
    core::arch::wasm32::memory_size(0) * PAGE
}

/// For the tests of the shim.
#[cfg(not(target_arch = "wasm32"))]
fn there() -> usize {
    usize::MAX
}

/// The next `size` bytes, and their number; null when there are none.
#[cfg(target_arch = "wasm32")]
fn obtain(size: usize) -> (*mut u8, usize) {
    const NOTHING: (*mut u8, usize) = (ptr::null_mut(), 0);
    let start = END.get().max(base());
    // dlmalloc's last words never reach into a page alone: a copy of memory may leave out a page that is all zeros.
    let Some(end) = start.checked_add(size).and_then(|end| end.checked_next_multiple_of(super::STEP)) else {
        return NOTHING;
    };
    let size = end - start;
    // The page that the end lies in is there already.
    let most = LIMIT.get().max((&raw const __heap_end).addr()).max(start.next_multiple_of(PAGE));
    if size > LEAST.get() && end > most {
        return NOTHING;
    }
    let missing = end.saturating_sub(there()).div_ceil(PAGE);
    if missing > 0 && core::arch::wasm32::memory_grow(0, missing) == usize::MAX {
        return NOTHING;
    }
    END.set(end);
    (ptr::with_exposed_provenance_mut(start), size)
}

/// For the tests of the shim, which run on the host.
#[cfg(not(target_arch = "wasm32"))]
fn obtain(size: usize) -> (*mut u8, usize) {
    unsafe extern "C" {
        fn calloc(count: usize, size: usize) -> *mut u8;
    }
    let size = size.next_multiple_of(PAGE);
    // SAFETY: the host's C library gives zeroed memory, or null.
    (unsafe { calloc(1, size) }, size)
}
