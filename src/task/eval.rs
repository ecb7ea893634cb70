//! `eval`: a source with a name and arguments becomes a task.

use core::ffi::c_int;
use core::ptr;
use core::slice;

use super::data::Data;
use super::{chunk, run, state};
use crate::bytes::{answer, options, status};
use crate::lua;

/// Where the values of the host's array stand on the main thread's stack.
const SOURCE: c_int = state::BOTTOM + 1;
const NAME: c_int = state::BOTTOM + 2;

/// Runs the source that the array in `bytes` starts with, under the name that follows, with the other values as its arguments.
pub fn eval(bytes: &'static [u8]) -> i32 {
    run::start(&|L| {
        options::run_with_format(options::format());
        // SAFETY: `L` is the main thread; source and name stay on its stack while they are read.
        unsafe {
            if Data::Array(bytes).push(L)? < 2 {
                lua::lua_settop(L, NAME);
            }
            let name = match lua::lua_type(L, NAME) {
                lua::TNIL => Some(None),
                lua::TSTRING => Some(Some(lua::lua_tolstring(L, NAME, ptr::null_mut()).cast())),
                _ => None,
            };
            let Some(name) = name.filter(|_| lua::lua_type(L, SOURCE) == lua::TSTRING) else {
                return Err(answer::fail(
                    status::BAD_DATA,
                    b"eval needs an array that starts with a source and a name or nil\0",
                ));
            };
            let mut len = 0;
            let start = lua::lua_tolstring(L, SOURCE, &raw mut len);
            chunk::push(L, slice::from_raw_parts(start, len), name)?;
            // The function comes before the arguments, in the place of source and name.
            lua::lua_copy(L, -1, NAME);
            lua::lua_settop(L, -2);
            lua::lua_rotate(L, SOURCE, -1);
            lua::lua_settop(L, -2);
            Ok(())
        }
    })
}
