//! The result: the bytes that `result_ptr` and `result_len` name, and the status of the last run.

use core::ffi::{c_int, c_void};
use core::ptr;
use core::slice;

use libc_shim::heap::{self, Buffer};

use super::msgpack::{self, Failure, Functions};
use super::{encoding, error};
use crate::bytes::answer::{self, NO_MEMORY, buffer, fail, finish, hold_buffer};
use crate::bytes::options::{self, is_text};
use crate::bytes::status;
use crate::lua::{self, State, trace};

/// A run was stopped, by its script or by a limit.
///
/// # Safety
/// `L` is the live main thread.
pub unsafe fn stopped(L: *mut State, number: i32) -> i32 {
    // SAFETY: as the caller upholds.
    unsafe { encoding::abandon(L) }
    match number {
        status::EXIT => fail(number, b"the script called os.exit\0"),
        _ => answer::fail_at(number, b"fuel is used up (option FUEL)\0", trace::place(number)),
    }
}

/// A run ended by an error in what was done with its values, or with an error of its own.
///
/// # Safety
/// `L` is the live main thread, and `thread` the task's, with the error on top of its stack.
pub unsafe fn torn_down(L: *mut State, thread: *mut State, number: i32) -> i32 {
    // SAFETY: as the caller upholds.
    unsafe {
        encoding::abandon(L);
        error::plain(thread, number)
    }
}

/// A run was suspended; a request of the script is in the buffer already.
pub fn suspended(number: i32) -> i32 {
    match number {
        status::PAUSED => fail(number, b"slice is used up: resume the task\0"),
        status::OUTPUT => fail(number, b"output buffer is full: drain it, then resume the task\0"),
        status::INPUT => fail(number, b"standard input is used up: add to it, then resume the task\0"),
        _ => finish(number),
    }
}

/// Encodes into the buffer by `encode`, which may raise.
fn encode(encode: impl FnOnce(&mut Buffer, usize) -> Result<(), Failure>) -> Result<(), Failure> {
    buffer().truncate(0);
    encoding::append(|out| encode(out, options::result_limit()))?;
    if !buffer().push(b"\0") {
        return Err(Failure::Memory);
    }
    hold_buffer();
    Ok(())
}

/// Makes the values on the stack the request of a host call. May raise.
///
/// # Safety
/// `L` is live and runs a C function.
pub unsafe fn request(L: *mut State) -> Result<(), Failure> {
    // SAFETY: as the caller upholds.
    unsafe {
        let last = lua::lua_gettop(L);
        encode(|out, limit| msgpack::encode_array(L, 1, last, out, limit, Functions::Handles))
    }
}

/// What came of turning values into text.
enum Outcome {
    Done,
    TooBig,
    NoMemory,
}

/// Makes the values from `first` to the top the result: an array, or as `tostring` gives them, joined by a tab. May raise.
///
/// # Safety
/// `L` is live, and its stack holds no more than those values from `first` on.
pub unsafe fn values(L: *mut State, first: c_int) -> i32 {
    // SAFETY: as the caller upholds.
    let last = unsafe { lua::lua_gettop(L) };
    if last < first {
        return answer::nothing();
    }
    if is_text() {
        // SAFETY: as the caller upholds.
        return unsafe { texts(L, first, last) };
    }
    // SAFETY: as the caller upholds.
    let encoded =
        unsafe { encode(|out, limit| msgpack::encode_array(L, first, last, out, limit, Functions::Handles)) };
    match encoded {
        Ok(()) => finish(status::OK),
        Err(failure) => fail(failure.result_status(), failure.message()),
    }
}

/// # Safety
/// As for [`values`].
unsafe fn texts(L: *mut State, first: c_int, last: c_int) -> i32 {
    buffer().truncate(0);
    // SAFETY: the stack has the values; each is converted under protection, with three more slots.
    unsafe {
        if lua::lua_checkstack(L, 4) == 0 {
            return fail(status::ERRMEM, NO_MEMORY);
        }
        for index in first..=last {
            let mut outcome = Outcome::Done;
            if index > first && !append(b"\t", &mut outcome) {
                return unfinished(&outcome);
            }
            let failed = convert(L, index, &mut outcome);
            if failed != status::OK {
                return error::uncaught(L, failed);
            }
            if !matches!(outcome, Outcome::Done) {
                return unfinished(&outcome);
            }
        }
    }
    if !buffer().push(b"\0") {
        return unfinished(&Outcome::NoMemory);
    }
    hold_buffer();
    finish(status::OK)
}

fn unfinished(outcome: &Outcome) -> i32 {
    match outcome {
        Outcome::TooBig => fail(status::RESULT, b"result is over the option RESULT\0"),
        _ => fail(status::ERRMEM, NO_MEMORY),
    }
}

fn append(text: &[u8], outcome: &mut Outcome) -> bool {
    if text.len() > options::result_limit().saturating_sub(buffer().len()) {
        *outcome = Outcome::TooBig;
    } else if !buffer().push(text) {
        *outcome = Outcome::NoMemory;
    }
    matches!(outcome, Outcome::Done)
}

/// Appends the value at `index` to the result; Lua's status.
///
/// # Safety
/// `L` is live, `index` is on its stack, and four slots are free.
unsafe fn convert(L: *mut State, index: c_int, outcome: &mut Outcome) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_pushcclosure(L, lua::moonlet_handler, 0);
        lua::lua_pushcclosure(L, append_text, 0);
        lua::lua_pushvalue(L, index);
        lua::lua_pushlightuserdata(L, ptr::from_mut(outcome).cast::<c_void>());
        let failed = lua::lua_pcallk(L, 2, 0, -4, 0, None);
        if failed == status::OK {
            lua::lua_settop(L, -2);
        }
        failed
    }
}

/// A C function that appends its first argument as text. Only a `__tostring` is the script's own work; what it makes
/// counts against the script's memory, so the reserve is shut for it.
///
/// # Safety
/// Called by Lua with a value and a pointer to an [`Outcome`].
unsafe extern "C" fn append_text(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        heap::open_reserve(lua::lua_type(L, 1) <= lua::TSTRING);
        let mut len = 0;
        let start = lua::luaL_tolstring(L, 1, &raw mut len);
        heap::open_reserve(true);
        let outcome = lua::lua_touserdata(L, 2).cast::<Outcome>();
        append(slice::from_raw_parts(start, len), &mut *outcome);
    }
    0
}
