//! Input.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::{FILE, contents, flush, input, reads_input, take_input};
use crate::errno::{self, EBADF};

/// What `getc` and `ungetc` answer where there is no byte.
pub const EOF: c_int = -1;

/// Copies up to `wanted` bytes to `buffer` and tells how many; sets the end flag when there were fewer.
///
/// # Safety
/// `stream` is open and `buffer` holds `wanted` bytes outside the stream's own.
unsafe fn read(stream: *mut FILE, buffer: *mut u8, wanted: usize) -> usize {
    // SAFETY: as the caller upholds; the copied range lies within the file's bytes.
    unsafe {
        if !(*stream).readable {
            (*stream).error = true;
            errno::set(EBADF);
            return 0;
        }
        flush(stream);
        let mut count = 0;
        if wanted > 0
            && let Some(byte) = (*stream).pushed_back.take()
        {
            *buffer = byte;
            count = 1;
        }
        if reads_input(stream) {
            let more = input().len().min(wanted - count);
            ptr::copy_nonoverlapping(input().as_ptr(), buffer.add(count), more);
            take_input(more);
            count += more;
        } else if let Some((node, position)) = contents(stream) {
            let data = (*node).data.as_slice();
            let rest = data.get(*position..).unwrap_or(&[]);
            let more = rest.len().min(wanted - count);
            ptr::copy_nonoverlapping(rest.as_ptr(), buffer.add(count), more);
            *position += more;
            count += more;
        }
        if count < wanted {
            (*stream).end = true;
        }
        count
    }
}

/// C11 7.21.8.1.
///
/// # Safety
/// `stream` is open and `buffer` holds `size * count` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fread(buffer: *mut u8, size: usize, count: usize, stream: *mut FILE) -> usize {
    if size == 0 {
        return 0;
    }
    // SAFETY: as the caller upholds.
    unsafe { read(stream, buffer, size.saturating_mul(count)) / size }
}

/// C11 7.21.7.5.
///
/// # Safety
/// `stream` is open.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn getc(stream: *mut FILE) -> c_int {
    let mut byte = 0;
    // SAFETY: as the caller upholds.
    if unsafe { read(stream, &raw mut byte, 1) } == 1 { c_int::from(byte) } else { EOF }
}

/// C11 7.21.7.10. One byte can be pushed back.
///
/// # Safety
/// `stream` is open.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn ungetc(c: c_int, stream: *mut FILE) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        if c == EOF || !(*stream).readable || (*stream).pushed_back.is_some() {
            return EOF;
        }
        (*stream).pushed_back = Some(c as u8);
        (*stream).end = false;
        c_int::from(c as u8)
    }
}

/// C11 7.21.7.2.
///
/// # Safety
/// `stream` is open and `buffer` holds `size` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fgets(buffer: *mut c_char, size: c_int, stream: *mut FILE) -> *mut c_char {
    let room = usize::try_from(size - 1).unwrap_or(0);
    let mut count = 0;
    // SAFETY: at most `size - 1` bytes and a NUL are written.
    unsafe {
        while count < room {
            match getc(stream) {
                EOF => break,
                c => *buffer.add(count) = c as c_char,
            }
            count += 1;
            if *buffer.add(count - 1) == b'\n' as c_char {
                break;
            }
        }
        if count == 0 {
            return ptr::null_mut();
        }
        *buffer.add(count) = 0;
    }
    buffer
}
