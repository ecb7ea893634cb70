//! The Lua library `msgpack`: `encode(...)` gives the values one after the other as a string, `decode(s [, i])` the value
//! that starts at position `i` of it and the position after that value, as `string.unpack` does; `array(t)` and `map(t)` mark
//! a table (see `marks.rs`).

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use core::slice;

use libc_shim::heap::Buffer;

use super::decode::decode_first;
use super::{Failure, Functions, encode_value, marks};
use crate::bytes::status;
use crate::lua::{self, State};

/// An encoding under way.
struct Encoding {
    out: Buffer,
    /// The argument that failed, and how.
    failed: Option<(c_int, Failure)>,
}

/// Opens the library.
///
/// # Safety
/// Called by Lua.
pub unsafe extern "C" fn open(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds; a C function has 20 stack slots.
    unsafe {
        lua::lua_createtable(L, 0, 4);
        lua::lua_pushcclosure(L, encode, 0);
        lua::lua_setfield(L, -2, c"encode".as_ptr());
        lua::lua_pushcclosure(L, decode, 0);
        lua::lua_setfield(L, -2, c"decode".as_ptr());
        lua::lua_pushcclosure(L, array, 0);
        lua::lua_setfield(L, -2, c"array".as_ptr());
        lua::lua_pushcclosure(L, map, 0);
        lua::lua_setfield(L, -2, c"map".as_ptr());
    }
    1
}

/// # Safety
/// Called by Lua.
unsafe extern "C" fn encode(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds. What raises here holds no resource of Rust.
    unsafe {
        let mut outcome = attempt(L);
        if matches!(outcome, Ok(Some((_, Failure::Memory)))) {
            // As Lua does itself where its own allocations fail.
            lua::lua_gc(L, lua::GCCOLLECT, ptr::null());
            outcome = attempt(L);
        }
        match outcome {
            Ok(None) => 1,
            Ok(Some((argument, failure))) => raise(L, argument, failure),
            Err(()) => lua::lua_error(L),
        }
    }
}

/// Pushes the arguments encoded, or tells which of them failed; an error that was raised is on the stack. The bytes
/// belong to Rust meanwhile, so nothing may raise past this function.
///
/// # Safety
/// Called in a C function.
unsafe fn attempt(L: *mut State) -> Result<Option<(c_int, Failure)>, ()> {
    let mut encoding = Encoding { out: Buffer::new(), failed: None };
    // SAFETY: as the caller upholds.
    unsafe {
        let arguments = lua::lua_gettop(L);
        if lua::lua_checkstack(L, arguments + 2) == 0 {
            return Ok(Some((1, Failure::Memory)));
        }
        lua::lua_pushcclosure(L, encode_arguments, 0);
        for index in 1..=arguments {
            lua::lua_pushvalue(L, index);
        }
        lua::lua_pushlightuserdata(L, ptr::from_mut(&mut encoding).cast::<c_void>());
        if lua::lua_pcallk(L, arguments + 1, 1, 0, 0, None) != status::OK {
            return Err(());
        }
    }
    Ok(encoding.failed)
}

/// A C function that encodes its arguments.
///
/// # Safety
/// Called by Lua with values and a pointer to an [`Encoding`].
unsafe extern "C" fn encode_arguments(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let last = lua::lua_gettop(L) - 1;
        let encoding = &mut *lua::lua_touserdata(L, -1).cast::<Encoding>();
        for index in 1..=last {
            if let Err(failure) = encode_value(L, index, &mut encoding.out, usize::MAX, Functions::Refuse) {
                encoding.failed = Some((index, failure));
                return 0;
            }
        }
        let bytes = encoding.out.as_slice();
        lua::lua_pushlstring(L, bytes.as_ptr(), bytes.len());
    }
    1
}

/// # Safety
/// Called by Lua.
unsafe extern "C" fn decode(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds; the string stays where it is while it is an argument.
    unsafe {
        let mut len = 0;
        let start = lua::luaL_checklstring(L, 1, &raw mut len);
        let data = slice::from_raw_parts(start, len);
        let skipped = offset(lua::luaL_optinteger(L, 2, 1), len);
        let Some(rest) = data.get(skipped..) else {
            return lua::luaL_argerror(L, 2, c"initial position out of string".as_ptr());
        };
        match decode_first(L, rest) {
            Ok(taken) => {
                lua::lua_pushinteger(L, (skipped + taken) as i64 + 1);
                2
            }
            Err(failure) => raise(L, 1, failure),
        }
    }
}

/// Bytes before a position, which may count from the end, in a string of `len` bytes; as in `string.unpack`.
fn offset(position: i64, len: usize) -> usize {
    let before = if position < 0 { position.saturating_add(len as i64) } else { position.saturating_sub(1) };
    usize::try_from(before.max(0)).unwrap_or(usize::MAX)
}

/// Raises a failure as an error in the style of the standard libraries.
///
/// # Safety
/// Called in a C function.
unsafe fn raise(L: *mut State, argument: c_int, failure: Failure) -> c_int {
    let message = failure.message().as_ptr().cast();
    // SAFETY: as the caller upholds; the message ends in NUL.
    unsafe {
        if failure == Failure::Memory {
            // lua_error knows this one by its text.
            lua::lua_pushstring(L, message);
            return lua::lua_error(L);
        }
        lua::luaL_argerror(L, argument, message)
    }
}

/// Whether the table at index 1 has no metatable, or that of a mark.
///
/// # Safety
/// `L` runs a C function with a table as its argument.
unsafe fn may_be_marked(L: *mut State) -> bool {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_getmetatable(L, 1) == 0 {
            return true;
        }
        let own = [marks::ARRAY, marks::MAP].into_iter().any(|mark| {
            lua::lua_rawgetp(L, lua::REGISTRYINDEX, marks::place(mark));
            let same = lua::lua_rawequal(L, -1, -2) != 0;
            lua::lua_settop(L, -2);
            same
        });
        lua::lua_settop(L, -2);
        own
    }
}

/// Marks the table that is the only argument, and returns it.
///
/// # Safety
/// Called by Lua.
unsafe fn mark(L: *mut State, mark: marks::Mark, refusal: *const c_char) -> c_int {
    // SAFETY: as the caller upholds; a C function has 20 stack slots.
    unsafe {
        lua::luaL_checktype(L, 1, lua::TTABLE);
        lua::lua_settop(L, 1);
        marks::push_name(L);
        lua::lua_pushvalue(L, 1);
        let marked = marks::find(L, 2);
        lua::lua_settop(L, 1);
        if marked != Some(mark) {
            if !may_be_marked(L) {
                return lua::luaL_argerror(L, 1, refusal);
            }
            marks::push_metatable(L, mark);
            lua::lua_setmetatable(L, 1);
        }
    }
    1
}

/// `msgpack.array(t)`.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn array(L: *mut State) -> c_int {
    let refusal = c"table has a metatable, whose field '__msgpack' can be set to 'array'";
    // SAFETY: as the caller upholds.
    unsafe { mark(L, marks::ARRAY, refusal.as_ptr()) }
}

/// `msgpack.map(t)`.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn map(L: *mut State) -> c_int {
    let refusal = c"table has a metatable, whose field '__msgpack' can be set to 'map'";
    // SAFETY: as the caller upholds.
    unsafe { mark(L, marks::MAP, refusal.as_ptr()) }
}
