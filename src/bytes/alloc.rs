//! Memory that the host owns, and Lua's allocation functions.

use core::ffi::c_int;
use core::mem::size_of;
use core::ptr;
use core::slice;

#[cfg(not(feature = "mini"))]
use libc_shim::filesystem;
use libc_shim::heap::{self, Kept};
use libc_shim::single::Single;

/// Buffers start at multiples of this many bytes.
const ALIGNMENT: usize = 16;

/// Stands before each buffer of the host and links them into a list, which alone tells what is a buffer: no wild
/// pointer ever reaches the heap.
#[repr(C, align(16))]
struct Header {
    /// The next header, and the heap's block, which is aligned to 8 only.
    kept: Kept,
    /// What the host asked for.
    len: usize,
}

/// The buffers that the host holds, the newest first.
static FIRST: Single<*mut Kept> = Single::new(ptr::null_mut());

const fn block_size(len: usize) -> Option<usize> {
    len.checked_add(size_of::<Header>() + ALIGNMENT)
}

/// A buffer of `len` bytes for the host, aligned to 16; null when memory is out or the limit is reached.
pub fn give(len: usize) -> *mut u8 {
    let Some(size) = block_size(len) else { return ptr::null_mut() };
    heap::open_reserve(true);
    let block = heap::allocate(size);
    heap::open_reserve(false);
    if block.is_null() {
        return ptr::null_mut();
    }
    let header = block.wrapping_add(block.align_offset(ALIGNMENT)).cast::<Header>();
    // SAFETY: the block has room for the alignment, the header and `len` bytes.
    unsafe {
        header.write(Header { kept: Kept { next: FIRST.get(), start: block, size }, len });
        FIRST.set(header.cast());
        header.add(1).cast()
    }
}

/// Takes a buffer back; does nothing when `ptr` and `len` do not name one that [`give`] gave.
pub fn take(ptr: usize, len: usize) {
    let mut place = FIRST.as_ptr();
    // SAFETY: the list holds live headers only; the one found is taken off it before its block is released.
    unsafe {
        while !(*place).is_null() && (*place).cast::<Header>().add(1) as usize != ptr {
            place = &raw mut (**place).next;
        }
        let header = (*place).cast::<Header>();
        if header.is_null() || (*header).len != len {
            return;
        }
        *place = (*header).kept.next;
        heap::release((*header).kept.start, (*header).kept.size);
    }
}

/// Starts the heap anew, with the host's buffers and the files where they are; everything else is gone. False when memory is
/// too broken for that.
pub fn restart() -> bool {
    // SAFETY: the lists hold live headers and nodes only.
    unsafe {
        let Some(buffers) = heap::sort(FIRST.get()) else { return false };
        #[cfg(not(feature = "mini"))]
        let Some(files) = filesystem::keep().and_then(|files| heap::sort(files)) else { return false };
        #[cfg(feature = "mini")]
        let files = ptr::null_mut();
        FIRST.set(buffers);
        heap::restart(buffers, files)
    }
}

/// The bytes from `ptr` on, when they lie within memory. Null is allowed only for no bytes at all.
pub fn region(ptr: usize, len: usize) -> Option<&'static [u8]> {
    let end = ptr.checked_add(len)?;
    if len == 0 {
        return Some(&[]);
    }
    if ptr == 0 || end > memory_size() {
        return None;
    }
    // SAFETY: the range lies within memory; callers only read it, before anything else can write there.
    Some(unsafe { slice::from_raw_parts(ptr as *const u8, len) })
}

#[cfg(target_arch = "wasm32")]
fn memory_size() -> usize {
    core::arch::wasm32::memory_size(0) << 16
}

/// The crate is linked for WebAssembly only; this lets editors check it on the host.
#[cfg(not(target_arch = "wasm32"))]
fn memory_size() -> usize {
    0
}

/// Opens or shuts the reserve beyond the limit; whether it was open.
#[unsafe(no_mangle)]
extern "C" fn moonlet_open_reserve(open: c_int) -> c_int {
    let was_open = heap::reserve_is_open();
    heap::open_reserve(open != 0);
    c_int::from(was_open)
}

/// Lua's `malloc` (see lua_user.h).
#[unsafe(no_mangle)]
extern "C" fn moonlet_allocate(size: usize) -> *mut u8 {
    heap::allocate_recycled(size)
}

/// Lua's `realloc` (see lua_user.h). `old_size` means something only where there is a block.
///
/// # Safety
/// `block` is null, or live and of `old_size` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_reallocate(block: *mut u8, old_size: usize, new_size: usize) -> *mut u8 {
    if block.is_null() {
        return heap::allocate_recycled(new_size);
    }
    // SAFETY: as the caller upholds.
    unsafe { heap::reallocate_recycled(block, old_size, new_size) }
}

/// Lua's `free` (see lua_user.h).
///
/// # Safety
/// `block` is null, or live, of `size` bytes, and not used again.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_release(block: *mut u8, size: usize) {
    if !block.is_null() {
        // SAFETY: as the caller upholds.
        unsafe { heap::recycle(block, size) }
    }
}

/// Bytes that blocks take now (see lua_user.h).
#[unsafe(no_mangle)]
extern "C" fn moonlet_heap_used() -> usize {
    heap::used()
}
