//! The busy mark: whether an earlier call was torn down by the engine.
//!
//! The module imports nothing, so no call can happen during another. A mark that is still set when a call comes in was
//! left by one that trapped, and what that one was changing may be half changed. The mark is POISONED in the place of the
//! status that hosts read in memory, so that they see it without a call.

use super::info;
use crate::bytes::status;

/// Whether an earlier call never came to its end.
pub fn poisoned() -> bool {
    info::status() == status::POISONED
}

/// Leaves the mark for good, where what a call finds is broken.
pub fn poison() {
    info::set_status(status::POISONED);
}

/// Runs `call` under the busy mark; answers `refusal` instead when the instance is poisoned.
pub fn guard<T>(refusal: T, call: impl FnOnce() -> T) -> T {
    if poisoned() {
        return refusal;
    }
    info::set_status(status::POISONED);
    let answer = call();
    info::refresh();
    answer
}

/// The same for a run export, whose answer is noted.
pub fn guard_run(call: impl FnOnce() -> i32) -> i32 {
    guard(-status::POISONED, || {
        let answer = call();
        info::set_answer(answer);
        answer
    })
}
