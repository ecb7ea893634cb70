//! The busy mark: whether an earlier call was torn down by the engine.
//!
//! The module imports nothing, so no call can happen during another. A mark that is still set when a call comes in was
//! left by one that trapped, and what that one was changing may be half changed.

use libc_shim::single::Single;

static BUSY: Single<bool> = Single::new(false);

/// Whether an earlier call never came to its end.
pub fn poisoned() -> bool {
    // SAFETY: a static of this module, read on its only thread.
    unsafe { BUSY.as_ptr().read_volatile() }
}

/// Leaves the mark for good, where what a call finds is broken.
pub fn poison() {
    mark(true);
}

/// Volatile, so that the compiler keeps the mark around work that, as it can see, never reads it.
fn mark(busy: bool) {
    // SAFETY: a static of this module, written on its only thread.
    unsafe { BUSY.as_ptr().write_volatile(busy) }
}

/// Runs `call` under the busy mark; answers `refusal` instead when the instance is poisoned.
pub fn guard<T>(refusal: T, call: impl FnOnce() -> T) -> T {
    if poisoned() {
        return refusal;
    }
    mark(true);
    let answer = call();
    mark(false);
    answer
}
