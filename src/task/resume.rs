//! `resume` and `raise`: a suspended task goes on.

use libc_shim::heap;

use super::suspended::{self, Task};
use super::{data, run, state};
use crate::bytes::{answer, options, status};
use crate::lua::{self, State, meter};

/// The suspended task `id`, or the answer that refuses the call.
fn find(id: i32) -> Result<(*mut State, Task), i32> {
    match (state::started(), suspended::find(id)) {
        (Some(L), Some(task)) => Ok((L, task)),
        _ => Err(answer::refuse(status::BAD_ARGUMENT, b"no task of that id is suspended\0")),
    }
}

/// Goes on with a task, with the values of the array in `bytes`; no bytes are no values.
pub fn resume(id: i32, bytes: &'static [u8]) -> i32 {
    go_on(id, bytes, false)
}

/// Goes on with a task, with the value in `bytes` raised as an error.
pub fn raise(id: i32, bytes: &'static [u8]) -> i32 {
    go_on(id, bytes, true)
}

fn go_on(id: i32, bytes: &'static [u8], raises: bool) -> i32 {
    let (L, task) = match find(id) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    if raises && task.kind != status::YIELD {
        return answer::refuse(status::BAD_STATE, b"the task waits for no answer; resume it\0");
    }
    heap::open_reserve(true);
    options::run_with_format(options::format());
    // SAFETY: the state is live, and the task's threads with it.
    let answer = unsafe {
        let pushed = if bytes.is_empty() && !raises {
            Ok(0)
        } else {
            data::push(L, bytes, if raises { data::decode_one } else { data::decode })
        };
        match pushed {
            Err(answer) => answer,
            Ok(values) if values > 0 && task.kind != status::YIELD => {
                answer::fail(status::BAD_STATE, b"the task waits for no answer; resume it without values\0")
            }
            Ok(values) if values > 0 && lua::lua_checkstack(task.waiting, values) == 0 => {
                answer::fail(status::ERRMEM, b"not enough memory for the values\0")
            }
            Ok(values) => {
                lua::lua_xmove(L, task.waiting, values);
                answer::clear();
                suspended::remove(id);
                lua::moonlet_raises = i32::from(raises);
                meter::begin(task.used);
                heap::open_reserve(false);
                run::run(L, task, values)
            }
        }
    };
    heap::open_reserve(false);
    // SAFETY: the state is live.
    unsafe { lua::lua_settop(L, state::BOTTOM) }
    answer
}
