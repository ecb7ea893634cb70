//! The output buffer: what standard output and standard error wrote and the host has not cleared.

use crate::heap::Buffer;
use crate::single::Single;

static OUTPUT: Single<Buffer> = Single::new(Buffer::new());
static LIMIT: Single<usize> = Single::new(usize::MAX);

/// The buffer itself.
pub fn output() -> &'static mut Buffer {
    // SAFETY: one thread, and callers do not keep the reference across a call that writes.
    unsafe { &mut *OUTPUT.as_ptr() }
}

/// How many bytes are held before [`output_room`] is none; `usize::MAX` is no limit. A write may go beyond it.
pub fn set_output_limit(bytes: usize) {
    LIMIT.set(bytes);
}

/// Bytes that the limit leaves.
pub fn output_room() -> usize {
    LIMIT.get().saturating_sub(output().len())
}

/// Appends all of `bytes`, or nothing when memory is out.
pub(super) fn append(bytes: &[u8]) -> bool {
    output().push(bytes)
}
