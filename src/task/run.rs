//! A task from its start on: it runs, is suspended, ends.
//!
//! Each task runs in a Lua thread of its own, so that it can be suspended with everything it has called:
//!
//! ```text
//! main thread: moonlet_resume        the host's side: nothing of the script runs here
//!   task's thread: body, lua_pcallk  the message handler, and values or an error become the result
//!     the chunk or function
//!       coroutine.resume             suspend.c
//!         a thread of the script
//! ```

use core::ffi::c_int;
use core::ptr;

use libc_shim::heap::{self, Parts};
use libc_shim::single::Single;

use super::suspended::{self, Task};
use super::{compact, data, host, state};
use crate::bytes::{answer, options, status};
use crate::lua::{self, State, meter, trace};
use crate::values::{error, result};

/// What `moonlet_kind` says of a suspension that ends here, not at the host.
const INTERNAL: i32 = -1;

/// Where the message handler stands on a task's stack, above what it notes.
const HANDLER: c_int = 3;

/// Where the function stands, and later its results.
const FUNCTION: c_int = HANDLER + 1;

/// What the body of the running task answered.
static ANSWER: Single<i32> = Single::new(0);

/// What the bottom of a task's stack is: calls the function above the message handler, with the arguments above it, or that which a
/// path there leads to.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn body(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::moonlet_reserve_calls(L, 4, 64);
        heap::open_reserve(false);
        if lua::lua_type(L, FUNCTION) != lua::TSTRING || lua::moonlet_find_global(L, FUNCTION) != 0 {
            return call(L);
        }
        lua::lua_pushcclosure(L, lua::moonlet_find_function, 0);
        lua::lua_pushvalue(L, FUNCTION);
        let called = lua::lua_pcallk(L, 1, 2, HANDLER, 0, Some(found));
        found(L, called, 0)
    }
}

/// Calls the function that was found.
///
/// # Safety
/// Called by Lua, as a continuation of [`body`].
unsafe extern "C" fn found(L: *mut State, called: c_int, context: isize) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        if !matches!(called, status::OK | status::YIELD) {
            return finish(L, called, context);
        }
        // The object of a method is its first argument.
        if lua::lua_type(L, -1) == lua::TNIL {
            lua::lua_settop(L, -2);
        } else {
            lua::lua_rotate(L, FUNCTION + 1, 1);
        }
        lua::lua_copy(L, -1, FUNCTION);
        lua::lua_settop(L, -2);
        call(L)
    }
}

/// Calls the function above the message handler, with what is above it.
///
/// # Safety
/// As for [`body`].
unsafe fn call(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let arguments = lua::lua_gettop(L) - FUNCTION;
        let called = lua::lua_pcallk(L, arguments, lua::MULTRET, HANDLER, 0, Some(finish));
        finish(L, called, 0)
    }
}

/// Makes what the task returned, or its error, the result.
///
/// # Safety
/// Called by Lua, as the continuation of [`body`].
unsafe extern "C" fn finish(L: *mut State, called: c_int, _context: isize) -> c_int {
    heap::open_reserve(true);
    // SAFETY: as the caller upholds.
    ANSWER.set(unsafe {
        // A hook is for what the script runs, not for what becomes of it.
        unhook(L);
        match called {
            status::OK | status::YIELD => result::values(L, FUNCTION),
            _ => error::uncaught(L, called),
        }
    });
    0
}

/// Lets a thread have no hook.
///
/// # Safety
/// `L` is live.
unsafe fn unhook(L: *mut State) {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_gethook(L).is_some() {
            lua::lua_sethook(L, None, 0, 0);
        }
    }
}

