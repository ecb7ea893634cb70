//! The functions for blocks of memory, whose length is known.
//!
//! Copying and filling long blocks is left to the instructions memory.copy and memory.fill; for short ones an engine's
//! call into its own copy routine costs more than the copy, so these are done here with one or two words.

use core::ffi::{c_int, c_void};

type Word = u64;
const WORD: usize = size_of::<Word>();

/// A word with every byte 1.
const ONES: Word = Word::MAX / 255;
/// A word with the top bit of every byte.
const TOPS: Word = ONES << 7;

/// C11 7.24.2.1: copies `size` bytes, and gives `to` back.
///
/// # Safety
///
/// The blocks have `size` bytes and do not overlap.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn memcpy(to: *mut c_void, from: *const c_void, size: usize) -> *mut c_void {
    // SAFETY: a copy that may overlap does this too.
    unsafe { memmove(to, from, size) }
}

/// C11 7.24.2.2: copies `size` bytes as if through a third place, and gives `to` back.
///
/// # Safety
///
/// The blocks have `size` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn memmove(to: *mut c_void, from: *const c_void, size: usize) -> *mut c_void {
    let (target, source) = (to.cast::<u8>(), from.cast::<u8>());
    // SAFETY: each word lies within the blocks. In each case everything is read before anything is written.
    unsafe {
        if size > 2 * WORD {
            target.copy_from(source, size);
        } else if size >= WORD {
            copy_ends::<u64>(target, source, size);
        } else if size >= 4 {
            copy_ends::<u32>(target, source, size);
        } else if size >= 2 {
            copy_ends::<u16>(target, source, size);
        } else if size == 1 {
            target.write(source.read());
        }
    }
    to
}

/// Copies the first and the last `T`, which together are all of the block and may overlap.
///
/// # Safety
///
/// Both blocks have `size` bytes, which is at least one and at most two `T`.
unsafe fn copy_ends<T: Copy>(to: *mut u8, from: *const u8, size: usize) {
    let last = size - size_of::<T>();
    // SAFETY: both places are within the blocks.
    unsafe {
        let first_part = from.cast::<T>().read_unaligned();
        let last_part = from.add(last).cast::<T>().read_unaligned();
        to.cast::<T>().write_unaligned(first_part);
        to.add(last).cast::<T>().write_unaligned(last_part);
    }
}

/// C11 7.24.6.1: sets `size` bytes to the lowest byte of `c`, and gives `block` back.
///
/// # Safety
///
/// The block has `size` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn memset(block: *mut c_void, c: c_int, size: usize) -> *mut c_void {
    let to = block.cast::<u8>();
    let word = ONES * Word::from(c as u8);
    // SAFETY: everything written lies within the block.
    unsafe {
        if size > 2 * WORD {
            to.write_bytes(c as u8, size);
        } else if size >= WORD {
            to.cast::<u64>().write_unaligned(word);
            to.add(size - WORD).cast::<u64>().write_unaligned(word);
        } else if size >= 4 {
            to.cast::<u32>().write_unaligned(word as u32);
            to.add(size - 4).cast::<u32>().write_unaligned(word as u32);
        } else if size >= 1 {
            // One to three bytes: the first, the middle and the last.
            to.write(c as u8);
            to.add(size / 2).write(c as u8);
            to.add(size - 1).write(c as u8);
        }
    }
    block
}

/// C11 7.24.4.1: the order of the first bytes that differ, as a negative number, 0 or a positive one.
///
/// # Safety
///
/// Both blocks have `size` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
#[inline(never)]
pub unsafe extern "C" fn memcmp(a: *const c_void, b: *const c_void, size: usize) -> c_int {
    let (a, b) = (a.cast::<u8>(), b.cast::<u8>());
    // SAFETY: each word lies within both blocks, the last one over the one before it.
    unsafe {
        if size < WORD {
            return compare(short_block(a, size), short_block(b, size));
        }
        let word = |block: *const u8, at| block.add(at).cast::<Word>().read_unaligned();
        let last = size - WORD;
        let mut at = 0;
        while at < last && word(a, at) == word(b, at) {
            at += WORD;
        }
        at = at.min(last);
        compare(word(a, at), word(b, at))
    }
}

/// The order of two words by the first byte that differs, as a negative number, 0 or a positive one.
fn compare(a: Word, b: Word) -> c_int {
    let (a, b) = (a.to_le(), b.to_le());
    if a == b {
        return 0;
    }
    let place = (a ^ b).trailing_zeros() & !7;
    c_int::from((a >> place) as u8) - c_int::from((b >> place) as u8)
}

/// A word that holds all of a block that is shorter, and the same places of each block of that size.
///
/// # Safety
///
/// The block has `size` bytes.
unsafe fn short_block(block: *const u8, size: usize) -> Word {
    // SAFETY: both ends, and each byte, lie within the block.
    unsafe {
        if size >= 4 {
            ends::<u32>(block, size)
        } else if size >= 2 {
            ends::<u16>(block, size)
        } else if size == 1 {
            Word::from(block.read())
        } else {
            0
        }
    }
}

/// The first and the last `T`, which together are all of the block and may overlap, in the order of memory.
///
/// # Safety
///
/// The block has `size` bytes, which is at least one and at most two `T`.
unsafe fn ends<T: Into<Word>>(block: *const u8, size: usize) -> Word {
    let bits = 8 * size_of::<T>();
    // SAFETY: both places are within the block.
    unsafe {
        let first: Word = block.cast::<T>().read_unaligned().into();
        let last: Word = block.add(size - size_of::<T>()).cast::<T>().read_unaligned().into();
        if cfg!(target_endian = "little") { first | last << bits } else { last | first << bits }
    }
}

/// C11 7.24.5.1: the first such byte, or null. Nothing behind it is looked at.
///
/// # Safety
///
/// The block has `size` bytes, or the byte.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn memchr(block: *const c_void, c: c_int, size: usize) -> *mut c_void {
    // SAFETY: as the caller promises.
    match unsafe { find(block.cast(), c as u8, size) } {
        Some(found) => found.cast_mut().cast(),
        None => core::ptr::null_mut(),
    }
}

/// The first such byte among at most `size`.
///
/// # Safety
///
/// The block has `size` bytes, or the byte.
#[inline]
pub unsafe fn find(block: *const u8, wanted: u8, size: usize) -> Option<*const u8> {
    let pattern = ONES * Word::from(wanted);
    let mut at = block;
    let mut left = size;
    loop {
        // A word that is aligned never reaches into a page, or behind the end of memory, where its first byte does not.
        while left >= WORD && at.addr().is_multiple_of(WORD) {
            // SAFETY: the first byte may be looked at, so the word is in memory.
            let word = unsafe { at.cast::<Word>().read() } ^ pattern;
            // A byte that is zero borrows into its top bit.
            if word.wrapping_sub(ONES) & !word & TOPS != 0 {
                break;
            }
            at = at.wrapping_add(WORD);
            left -= WORD;
        }
        // SAFETY: the block has this byte, for neither the end nor the wanted byte came before.
        if left == 0 {
            return None;
        }
        // SAFETY: as just said.
        if unsafe { at.read() } == wanted {
            return Some(at);
        }
        at = at.wrapping_add(1);
        left -= 1;
    }
}
