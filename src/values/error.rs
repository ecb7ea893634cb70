//! Errors that end a run: what the host is told of them.
//!
//! The message handler of a task (`traceback.c`) leaves the error as it is and notes where it happened; here both come together.

use core::ffi::{c_char, c_int, c_void};
use core::slice;

use super::encoding;
use super::msgpack::{self, Functions};
use crate::bytes::answer::{self, Head, KEEP, NO_MEMORY, buffer, fail, finish, hold_buffer};
use crate::bytes::options::{self, is_text};
use crate::bytes::status;
use crate::lua::trace::{self, Place};
use crate::lua::{self, State};

/// What cannot be told for lack of memory.
const NO_ROOM: &[u8] = b"not enough memory for the error message\0";

/// Memory is out.
fn out_of_memory() -> i32 {
    answer::fail_at(status::ERRMEM, NO_MEMORY, trace::place(status::ERRMEM))
}

/// The bytes of the value on top of the stack where it is a string.
///
/// # Safety
/// `L` is live, and the value stays on its stack while the bytes are used.
unsafe fn text<'a>(L: *mut State) -> Option<&'a [u8]> {
    // SAFETY: as the caller upholds; reading a string neither allocates nor raises.
    unsafe {
        if lua::lua_type(L, -1) != lua::TSTRING {
            return None;
        }
        let mut len = 0;
        let start = lua::lua_tolstring(L, -1, &raw mut len);
        Some(slice::from_raw_parts(start, len))
    }
}

/// Makes the error on top of the stack the answer, as far as that needs nothing of Lua.
///
/// # Safety
/// `L` is live and has a value on its stack.
pub unsafe fn plain(L: *mut State, number: i32) -> i32 {
    if number == status::ERRMEM {
        return out_of_memory();
    }
    let place = trace::place(number);
    // SAFETY: as the caller upholds.
    let message = unsafe { text(L) }.unwrap_or(b"(error object is no string)");
    match write_message(message, place) && finish_buffer() {
        true => finish(number),
        false => fail(number, NO_ROOM),
    }
}

/// Makes the error on top of the stack the answer, one that a task did not catch. May raise.
///
/// # Safety
/// `L` is the thread of a task at its bottom, which runs a C function there.
pub unsafe fn uncaught(L: *mut State, number: i32) -> i32 {
    if number == status::ERRMEM {
        return out_of_memory();
    }
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_checkstack(L, 8) == 0 {
            return fail(number, NO_ROOM);
        }
        let error = lua::lua_gettop(L);
        // First: memory that a __tostring finds out is noted, too.
        lua::moonlet_describe(L, error);
        lua::lua_pushvalue(L, error);
        lua::moonlet_recall(L);
        lua::lua_settop(L, -2);
        describe(L, error, number, trace::place(number))
    }
}

/// Makes the error on top of the stack the answer, one that was raised where no message handler stood.
///
/// # Safety
/// `L` is the main thread.
pub unsafe fn outside(L: *mut State, number: i32) -> i32 {
    if number == status::ERRMEM {
        return out_of_memory();
    }
    let mut told = (number, fail(number, NO_ROOM));
    // SAFETY: as the caller upholds; `tell` takes what the pointer points to.
    unsafe {
        if lua::lua_checkstack(L, 4) != 0 {
            lua::lua_pushcclosure(L, tell, 0);
            lua::lua_rotate(L, -2, 1);
            lua::lua_pushlightuserdata(L, (&raw mut told).cast::<c_void>());
            if lua::lua_pcallk(L, 2, 0, 0, 0, None) != status::OK {
                encoding::abandon(L);
                return fail(number, NO_ROOM);
            }
        }
    }
    told.1
}

/// A C function that makes its first argument, an error, the answer.
///
/// # Safety
/// Called by Lua with a value and a pointer to a status and an answer's place.
unsafe extern "C" fn tell(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let told = lua::lua_touserdata(L, 2).cast::<(i32, i32)>();
        lua::moonlet_describe(L, 1);
        (*told).1 = describe(L, 1, (*told).0, None);
    }
    0
}

/// Makes the error at `index` the answer, with its description on top of the stack. May raise.
///
/// # Safety
/// `L` is live, with eight free stack slots, in a protected call.
unsafe fn describe(L: *mut State, index: c_int, number: i32, place: Option<Place>) -> i32 {
    // SAFETY: as the caller upholds.
    let written = unsafe {
        write_message(text(L).unwrap_or_default(), place)
            && (is_text() || lua::lua_type(L, index) == lua::TSTRING || write_value(L, index))
    };
    match written && finish_buffer() {
        true => finish(number),
        false => fail(number, NO_ROOM),
    }
}

fn finish_buffer() -> bool {
    let finished = buffer().push(b"\0");
    if finished {
        hold_buffer();
    }
    finished
}

/// Begins the answer: the message and where the error happened; false when memory is out.
fn write_message(message: &[u8], place: Option<Place>) -> bool {
    let out = buffer();
    out.truncate(0);
    let traceback = place.map_or(&[][..], |place| place.traceback);
    if is_text() {
        return out.push(message) && (traceback.is_empty() || out.push(b"\n") && out.push(traceback));
    }
    let mut head = Head::new();
    head.message(message, place);
    let mut rest = Head::new();
    rest.place(place);
    out.push(head.bytes()) && out.push(message) && out.push(rest.bytes()) && out.push(traceback)
}

/// Adds the error itself to the map in the buffer, if it can be encoded; false when memory is out.
///
/// # Safety
/// As for [`describe`].
unsafe fn write_value(L: *mut State, index: c_int) -> bool {
    let start = buffer().len();
    if !buffer().push(b"\xa5value") {
        return false;
    }
    let limit = options::result_limit().max(KEEP).saturating_add(start);
    // SAFETY: as the caller upholds.
    let encoded =
        encoding::append(|out| unsafe { msgpack::encode_value(L, index, out, limit, Functions::Handles) });
    if encoded.is_err() {
        buffer().truncate(start);
        return true;
    }
    let fields = buffer().as_slice().first().map_or(0, |head| head + 1);
    buffer().write_at(0, &[fields])
}

/// Notes the position of a syntax error, whose message is on top, in a chunk of that name.
///
/// # Safety
/// `L` is live, with a string on top of its stack.
pub unsafe fn syntax_error(L: *mut State, name: *const c_char) {
    // SAFETY: as the caller upholds.
    unsafe { lua::moonlet_note_syntax(L, name) }
}
