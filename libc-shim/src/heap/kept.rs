//! Starting the heap anew around the blocks that outlive a program.

use core::ptr;

use super::{ACCOUNT, Account, HEAP, HELD_BLOCK, cost, new, small, system};

/// A block that outlives the program, in a list of such blocks.
#[repr(C)]
pub struct Kept {
    pub next: *mut Kept,
    pub start: *mut u8,
    /// What it was allocated with.
    pub size: usize,
}

/// What the smallest chunk of the heap has, the word before the block included.
const LEAST: usize = 16;
/// Where a block starts in its chunk.
const BLOCK: usize = 8;

/// More blocks than this cannot be.
pub fn most_blocks() -> usize {
    system::end() / LEAST
}

/// Whether a list has no more blocks than there can be, so that it ends.
///
/// # Safety
/// Each of its entries is readable.
unsafe fn ends(mut list: *mut Kept) -> bool {
    let mut left = most_blocks();
    while !list.is_null() && left > 0 {
        // SAFETY: as the caller upholds.
        list = unsafe { (*list).next };
        left -= 1;
    }
    list.is_null()
}

/// Sorts a list by address; its first entry then. `None` when it has no end.
///
/// # Safety
/// Its entries are live.
pub unsafe fn sort(mut list: *mut Kept) -> Option<*mut Kept> {
    // SAFETY: as the caller upholds.
    if !unsafe { ends(list) } {
        return None;
    }
    // The run in place n has 2^n entries, or none.
    let mut runs = [ptr::null_mut::<Kept>(); 28];
    // SAFETY: as the caller upholds; each entry is in one list at a time.
    unsafe {
        while !list.is_null() {
            let mut run = list;
            list = (*run).next;
            (*run).next = ptr::null_mut();
            for place in &mut runs {
                if place.is_null() {
                    *place = run;
                    break;
                }
                run = merge(core::mem::replace(place, ptr::null_mut()), run);
            }
        }
        Some(runs.into_iter().fold(ptr::null_mut(), |all, run| merge(all, run)))
    }
}

/// # Safety
/// The entries of both are live.
unsafe fn merge(mut one: *mut Kept, mut other: *mut Kept) -> *mut Kept {
    let mut first = ptr::null_mut();
    let mut place = &raw mut first;
    // SAFETY: as the caller upholds; `place` is that of the last entry's `next`.
    unsafe {
        while let Some(next) = lower(&mut one, &mut other) {
            *place = next;
            place = &raw mut (*next).next;
        }
    }
    first
}

/// Takes the entry with the lower address off two sorted lists.
///
/// # Safety
/// The entries of both are live.
unsafe fn lower(one: &mut *mut Kept, other: &mut *mut Kept) -> Option<*mut Kept> {
    // SAFETY: as the caller upholds.
    unsafe {
        let from =
            if one.is_null() || !other.is_null() && (**other).start < (**one).start { other } else { one };
        let next = *from;
        if next.is_null() {
            return None;
        }
        *from = (*next).next;
        Some(next)
    }
}

/// Starts the heap anew: the blocks of two sorted lists stay where they are, and all others are gone, whatever state the
/// heap was in. False when that cannot be, since two of them overlap or one lies outside.
///
/// An empty heap gives its memory out from one end to the other. So the blocks that stay are asked for in order, and what
/// lies between them, which is given back in the end.
///
/// # Safety
/// The entries of both lists are live, and nothing but them and their blocks is used again.
pub unsafe fn restart(mut one: *mut Kept, mut other: *mut Kept) -> bool {
    let end = system::end();
    ACCOUNT.set(Account { used: 0, reserve: 0, ..ACCOUNT.get() });
    HELD_BLOCK.set(ptr::null_mut());
    small::forget();
    // SAFETY: one thread. The old heap owns nothing that has to be dropped.
    unsafe { HEAP.as_ptr().write(new()) }
    if end == 0 {
        return one.is_null() && other.is_null();
    }
    system::start_over();
    let mut at = system::base();
    let mut gaps: *mut *mut u8 = ptr::null_mut();
    // SAFETY: as the caller upholds. Until the gaps are given back the heap writes to the words before its blocks only,
    // and to its end, where the old one had its own.
    unsafe {
        let heap = &mut *HEAP.as_ptr();
        let mut next = lower(&mut one, &mut other);
        if next.is_none() {
            // All of the memory becomes the heap's at once.
            let first = heap.c_malloc(1);
            if first.addr() != at + BLOCK {
                return false;
            }
            heap.c_free(first);
        }
        while let Some(kept) = next {
            next = lower(&mut one, &mut other);
            let (start, size) = ((*kept).start, cost((*kept).size));
            let chunk = start.addr().wrapping_sub(BLOCK);
            if chunk < at || chunk % BLOCK != 0 || end.saturating_sub(chunk) < size {
                return false;
            }
            if chunk > at {
                // A block has at least room for the link.
                let gap = heap.c_malloc(chunk - at - size_of::<usize>()).cast::<*mut u8>();
                if gap.addr() != at + BLOCK || chunk - at < LEAST {
                    return false;
                }
                gap.write(gaps.cast());
                gaps = gap;
            }
            // What is too small for a chunk of its own belongs to the one before.
            let behind =
                next.map_or(usize::MAX, |next| (*next).start.addr()).wrapping_sub(BLOCK + chunk + size);
            let whole = if behind > 0 && behind < LEAST { size + behind } else { size };
            if heap.c_malloc(whole - size_of::<usize>()) != start {
                return false;
            }
            at = chunk + whole;
            ACCOUNT.set(Account { used: ACCOUNT.get().used + size, ..ACCOUNT.get() });
        }
        while !gaps.is_null() {
            let gap = gaps;
            gaps = (*gap).cast();
            heap.c_free(gap.cast());
        }
    }
    true
}
