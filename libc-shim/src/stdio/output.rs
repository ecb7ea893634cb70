//! The output buffer: what standard output and standard error wrote and the host has not cleared.

use crate::heap::Buffer;
use crate::single::Single;

static OUTPUT: Single<Buffer> = Single::new(Buffer::new());
static LIMIT: Single<usize> = Single::new(usize::MAX);
static OVERFLOW: Single<bool> = Single::new(false);

/// The buffer itself.
pub fn output() -> &'static mut Buffer {
    // SAFETY: one thread, and callers do not keep the reference across a call that writes.
    unsafe { &mut *OUTPUT.as_ptr() }
}

/// Bounds the bytes held; `usize::MAX` lifts the limit.
pub fn set_output_limit(bytes: usize) {
    LIMIT.set(bytes);
}

/// Bytes that the limit leaves.
pub fn output_room() -> usize {
    LIMIT.get().saturating_sub(output().len())
}

/// Whether a write found the buffer full since the last call.
pub fn take_overflow() -> bool {
    let overflow = OVERFLOW.get();
    OVERFLOW.set(false);
    overflow
}

/// Appends all of `bytes`, or nothing when they exceed the limit or memory is out.
pub(super) fn append(bytes: &[u8]) -> bool {
    let fits = bytes.len() <= output_room() && output().push(bytes);
    if !fits {
        OVERFLOW.set(true);
    }
    fits
}
