//! The run exports: a task is started, goes on, is suspended, ends.
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

use core::ffi::{c_char, c_int};
use core::ptr;

use libc_shim::heap;
use libc_shim::single::Single;

use super::suspended::{self, Task};
use super::{compact, host, state};
use crate::bytes::{answer, options, status};
use crate::lua::{self, State, meter};
use crate::values::msgpack::{self, Failure};
use crate::values::{error, result};

/// Longer than any chunk name that Lua shows (`LUA_IDSIZE` is 60).
const NAME_SIZE: usize = 64;

/// What `moonlet_kind` says of a suspension that ends here, not at the host.
const INTERNAL: i32 = -1;

/// What the body of the running task answered.
static ANSWER: Single<i32> = Single::new(0);

/// A chunk on its way into a C function.
struct Chunk {
    source: &'static [u8],
    name: [u8; NAME_SIZE],
}

impl Chunk {
    /// Named by the source itself, as `load` names a string; Lua shows no more than the name's first line.
    fn new(source: &'static [u8]) -> Self {
        let mut name = [0; NAME_SIZE];
        for (to, from) in name.iter_mut().zip(source).take(NAME_SIZE - 1) {
            *to = *from;
        }
        Self { source, name }
    }
}

/// A C function that loads a chunk and returns Lua's status and the function or message.
///
/// # Safety
/// Called by Lua with a pointer to a [`Chunk`] and the status's place.
unsafe extern "C" fn load(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let (chunk, loaded) = *lua::lua_touserdata(L, 1).cast::<(*const Chunk, *mut c_int)>();
        let source = (*chunk).source;
        let name = (*chunk).name.as_ptr().cast::<c_char>();
        *loaded = lua::moonlet_loadbufferx(L, source.as_ptr(), source.len(), name, ptr::null());
        if *loaded == status::ERRSYNTAX {
            error::syntax_error(L, name);
        }
    }
    1
}

/// Data on its way into a C function.
struct Data {
    bytes: &'static [u8],
    failure: Option<Failure>,
}

/// A C function that decodes an array and returns its values.
///
/// # Safety
/// Called by Lua with a pointer to a [`Data`].
unsafe extern "C" fn decode(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let data = lua::lua_touserdata(L, 1).cast::<Data>();
        match msgpack::decode_array(L, (*data).bytes) {
            Ok(values) => values,
            Err(failure) => {
                (*data).failure = Some(failure);
                0
            }
        }
    }
}

/// A C function that decodes one value and returns it.
///
/// # Safety
/// As for [`decode`].
unsafe extern "C" fn decode_one(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let data = lua::lua_touserdata(L, 1).cast::<Data>();
        match msgpack::decode_value(L, (*data).bytes) {
            Ok(()) => 1,
            Err(failure) => {
                (*data).failure = Some(failure);
                0
            }
        }
    }
}

/// What the bottom of a task's stack is: calls the function below its arguments.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn body(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let arguments = lua::lua_gettop(L) - 1;
        lua::lua_pushcclosure(L, error::handler, 0);
        lua::lua_rotate(L, 1, 1);
        lua::moonlet_reserve_calls(L, 4, 64);
        heap::open_reserve(false);
        let called = lua::lua_pcallk(L, arguments, lua::MULTRET, 1, 0, Some(finish));
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
        match called {
            status::OK | status::YIELD => result::values(L, 2),
            _ => result::error(L, called),
        }
    });
    0
}

/// Goes on with a task until it ends or is suspended for the host. `values` are on the stack of the thread that waits.
///
/// # Safety
/// `L` is the main thread, and the task is not among the suspended ones.
unsafe fn run(L: *mut State, mut task: Task, values: c_int) -> i32 {
    let mut values = values;
    options::run_with_format(task.format);
    host::set_calls(task.host_calls);
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
            suspended::keep(task);
            result::suspended(task.kind)
        } else {
            let answer =
                if ended == status::OK { ANSWER.get() } else { result::error(task.thread.state, ended) };
            close(L, task);
            answer
        }
    };
    heap::open_reserve(false);
    answer
}

/// Closes the threads of a task from the innermost on, and takes its own one back.
///
/// # Safety
/// `L` is the main thread, and the task does not run.
unsafe fn close(L: *mut State, task: Task) {
    // SAFETY: as the caller upholds; a thread without calls is closed at once.
    unsafe {
        lua::lua_closethread(task.thread.state, L);
        lua::lua_settop(task.thread.state, 0);
        suspended::recycle(L, task.thread);
    }
}

/// Starts a task with what `prepare` leaves on the main thread's stack, which is a function and its arguments.
fn start(prepare: impl FnOnce(*mut State) -> Result<(), i32>) -> i32 {
    heap::open_reserve(true);
    let answer = match state::get() {
        None => answer::refuse(status::ERRMEM, b"not enough memory to start Lua\0"),
        Some(L) => {
            // SAFETY: the state is live, with the table of anchors at the bottom of its stack.
            unsafe {
                if heap::reserve_is_low() {
                    compact::collect_all(L);
                }
                meter::begin(0);
                let answer = prepare_and_run(L, prepare);
                lua::lua_settop(L, state::BOTTOM);
                answer
            }
        }
    };
    heap::open_reserve(false);
    answer
}

