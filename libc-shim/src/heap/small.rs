//! Small blocks that were given back, kept for whoever asks for as many bytes next: most objects of a script are made and dropped at the same pace.

use core::mem::size_of;
use core::ptr;

use super::HEAP;
use crate::single::Single;

/// Blocks are kept that take so many bytes of the heap at most.
pub const LARGEST: usize = 104;

/// So many of each size are kept at most: the heap can join none of them with its neighbours.
const MOST: u32 = 1024;

/// What stands in a block that is kept.
struct Free {
    next: *mut Self,
    /// Blocks in the list from here on.
    count: u32,
}

const _: () =
    assert!(size_of::<Free>() <= 16 - 4 || cfg!(not(target_arch = "wasm32")), "the smallest block has room");

/// By size, in multiples of eight.
static LISTS: Single<[*mut Free; LARGEST / 8 + 1]> = Single::new([ptr::null_mut(); LARGEST / 8 + 1]);

/// The list of blocks that take `cost` bytes; `None` where they are too large.
#[inline(always)]
fn list(cost: usize) -> Option<&'static mut *mut Free> {
    // SAFETY: one thread, and nobody keeps the reference beyond the next step.
    unsafe { (*LISTS.as_ptr()).get_mut(cost / 8) }
}

/// Whether there is a block that takes `cost` bytes.
#[inline(always)]
pub fn has(cost: usize) -> bool {
    list(cost).is_some_and(|list| !list.is_null())
}

/// A kept block that takes `cost` bytes; null where there is none.
#[inline(always)]
pub fn take(cost: usize) -> *mut u8 {
    let Some(list) = list(cost) else { return ptr::null_mut() };
    let block = *list;
    if !block.is_null() {
        // SAFETY: what is in a list is one of its entries.
        *list = unsafe { (*block).next };
    }
    block.cast()
}

/// Keeps a block that takes `cost` bytes; whether there is room for it.
///
/// # Safety
/// `block` is live, takes as much, and is not used again unless it is not kept.
#[inline(always)]
pub unsafe fn keep(block: *mut u8, cost: usize) -> bool {
    let Some(list) = list(cost) else { return false };
    let next = *list;
    // SAFETY: what is in a list is one of its entries; the block has room for one.
    unsafe {
        let count = if next.is_null() { 1 } else { (*next).count + 1 };
        if count > MOST {
            return false;
        }
        let block = block.cast::<Free>();
        block.write(Free { next, count });
        *list = block;
    }
    true
}

/// Gives all of them back to the heap; whether there were any.
#[cold]
pub fn give_back() -> bool {
    let mut any = false;
    // SAFETY: one thread; the lists hold live blocks of the heap, each once.
    unsafe {
        for list in &mut *LISTS.as_ptr() {
            while !list.is_null() {
                let block = *list;
                *list = (*block).next;
                (*HEAP.as_ptr()).c_free(block.cast());
                any = true;
            }
        }
    }
    any
}

/// Forgets them: the heap starts anew.
pub fn forget() {
    LISTS.set([ptr::null_mut(); LARGEST / 8 + 1]);
}
