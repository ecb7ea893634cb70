//! `cancel`: a suspended task ends.

use libc_shim::heap;

use super::{state, suspended};
use crate::bytes::{answer, options, status};
use crate::lua::{self, meter, trace};
use crate::values::{error, result};

/// Ends a suspended task: `__close` handlers run, innermost first, within what is left of its fuel. 0, or the status that
/// one of them ended with.
pub fn cancel(id: i32) -> i32 {
    let (Some(L), Some(task)) = (state::started(), suspended::find(id)) else { return status::BAD_ARGUMENT };
    suspended::remove(id);
    answer::clear_with(task.request);
    options::run_with_format(task.format);
    heap::open_reserve(false);
    // SAFETY: the state is live, and the task's threads with it; nothing of the script can be suspended here.
    unsafe {
        lua::moonlet_in_task = 1;
        lua::moonlet_blocks = 1;
        trace::watch(task.thread.state);
        meter::begin(task.used);
        meter::start();
        let mut thread = task.waiting;
        let mut failed = status::OK;
        while !thread.is_null() {
            // The thread goes on to no suspension.
            let outer = lua::moonlet_outer(thread);
            let closed = lua::moonlet_close_suspended(thread, L);
            if closed != status::OK && failed == status::OK {
                failed = closed;
                lua::lua_xmove(thread, L, 1);
                error::outside(L, closed);
            }
            thread = outer;
        }
        meter::stop();
        lua::moonlet_blocks = 0;
        lua::moonlet_in_task = 0;
        lua::lua_settop(task.thread.state, 0);
        suspended::recycle(L, task.thread);
        if meter::stopping() != status::OK {
            failed = meter::end_stop();
            result::stopped(L, failed);
        }
        if failed == status::OK {
            answer::fail(status::CANCELLED, b"the task was cancelled\0");
        }
        trace::end();
        lua::lua_settop(L, state::BOTTOM);
        failed
    }
}