/// Goes on with a task until it ends or is suspended for the host. `values` are on the stack of the thread that waits.
///
/// # Safety
/// `L` is the main thread, and the task is not among the suspended ones.
pub unsafe fn run(L: *mut State, task: &mut Task, values: c_int) -> i32 {
    let mut values = values;
    options::run_with_format(task.format);
    host::set_calls(task.host_calls);
    trace::watch(task.thread.state);
    // SAFETY: as the caller upholds; the variables are those of suspend.c, on the module's only thread.
    let answer = unsafe {
        lua::moonlet_waiting = task.waiting;
        lua::moonlet_values = values;
        lua::moonlet_in_task = 1;
        let mut count = 0;
        let ended = loop {
            let inner = lua::moonlet_waiting != task.thread.state;
            let ended =
                lua::moonlet_resume(L, task.thread.state, if inner { 0 } else { values }, &raw mut count);
            if ended != status::YIELD || lua::moonlet_kind != INTERNAL {
                break ended;
            }
            values = 0;
        };
        meter::stop();
        lua::moonlet_in_task = 0;
        heap::open_reserve(true);
        task.used = meter::used();
        task.host_calls = host::calls();
        if meter::stopping() != status::OK {
            close(L, task);
            result::stopped(L, meter::end_stop())
        } else if ended == status::YIELD {
            task.kind = lua::moonlet_kind;
            task.waiting = lua::moonlet_waiting;
            task.request = if task.kind == status::YIELD { answer::set_aside() } else { Parts::EMPTY };
            suspended::keep(*task);
            trace::watch(ptr::null_mut());
            result::suspended(task.kind)
        } else {
            if ended == status::OK {
                // Nothing is left to close, and the thread's stack may stay as large as it is.
                end(L, task);
                ANSWER.get()
            } else {
                let answer = result::torn_down(L, task.thread.state, ended);
                close(L, task);
                answer
            }
        }
    };
    trace::end();
    heap::open_reserve(false);
    answer
}

/// Closes a task's thread, and takes it back.
///
/// # Safety
/// `L` is the main thread, and the task does not run.
unsafe fn close(L: *mut State, task: &Task) {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_closethread(task.thread.state, L);
        end(L, task);
    }
}

/// Takes back the thread of a task that has no calls.
///
/// # Safety
/// As for [`close`].
unsafe fn end(L: *mut State, task: &Task) {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_settop(task.thread.state, 0);
        suspended::recycle(L, task.thread);
    }
}

/// Leaves a function and its arguments on the main thread's stack, or answers why it does not.
type Prepare<'a> = &'a dyn Fn(*mut State) -> Result<(), i32>;

/// Starts a task with what `prepare` leaves on the main thread's stack, which is a function and its arguments.
pub fn start(prepare: Prepare<'_>) -> i32 {
    if suspended::is_full() {
        return answer::refuse(
            status::BAD_STATE,
            b"as many tasks wait as may (option TASKS_LIMIT): resume or cancel one\0",
        );
    }
    heap::open_reserve(true);
    let answer = match state::get() {
        None => answer::refuse(status::ERRMEM, b"not enough memory to start Lua\0"),
        Some(L) => {
            // SAFETY: the state is live, with the table of anchors at the bottom of its stack.
            unsafe {
                if heap::reserve_is_low() {
                    compact::collect_all(L);
                }
                let figure = meter::used();
                meter::begin(0);
                trace::watch(L);
                let answer = prepare_and_run(L, prepare);
                trace::end();
                leave(L, answer, figure);
                answer
            }
        }
    };
    heap::open_reserve(false);
    answer
}

/// Leaves the main thread's stack as it was, and settles the references that the host's data brought. What tells the units used is the task's, or after a refusal what it was before.
///
/// # Safety
/// `L` is the main thread.
pub unsafe fn leave(L: *mut State, answer: i32, figure: u64) {
    let used = if -answer >= status::BAD_ARGUMENT { figure } else { meter::used() };
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_settop(L, state::BOTTOM);
        data::end(L, answer);
        lua::moonlet_shrink_thread(L);
    }
    meter::set_used(used);
}

/// # Safety
/// `L` is the main thread.
unsafe fn prepare_and_run(L: *mut State, prepare: Prepare<'_>) -> i32 {
    // SAFETY: as the caller upholds.
    unsafe {
        meter::start();
        let prepared = prepare(L);
        let used = meter::used();
        // Finalizers that run meanwhile are bounded too; but threads are kept, so this one may cost nothing.
        let task = prepared.and_then(|()| suspended::start(L, options::format()));
        meter::stop();
        if meter::stopping() != status::OK {
            if let Ok(task) = task {
                suspended::recycle(L, task.thread);
            }
            return result::stopped(L, meter::end_stop());
        }
        meter::begin(used);
        let mut task = match task {
            Ok(task) => task,
            Err(answer) => return answer,
        };
        let values = lua::lua_gettop(L) - state::BOTTOM;
        let thread = task.thread.state;
        if let Err(answer) = data::make_room(thread, values + FUNCTION) {
            suspended::recycle(L, task.thread);
            return answer;
        }
        answer::clear();
        task.used = used;
        // A script may have kept the thread of a task that has ended, and have hooked it.
        unhook(thread);
        lua::moonlet_seat(L, thread, body, lua::moonlet_handler, values);
        run(L, &mut task, HANDLER + values)
    }
}
