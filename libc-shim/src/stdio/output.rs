//! The output buffers: what standard output and standard error wrote and the host has not cleared. Both go into one, unless
//! the host wants errors apart.

use crate::heap::Buffer;
use crate::single::Single;

/// Which of the two standard streams a stream writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Standard,
    Error,
}

static OUTPUT: Single<Buffer> = Single::new(Buffer::new());
static ERROR_OUTPUT: Single<Buffer> = Single::new(Buffer::new());
static APART: Single<bool> = Single::new(false);
static LIMIT: Single<usize> = Single::new(usize::MAX);

/// The buffer of standard output, and of standard error unless that is apart.
pub fn output() -> &'static mut Buffer {
    // SAFETY: one thread, and callers do not keep the reference across a call that writes.
    unsafe { &mut *OUTPUT.as_ptr() }
}

/// The buffer of standard error alone.
pub fn error_output() -> &'static mut Buffer {
    // SAFETY: as above.
    unsafe { &mut *ERROR_OUTPUT.as_ptr() }
}

/// Forgets what both hold, whose memory is gone already or soon.
pub fn forget_output() {
    output().forget();
    error_output().forget();
}

/// Whether standard error has a buffer of its own.
pub fn error_output_is_apart() -> bool {
    APART.get()
}

/// Gives standard error a buffer of its own, or takes it away; what is held stays where it is.
pub fn set_error_output_apart(apart: bool) {
    APART.set(apart);
}

fn buffer(channel: Channel) -> &'static mut Buffer {
    if channel == Channel::Error && APART.get() { error_output() } else { output() }
}

/// How many bytes a buffer holds before its [`output_room`] is none; `usize::MAX` is no limit. A write may go beyond it.
pub fn set_output_limit(bytes: usize) {
    LIMIT.set(bytes);
}

/// Bytes that the limit leaves.
pub fn output_room(channel: Channel) -> usize {
    LIMIT.get().saturating_sub(buffer(channel).len())
}

/// Whether the host has drained a channel's buffer.
pub fn output_is_empty(channel: Channel) -> bool {
    buffer(channel).is_empty()
}

/// Appends all of `bytes`, or nothing when memory is out.
pub fn append(channel: Channel, bytes: &[u8]) -> bool {
    buffer(channel).push(bytes)
}
