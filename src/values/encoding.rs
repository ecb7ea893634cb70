//! Values that are encoded into the answer's buffer, by steps that a raise may tear down.

use libc_shim::heap::Buffer;
use libc_shim::single::Single;

use super::msgpack::{self, Failure};
use crate::bytes::answer::buffer;
use crate::lua::State;

/// Whether an encoding into the buffer is under way.
static UNDER_WAY: Single<bool> = Single::new(false);

/// Appends to the buffer by `encode`, which may raise; then it is undone by [`abandon`].
pub fn append(encode: impl FnOnce(&mut Buffer) -> Result<(), Failure>) -> Result<(), Failure> {
    UNDER_WAY.set(true);
    let encoded = encode(buffer());
    UNDER_WAY.set(false);
    encoded
}

/// Releases the handles of an encoding that was not finished.
///
/// # Safety
/// `L` is the live main thread with five free stack slots, and no call of the script is under way.
pub unsafe fn abandon(L: *mut State) {
    if UNDER_WAY.get() {
        UNDER_WAY.set(false);
        // SAFETY: as the caller upholds.
        unsafe { msgpack::take_back(L, buffer(), 0) }
    }
}
