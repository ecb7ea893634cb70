//! Every byte that is allocated: one `dlmalloc`, one account, one limit.
//!
//! Callers name a block's size when they give it back, so the account is exact without a header of its own. A block is
//! charged what `dlmalloc` takes for it, and one that grows for both its sizes until it has, as it may be copied: so a limit
//! bounds the memory the instance really grows by. The heap is used through its C interface: the other one checks each
//! size with an assertion, whose text and path would be in the module.

use core::ptr;

use dlmalloc::Dlmalloc;

use crate::single::Single;

mod buffer;
mod compact;
mod kept;
mod small;
mod system;

pub use buffer::{Buffer, Parts};
pub use compact::compact;
pub use kept::{Kept, most_blocks, restart, sort};
use system::{Offer, System};

/// Bytes beyond the limit that only the host's own steps may use (its buffers, loading a chunk, the result): a script
/// that filled its memory cannot take them, so `return 2+2` still runs.
pub const RESERVE: usize = 32 * 1024;

/// Bytes that are kept allocated for the same purpose, in case the engine refuses to grow memory.
const HELD: usize = 6 * 1024;

static HELD_BLOCK: Single<*mut u8> = Single::new(ptr::null_mut());

/// Bytes by which the end of the heap moves, or a multiple of them: few, as what is left of the last page is taken only in
/// whole steps. A divisor of a page.
const STEP: usize = 256;

/// Blocks from so many bytes on are worth a look at what is free at the heap's end.
const LARGE: usize = 4096;

/// A page of memory.
const PAGE: usize = 64 * 1024;

/// A heap that has no memory yet.
const fn new() -> Dlmalloc<System> {
    let mut heap = Dlmalloc::new_with_allocator(System);
    assert!(heap.set_granularity(STEP));
    heap
}

static HEAP: Single<Dlmalloc<System>> = Single::new(const { new() });
static ACCOUNT: Single<Account> = Single::new(Account { used: 0, peak: 0, limit: usize::MAX, reserve: 0 });

#[derive(Clone, Copy)]
struct Account {
    used: usize,
    peak: usize,
    limit: usize,
    reserve: usize,
}

/// Bytes that blocks take now.
pub fn used() -> usize {
    ACCOUNT.get().used
}

/// The most bytes that blocks ever took.
pub fn peak() -> usize {
    ACCOUNT.get().peak
}

/// Bounds the bytes that blocks may take; `usize::MAX` lifts the limit. What is taken already stays.
pub fn set_limit(bytes: usize) {
    ACCOUNT.set(Account { limit: bytes, ..ACCOUNT.get() });
}

/// Bytes that blocks may still take; `None` where nothing limits them.
pub fn left() -> Option<usize> {
    let account = ACCOUNT.get();
    (account.limit != usize::MAX).then(|| account.limit.saturating_sub(account.used))
}

/// Bounds the pages of 64 KiB that the heap may reach into; those it reaches into already, and those that the module
/// starts with, stay. `usize::MAX` lifts the limit.
pub fn set_page_limit(pages: usize) {
    system::set_limit(pages.saturating_mul(PAGE));
}

/// Whether half of the reserve is in use, or there is no room for the held block.
pub fn reserve_is_low() -> bool {
    let account = ACCOUNT.get();
    account.used > account.limit.saturating_add(RESERVE / 2) || !hold()
}

/// Whether the reserve is open.
pub fn reserve_is_open() -> bool {
    ACCOUNT.get().reserve > 0
}

/// Opens or shuts the reserve beyond the limit (see [`RESERVE`]).
pub fn open_reserve(open: bool) {
    ACCOUNT.set(Account { reserve: if open { RESERVE } else { 0 }, ..ACCOUNT.get() });
    if !open {
        hold();
    }
}

/// Sees to it that the held block is there; false when memory is out.
fn hold() -> bool {
    if HELD_BLOCK.get().is_null() {
        // SAFETY: one thread, so nothing else uses the heap meanwhile.
        HELD_BLOCK.set(unsafe { (*HEAP.as_ptr()).c_malloc(HELD) });
        if HELD_BLOCK.get().is_null() && small::give_back() {
            return hold();
        }
    }
    !HELD_BLOCK.get().is_null()
}

/// Tries `attempt`, and where it finds no memory once more with the held block given up, if the reserve is open. While it
/// is shut nothing is tried unless the block is there, so what the host's steps took is not the script's to keep.
fn obtain(size: usize, attempt: impl Fn(&mut Dlmalloc<System>) -> *mut u8) -> *mut u8 {
    let open = reserve_is_open();
    if !open && !hold() {
        return ptr::null_mut();
    }
    // SAFETY: one thread, so nothing else uses the heap meanwhile; the held block is live until it is freed here.
    unsafe {
        let heap = &mut *HEAP.as_ptr();
        let mut block = attempt_whole(heap, size, &attempt);
        if block.is_null() && small::give_back() {
            block = attempt_whole(heap, size, &attempt);
        }
        if !block.is_null() || !open || HELD_BLOCK.get().is_null() {
            return block;
        }
        heap.c_free(HELD_BLOCK.get());
        HELD_BLOCK.set(ptr::null_mut());
        attempt_whole(heap, size, &attempt)
    }
}

/// As `attempt`, for a block of `size` bytes. Where the heap has no room, it asks for all of a block, however much is free at
/// its end; a large one is taken from there on instead.
fn attempt_whole(
    heap: &mut Dlmalloc<System>,
    size: usize,
    attempt: &impl Fn(&mut Dlmalloc<System>) -> *mut u8,
) -> *mut u8 {
    if size < LARGE || cfg!(not(target_arch = "wasm32")) {
        return attempt(heap);
    }
    if size >= PAGE {
        small::give_back();
    }
    system::freeze(true);
    let block = attempt(heap);
    system::freeze(false);
    if !block.is_null() {
        return block;
    }
    let end = trim(heap, Offer::Borrow);
    let block = attempt(heap);
    system::zero_up_to(end);
    block
}

