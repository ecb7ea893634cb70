//! `call`: a function that the host names, with the host's arguments, becomes a task.

use super::data::Data;
use super::{run, state};
use crate::bytes::{answer, options, status};
use crate::lua;

/// Calls the function that the first value of the array in `bytes` names, with the others.
pub fn call(bytes: &'static [u8]) -> i32 {
    run::start(&|L| {
        options::run_with_format(options::format());
        // SAFETY: `L` is the main thread.
        unsafe {
            if Data::Array(bytes).push(L)? == 0 {
                return Err(answer::fail(
                    status::BAD_DATA,
                    b"call needs an array that starts with a function\0",
                ));
            }
            let function = state::BOTTOM + 1;
            if !matches!(
                lua::lua_type(L, function),
                lua::TSTRING | lua::TFUNCTION | lua::TTABLE | lua::TUSERDATA | lua::TTHREAD
            ) {
                return Err(answer::fail(
                    status::BAD_DATA,
                    b"call needs a handle or a path of names first\0",
                ));
            }
            Ok(())
        }
    })
}
