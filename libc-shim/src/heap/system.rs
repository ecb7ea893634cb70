//! Where the heap gets its memory.

use core::ptr;

use dlmalloc::Allocator;

use crate::single::Single;

const PAGE: usize = 64 * 1024;

/// While set, memory is not grown.
static FROZEN: Single<bool> = Single::new(false);

/// Forbids or allows that memory grows.
pub fn freeze(frozen: bool) {
    FROZEN.set(frozen);
}

/// The linear memory: what the linker left behind the data, then new pages. None is ever given back.
pub struct System;

// SAFETY: each region is fresh memory that nobody else uses.
unsafe impl Allocator for System {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        if FROZEN.get() {
            return (ptr::null_mut(), 0, 0);
        }
        let (start, size) = obtain(size);
        (start, size, 0)
    }

    fn remap(&self, _start: *mut u8, _old: usize, _new: usize, _can_move: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _start: *mut u8, _old: usize, _new: usize) -> bool {
        false
    }

    fn free(&self, _start: *mut u8, _size: usize) -> bool {
        false
    }

    fn can_release_part(&self, _flags: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

/// A fresh region of at least `size` bytes and its length; null when there is none.
#[cfg(target_arch = "wasm32")]
fn obtain(size: usize) -> (*mut u8, usize) {
    unsafe extern "C" {
        static __heap_base: u8;
        static __heap_end: u8;
    }
    static REST_USED: Single<bool> = Single::new(false);
    if !REST_USED.get() {
        let rest = (&raw const __heap_end as usize).saturating_sub(&raw const __heap_base as usize);
        if rest >= size {
            REST_USED.set(true);
            return ((&raw const __heap_base).cast_mut(), rest);
        }
    }
    let pages = size.div_ceil(PAGE);
    // The module's maximum keeps memory below 4 GiB, so the end of a region has an address.
    match core::arch::wasm32::memory_grow(0, pages) {
        usize::MAX => (ptr::null_mut(), 0),
        before => ((before * PAGE) as *mut u8, pages * PAGE),
    }
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
