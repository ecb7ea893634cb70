//! `call`: a function that the host names, with the host's arguments, becomes a task.

use core::ffi::c_int;

use super::data::Data;
use super::{run, state};
use crate::bytes::{answer, options, status};
use crate::lua::{self, State};
use crate::values::result;

/// Calls the function that the first value of the array in `bytes` names, with the others.
pub fn call(bytes: &'static [u8]) -> i32 {
    run::start(|L| {
        options::run_with_format(options::format());
        // SAFETY: `L` is the main thread; `find_function` takes the value below the others.
        unsafe {
            let data = Data::Array(bytes);
            if data.check(L)? == 0 {
                return Err(answer::fail(
                    status::BAD_DATA,
                    b"call needs an array that starts with a function\0",
                ));
            }
            data.push(L)?;
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
