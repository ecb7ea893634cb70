//! `resume` and `raise`: a suspended task goes on.

use core::ffi::c_int;

use libc_shim::heap;

use super::data::{self, Data};
use super::suspended::{self, Task};
use super::{run, state};
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
    let (L, mut task) = match find(id) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    if raises && task.kind != status::YIELD {
        return answer::refuse(status::BAD_STATE, b"the task waits for no answer; resume it\0");
    }
    let data = match bytes {
        [] if !raises => None,
        _ if raises => Some(Data::Value(bytes)),
        _ => Some(Data::Array(bytes)),
    };
    let figure = meter::used();
    heap::open_reserve(true);
    options::run_with_format(options::format());
    // SAFETY: the state is live, and the task's threads with it.
    unsafe {
        let answer = match give(L, &task, data) {
            Ok(values) => {
                answer::clear_with(task.request);
                suspended::remove(id);
                lua::moonlet_raises = i32::from(raises);
                heap::open_reserve(false);
                run::run(L, &mut task, values)
            }
            Err(refusal) => refusal,
        };
        heap::open_reserve(false);
        run::leave(L, answer, figure);
        answer
    }
}

/// Puts the host's values on the stack of the thread that waits, on the task's fuel; how many, or the answer that refuses
/// them. Where the fuel does not suffice the run is being stopped.
///
/// # Safety
/// `L` is the main thread.
unsafe fn give(L: *mut State, task: &Task, data: Option<Data>) -> Result<c_int, i32> {
    // SAFETY: as the caller upholds; the waiting thread makes room last, since a collection can take room from it.
    unsafe {
        let values = data.map_or(Ok(0), |data| data.check(L))?;
        if values > 0 && task.kind != status::YIELD {
            return Err(answer::fail(
                status::BAD_STATE,
                b"the task waits for no answer; resume it without values\0",
            ));
        }
        meter::begin(task.used);
        let Some(data) = data.filter(|_| values > 0) else { return Ok(0) };
        meter::start();
        let given = match data.push_free(L) {
            Some(_) => Ok(()),
            None => data.push_checked(L),
        };
        let given = given.and_then(|()| data::make_room(task.waiting, values));
        meter::stop();
        if meter::stopping() != status::OK {
            return Ok(0);
        }
        given?;
        lua::lua_xmove(L, task.waiting, values);
        Ok(values)
    }
}
