//! Buffers that a script asks for with `setvbuf`; without it each write is in the file when the call returns.

use core::ffi::{c_char, c_int};
use core::mem;

use super::writing::write_through;
use super::{FILE, Source};
use crate::heap::Buffer;

const FULL: c_int = 0;
const LINES: c_int = 1;
const NONE: c_int = 2;

/// What C's `BUFSIZ` is: the buffer of who asks for one without a size, and of `/dev/full`.
pub const DEFAULT_SIZE: usize = 1024;

/// Bytes written and not yet in the file.
pub struct Pending {
    bytes: Buffer,
    /// More than so many bytes are not held; 0 holds none.
    room: usize,
    lines: bool,
}

impl Pending {
    pub const fn new(room: usize) -> Self {
        Self { bytes: Buffer::new(), room, lines: false }
    }

    /// Whether a write must pass by the buffer.
    pub const fn is_off(&self) -> bool {
        self.room == 0
    }

    /// Holds `bytes`; false when memory is out.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        self.bytes.push(bytes)
    }

    /// Whether what is held belongs into the file now.
    pub fn is_due(&self) -> bool {
        self.bytes.len() > self.room || self.lines && self.bytes.as_slice().contains(&b'\n')
    }
}

/// Brings what is held into the file and tells whether that worked; what the file does not take is lost.
///
/// # Safety
/// `stream` is open.
pub unsafe fn flush(stream: *mut FILE) -> bool {
    // SAFETY: as the caller upholds.
    unsafe {
        let bytes = mem::take(&mut (*stream).pending.bytes);
        bytes.is_empty() || write_through(stream, bytes.as_slice())
    }
}

/// C11 7.21.5.2. Null, for all streams, does nothing: Lua does not use it.
///
/// # Safety
/// `stream` is open or null.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fflush(stream: *mut FILE) -> c_int {
    // SAFETY: as the caller upholds.
    if stream.is_null() || unsafe { flush(stream) } { 0 } else { super::EOF }
}

/// C11 7.21.5.6. The host reads standard output, so that is never held back. The caller's buffer is not used.
///
/// # Safety
/// `stream` is open.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn setvbuf(stream: *mut FILE, _buffer: *mut c_char, mode: c_int, size: usize) -> c_int {
    if !matches!(mode, FULL | LINES | NONE) {
        return -1;
    }
    // SAFETY: as the caller upholds.
    unsafe {
        let flushed = flush(stream);
        let holds = mode != NONE && !matches!((*stream).source, Source::Output(_));
        (*stream).pending.room = if !holds {
            0
        } else if size == 0 {
            DEFAULT_SIZE
        } else {
            size
        };
        (*stream).pending.lines = mode == LINES;
        if flushed { 0 } else { -1 }
    }
}
