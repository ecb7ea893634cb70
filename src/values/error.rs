//! The message handler: what is known of an error while the calls that led to it still stand.

use core::ffi::{c_char, c_int};
use core::ptr;

use libc_shim::heap;

use crate::bytes::options;
use crate::lua::{self, State};

/// The message handler: turns the error into text with the traceback, or into a table of its parts. Only a `__tostring` is
/// the script's own work; what it makes counts against the script's memory, so the reserve is shut for it.
///
/// # Safety
/// Called by Lua with the error's value.
pub unsafe extern "C" fn handler(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe { if options::is_text() { describe(L) } else { take_apart(L) } }
    heap::open_reserve(false);
    1
}

/// Turns the error at index 1 into a text on top.
unsafe fn describe(L: *mut State) {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_isstring(L, 1) == 0 {
            let described =
                lua::luaL_callmeta(L, 1, c"__tostring".as_ptr()) != 0 && lua::lua_type(L, -1) == lua::TSTRING;
            heap::open_reserve(true);
            if !described {
                let kind = [lua::lua_typename(L, lua::lua_type(L, 1))];
                lua::lua_pushfstring(L, c"(error object is a %s value)".as_ptr(), kind.as_ptr().cast());
            }
            lua::lua_copy(L, -1, 1);
            lua::lua_settop(L, 1);
        }
        heap::open_reserve(true);
        // The message is joined here because luaL_traceback would end it at its first NUL.
        lua::lua_pushstring(L, c"\n".as_ptr());
        lua::luaL_traceback(L, L, ptr::null(), 1);
        lua::lua_concat(L, 3);
    }
}

/// Turns the error at index 1 into a table on top.
unsafe fn take_apart(L: *mut State) {
    heap::open_reserve(true);
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_createtable(L, 0, 4);
        let is_text = lua::lua_isstring(L, 1) != 0;
        if is_text {
            lua::lua_tolstring(L, 1, ptr::null_mut());
        }
        lua::lua_pushvalue(L, 1);
        lua::lua_setfield(L, 2, if is_text { c"message".as_ptr() } else { c"value".as_ptr() });
        lua::luaL_traceback(L, L, ptr::null(), 1);
        lua::lua_setfield(L, 2, c"traceback".as_ptr());
        set_position(L, lua::moonlet_error_position(L));
    }
}

/// Puts the name of a chunk, on top unless `line` is negative, and the line into the table at index 2.
unsafe fn set_position(L: *mut State, line: c_int) {
    // SAFETY: as the caller upholds.
    unsafe {
        if line >= 0 {
            lua::lua_setfield(L, 2, c"chunk".as_ptr());
            lua::lua_pushinteger(L, i64::from(line));
            lua::lua_setfield(L, 2, c"line".as_ptr());
        }
    }
}

/// Turns the message of a syntax error, on top, into what [`handler`] makes of an error. May raise.
///
/// # Safety
/// `L` runs a C function with one argument, and the chunk had that name.
pub unsafe fn syntax_error(L: *mut State, name: *const c_char) {
    if options::is_text() {
        return;
    }
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_createtable(L, 0, 3);
        lua::lua_pushvalue(L, -2);
        lua::lua_setfield(L, -2, c"message".as_ptr());
        lua::lua_rotate(L, 2, 1);
        let line = lua::moonlet_syntax_position(L, name);
        set_position(L, line);
        lua::lua_settop(L, 2);
    }
}