/// Offers what is free at the heap's end; where that was.
fn trim(heap: &mut Dlmalloc<System>, offer: Offer) -> usize {
    let end = system::end();
    system::offer(offer);
    // SAFETY: one thread, so nothing else uses the heap meanwhile.
    unsafe { heap.trim(0) };
    system::offer(Offer::Refuse);
    end
}

/// What `dlmalloc` takes for a block: a word for its size, multiples of eight, at least sixteen bytes.
fn cost(size: usize) -> usize {
    size.saturating_add(4 + 7).max(16) & !7
}

/// Enters a block that grows from `old` to `new` bytes of cost; false when the limit forbids it.
fn charge(old: usize, new: usize) -> bool {
    let mut account = ACCOUNT.get();
    let Some(used) = (account.used - old).checked_add(new) else { return false };
    if new > old && used > account.limit.saturating_add(account.reserve) {
        return false;
    }
    account.used = used;
    ACCOUNT.set(account);
    true
}

/// Notes the peak; only once a block is really there.
fn note_peak() {
    let account = ACCOUNT.get();
    if account.used > account.peak {
        ACCOUNT.set(Account { peak: account.used, ..account });
    }
}

/// A block of `size` bytes, aligned to 8 on wasm32; null when memory is out or the limit is reached.
pub fn allocate(size: usize) -> *mut u8 {
    #[cfg(feature = "faults")]
    if crate::faults::strikes() {
        return ptr::null_mut();
    }
    let cost = cost(size);
    if !charge(0, cost) {
        return ptr::null_mut();
    }
    // SAFETY: any size may be asked for.
    let block = obtain(size, |heap| unsafe { heap.c_malloc(size) });
    if block.is_null() {
        charge(cost, 0);
    }
    note_peak();
    fill(block, 0, size);
    block
}

/// As [`allocate`], for blocks that come and go by the thousand: one that [`recycle`] kept, where there is one.
pub fn allocate_recycled(size: usize) -> *mut u8 {
    let cost = cost(size);
    if !small::has(cost) {
        return allocate(size);
    }
    #[cfg(feature = "faults")]
    if crate::faults::strikes() {
        return ptr::null_mut();
    }
    if !charge(0, cost) {
        return ptr::null_mut();
    }
    note_peak();
    let block = small::take(cost);
    fill(block, 0, size);
    block
}

/// Resizes a block that [`allocate`] gave for `old` bytes; on null the old block stays as it was.
///
/// # Safety
/// `block` is live, was allocated here with exactly `old` bytes, and is not used again unless null comes back.
pub unsafe fn reallocate(block: *mut u8, old: usize, new: usize) -> *mut u8 {
    #[cfg(feature = "faults")]
    if crate::faults::strikes() {
        return ptr::null_mut();
    }
    let (before, after) = (cost(old), cost(new));
    let resize = |heap: &mut Dlmalloc<System>| {
        // SAFETY: the caller upholds that `block` is live; where no memory is found it stays so.
        unsafe { heap.c_realloc(block, new) }
    };
    if new <= old {
        charge(before, after);
        // SAFETY: one thread. A block that shrinks needs no memory, and Lua relies on that it always can.
        return resize(unsafe { &mut *HEAP.as_ptr() });
    }
    // Whether it really moves must not matter, as that depends on what lies where.
    if !charge(0, after) {
        return ptr::null_mut();
    }
    let moved = obtain(new, resize);
    if moved.is_null() {
        charge(after, 0);
        return moved;
    }
    note_peak();
    charge(before, 0);
    fill(moved, old, new);
    moved
}

/// As [`reallocate`], for blocks as [`allocate_recycled`] gives them: a small one that grows moves, and is kept.
///
/// # Safety
/// As for [`reallocate`].
#[inline(never)]
pub unsafe fn reallocate_recycled(block: *mut u8, old: usize, new: usize) -> *mut u8 {
    // SAFETY: as the caller upholds; what is taken is at least as large, and nobody else's.
    unsafe {
        if new <= old || cost(new) > small::LARGEST {
            return reallocate(block, old, new);
        }
        let moved = allocate_recycled(new);
        if !moved.is_null() {
            moved.copy_from_nonoverlapping(block, old);
            recycle(block, old);
        }
        moved
    }
}

/// Fills the bytes of a new block from `from` on, in the build for tests.
#[inline(always)]
#[cfg_attr(not(feature = "faults"), expect(unused_variables, reason = "nothing is filled"))]
fn fill(block: *mut u8, from: usize, size: usize) {
    // SAFETY: whoever gives a block asked for as many bytes.
    #[cfg(feature = "faults")]
    unsafe {
        crate::faults::fill(block, from, size);
    }
}

/// Gives a block back.
///
/// # Safety
/// `block` is live, was allocated here with exactly `size` bytes, and is not used again.
pub unsafe fn release(block: *mut u8, size: usize) {
    charge(cost(size), 0);
    // SAFETY: as the caller upholds.
    unsafe { (*HEAP.as_ptr()).c_free(block) }
}

/// As [`release`]; a small block is kept for [`allocate_recycled`].
///
/// # Safety
/// As for [`release`].
pub unsafe fn recycle(block: *mut u8, size: usize) {
    let cost = cost(size);
    // SAFETY: as the caller upholds.
    unsafe {
        if small::keep(block, cost) {
            charge(cost, 0);
        } else {
            release(block, size);
        }
    }
}