/// # Safety
/// `L` is the main thread.
unsafe fn prepare_and_run(L: *mut State, prepare: impl FnOnce(*mut State) -> Result<(), i32>) -> i32 {
    // SAFETY: as the caller upholds.
    unsafe {
        meter::start();
        let prepared = prepare(L);
        meter::stop();
        if meter::stopping() != status::OK {
            return result::stopped(L, meter::end_stop());
        }
        if let Err(answer) = prepared {
            return answer;
        }
        let values = lua::lua_gettop(L) - state::BOTTOM;
        let mut task = match suspended::start(L, options::format()) {
            Ok(task) => task,
            Err(_) => return answer::fail(status::ERRMEM, b"not enough memory for a task\0"),
        };
        let thread = task.thread.state;
        if lua::lua_checkstack(thread, values + 2) == 0 {
            suspended::recycle(L, task.thread);
            return answer::fail(status::ERRMEM, b"not enough memory for the arguments\0");
        }
        answer::clear();
        task.used = meter::used();
        lua::lua_pushcclosure(thread, body, 0);
        lua::lua_xmove(L, thread, values);
        run(L, task, values)
    }
}

/// Runs `source` in the persistent state and answers as a run export does.
pub fn compute(source: &'static [u8]) -> i32 {
    start(|L| {
        let chunk = Chunk::new(source);
        let mut loaded = status::OK;
        let mut argument = (&raw const chunk, &raw mut loaded);
        options::run_with_format(options::format());
        // SAFETY: `load` takes what `argument` points to.
        unsafe {
            let called = lua::protected(L, load, (&raw mut argument).cast(), 1);
            let failed = if called != status::OK { called } else { loaded };
            if failed != status::OK { Err(result::error(L, failed)) } else { Ok(()) }
        }
    })
}

/// Pushes the values that `bytes` hold, an array or by [`decode_one`] a single one; how many, or the answer that refuses
/// them.
///
/// # Safety
/// `L` is the main thread.
unsafe fn push_values(L: *mut State, bytes: &'static [u8], decode: lua::CFunction) -> Result<c_int, i32> {
    let mut data = Data { bytes, failure: None };
    // SAFETY: as the caller upholds; `decode` takes what the pointer points to.
    unsafe {
        let before = lua::lua_gettop(L);
        let called = lua::protected(L, decode, (&raw mut data).cast(), lua::MULTRET);
        match data.failure {
            _ if called != status::OK => Err(result::error(L, called)),
            Some(failure) => Err(answer::fail(failure.status(), failure.message())),
            None => Ok(lua::lua_gettop(L) - before),
        }
    }
}

/// Calls the function that the first value of the array in `bytes` names, with the others.
pub fn call(bytes: &'static [u8]) -> i32 {
    start(|L| {
        options::run_with_format(options::format());
        // SAFETY: `L` is the main thread; `find_function` takes the value below the others.
        unsafe {
            // A refusal of the host's data is no matter of the task's fuel.
            if push_values(L, bytes, decode)? == 0 {
                return Err(answer::fail(
                    status::BAD_DATA,
                    b"call needs an array that starts with a function\0",
                ));
            }
            let function = state::BOTTOM + 1;
            if !matches!(
                lua::lua_type(L, function),
                lua::TSTRING | lua::TFUNCTION | lua::TTABLE | lua::TUSERDATA
            ) {
                return Err(answer::fail(
                    status::BAD_DATA,
                    b"call needs a handle or a path of names first\0",
                ));
            }
            if lua::lua_type(L, function) == lua::TSTRING {
                lua::lua_pushcclosure(L, find_function, 0);
                lua::lua_pushvalue(L, function);
                let called = lua::lua_pcallk(L, 1, 1, 0, 0, None);
                if called != status::OK {
                    return Err(result::error(L, called));
                }
                lua::lua_copy(L, -1, function);
                lua::lua_settop(L, -2);
            }
            Ok(())
        }
    })
}

/// A C function that looks up a path such as `game.on_key` from the globals on.
///
/// # Safety
/// Called by Lua with the path.
unsafe extern "C" fn find_function(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let mut len = 0;
        let start = lua::lua_tolstring(L, 1, &raw mut len);
        let path = core::slice::from_raw_parts(start, len);
        lua::lua_rawgeti(L, lua::REGISTRYINDEX, lua::GLOBALS);
        for name in path.split(|byte| *byte == b'.') {
            if !matches!(lua::lua_type(L, -1), lua::TTABLE | lua::TUSERDATA) {
                return lua::luaL_error(L, c"no function '%s'".as_ptr(), (&raw const start).cast());
            }
            lua::lua_pushlstring(L, name.as_ptr(), name.len());
            lua::lua_gettable(L, -2);
        }
        if lua::lua_type(L, -1) <= 0 {
            return lua::luaL_error(L, c"no function '%s'".as_ptr(), (&raw const start).cast());
        }
    }
    1
}

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
            push_values(L, bytes, if raises { decode_one } else { decode })
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
                run(L, task, values)
            }
        }
    };
    heap::open_reserve(false);
    // SAFETY: the state is live.
    unsafe { lua::lua_settop(L, state::BOTTOM) }
    answer
}

/// Ends a suspended task: `__close` handlers run, innermost first, within what is left of its fuel. 0, or the status that
/// one of them ended with.
pub fn cancel(id: i32) -> i32 {
    let (Some(L), Some(task)) = (state::started(), suspended::find(id)) else { return status::BAD_ARGUMENT };
    suspended::remove(id);
    answer::clear();
    options::run_with_format(task.format);
    heap::open_reserve(false);
    // SAFETY: the state is live, and the task's threads with it; nothing of the script can be suspended here.
    unsafe {
        lua::moonlet_in_task = 1;
        lua::moonlet_blocks = 1;
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
                result::error(thread, closed);
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
        lua::lua_settop(L, state::BOTTOM);
        failed
    }
}
