//! Output.

use core::ffi::{CStr, c_char, c_int};
use core::slice;

use super::{FILE, Source, contents, flush};
use crate::errno::{self, EBADF, ENOSPC};
use crate::filesystem;
use crate::format::{self, Arguments, Sink};
use crate::stdio;

/// Writes `bytes`, or holds them in the stream's buffer; tells whether it did, and sets the error flag and errno where it
/// did not.
///
/// # Safety
/// `stream` is open.
unsafe fn write(stream: *mut FILE, bytes: &[u8]) -> bool {
    // SAFETY: as the caller upholds.
    unsafe {
        // Nothing to write leaves the file as it is, also where the stream stands beyond its end.
        if bytes.is_empty() {
            return true;
        }
        if !(*stream).writable {
            (*stream).error = true;
            errno::set(EBADF);
            return false;
        }
        if (*stream).pending.is_off() {
            return write_through(stream, bytes);
        }
        if !(*stream).pending.push(bytes) {
            return flush(stream) && write_through(stream, bytes);
        }
        !(*stream).pending.is_due() || flush(stream)
    }
}

/// Writes all of `bytes` or none, past the stream's buffer.
///
/// # Safety
/// `stream` is open and writable.
pub(super) unsafe fn write_through(stream: *mut FILE, bytes: &[u8]) -> bool {
    // SAFETY: as the caller upholds.
    unsafe {
        let written = match (&(*stream).source, contents(stream)) {
            (Source::Output(channel), _) => stdio::append(*channel, bytes),
            (Source::Null, _) => true,
            (_, Some((node, position))) => {
                let start = if (*stream).append { (*node).data.len() } else { *position };
                filesystem::note_work(start.saturating_sub((*node).data.len()));
                let written = (*node).data.write_at(start, bytes);
                if written {
                    *position = start + bytes.len();
                }
                written
            }
            (_, None) => false,
        };
        if !written {
            (*stream).error = true;
            errno::set(ENOSPC);
        }
        written
    }
}

/// C11 7.21.8.2. Writes all or nothing: where memory is out the answer is 0 and errno ENOSPC.
///
/// # Safety
/// `stream` is open and `buffer` holds `size * count` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fwrite(buffer: *const u8, size: usize, count: usize, stream: *mut FILE) -> usize {
    // SAFETY: as the caller upholds.
    let bytes = unsafe { slice::from_raw_parts(buffer, size.saturating_mul(count)) };
    // SAFETY: as the caller upholds.
    if unsafe { write(stream, bytes) } { count } else { 0 }
}

/// C11 7.21.7.3. The byte written, or EOF.
///
/// # Safety
/// `stream` is open.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fputc(c: c_int, stream: *mut FILE) -> c_int {
    // SAFETY: as the caller upholds.
    if unsafe { write(stream, &[c as u8]) } { c_int::from(c as u8) } else { super::EOF }
}

/// C11 7.21.7.4.
///
/// # Safety
/// `stream` is open and `string` is a C string.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fputs(string: *const c_char, stream: *mut FILE) -> c_int {
    // SAFETY: as the caller upholds.
    if unsafe { write(stream, CStr::from_ptr(string).to_bytes()) } { 0 } else { super::EOF }
}

/// Hands formatted text to a stream, until a write fails.
struct ToStream {
    stream: *mut FILE,
    written: bool,
}

impl Sink for ToStream {
    fn write(&mut self, bytes: &[u8]) {
        // SAFETY: `fprintf` gives an open stream.
        self.written = self.written && unsafe { write(self.stream, bytes) };
    }
}

/// C11 7.21.6.1. `arguments` is how WebAssembly passes `...`: one pointer to them all.
///
/// # Safety
/// `stream` is open, `format` is a C string, and `arguments` has what it asks for.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fprintf(stream: *mut FILE, format: *const c_char, arguments: *const u8) -> c_int {
    let mut sink = ToStream { stream, written: true };
    // SAFETY: as the caller upholds.
    let count = unsafe { format::format(&mut sink, format, &mut Arguments::new(arguments)) };
    if sink.written { count } else { -1 }
}
