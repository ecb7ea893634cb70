//! What is free goes back, or is zeroed, so that a copy of memory holds no more than it must.

use core::mem::size_of;
use core::ptr;

use dlmalloc::Dlmalloc;

use super::system::{self, Offer, System};
use super::{HEAP, HELD, HELD_BLOCK, PAGE, hold, small, trim};

/// Gives back what is free at the heap's end, and zeroes every other free byte but for the heap's own words.
pub fn compact() {
    small::give_back();
    // SAFETY: one thread, so nothing else uses the heap meanwhile; the held block is live until it is freed here, and
    // holds nothing.
    unsafe {
        let heap = &mut *HEAP.as_ptr();
        let held = HELD_BLOCK.get();
        if !held.is_null() {
            // It may lie beyond all others.
            heap.c_free(held);
            HELD_BLOCK.set(ptr::null_mut());
        }
        trim(heap, Offer::Take);
        if !held.is_null() && hold() {
            HELD_BLOCK.get().write_bytes(0, HELD);
        }
    }
    zero_free();
}

/// Takes all free memory, zeroes it and gives it back.
///
/// No block can be taken from the last 8 or 16 bytes of the last chunk, nor from `dlmalloc`'s own last words, of which it uses the
/// second. Where that chunk starts only a block tells that ends there. So one more is asked for when all others are
/// taken, which raises the end.
fn zero_free() {
    // SAFETY: one thread, so nothing else uses the heap meanwhile; blocks are linked through their first bytes.
    unsafe {
        let heap = &mut *HEAP.as_ptr();
        let mut taken = ptr::null_mut();
        take_all(heap, &mut taken);
        let raised = take(heap, 1, &mut taken);
        let last = take_all(heap, &mut taken);
        if raised != 0 {
            system::zero_last(raised.max(last));
        }
        while !taken.is_null() {
            let next = *taken;
            *taken = ptr::null_mut();
            heap.c_free(taken.cast());
            taken = next.cast();
        }
    }
}

/// Takes every block that there is, the largest first, without raising the heap's end; where the bytes of the chunk behind the
/// last of them start, or 0. A chunk of pages is taken whole: the end of a block within it would leave the heap's words there.
///
/// # Safety
/// One thread. `taken` lists blocks of the heap, each of which holds the address of the next.
unsafe fn take_all(heap: &mut Dlmalloc<System>, taken: &mut *mut *mut u8) -> usize {
    let mut last = 0;
    system::freeze(true);
    loop {
        // SAFETY: as the caller upholds.
        let behind = unsafe {
            let size = largest(heap);
            if size < PAGE { 0 } else { take(heap, size, taken) }
        };
        if behind == 0 {
            break;
        }
        last = last.max(behind);
    }
    for size in (4..17).rev().map(|bits| 1usize << bits).chain([12]) {
        loop {
            // SAFETY: as the caller upholds.
            let behind = unsafe { take(heap, size, taken) };
            if behind == 0 {
                break;
            }
            last = last.max(behind);
        }
    }
    system::freeze(false);
    last
}

/// The size of the largest block that there is, in multiples of 8.
///
/// # Safety
/// One thread.
unsafe fn largest(heap: &mut Dlmalloc<System>) -> usize {
    let mut size = 0;
    for bit in (3..31).rev().map(|bits| 1usize << bits) {
        // SAFETY: as the caller upholds; a block is given back at once.
        unsafe {
            let block = heap.c_malloc(size | bit);
            if !block.is_null() {
                heap.c_free(block);
                size |= bit;
            }
        }
    }
    size
}

/// Takes a zeroed block of at least `size` bytes; where the bytes of the chunk behind it start, or 0 when there is none.
///
/// # Safety
/// As for [`take_all`].
unsafe fn take(heap: &mut Dlmalloc<System>, size: usize, taken: &mut *mut *mut u8) -> usize {
    // SAFETY: as the caller upholds; a block has room for an address.
    unsafe {
        let block = heap.c_malloc(size);
        if block.is_null() {
            return 0;
        }
        ptr::write_bytes(block, 0, capacity(block));
        block.cast::<*mut u8>().write((*taken).cast());
        *taken = block.cast();
        block.addr() + capacity(block) + size_of::<usize>()
    }
}

/// What a block holds, which can be more than it was asked for: its size stands in the word before it, with three flags,
/// and includes that word.
///
/// # Safety
/// `block` is live and came from the heap.
unsafe fn capacity(block: *mut u8) -> usize {
    // SAFETY: as the caller upholds.
    unsafe { (*block.cast::<usize>().sub(1) & !7) - size_of::<usize>() }
}
