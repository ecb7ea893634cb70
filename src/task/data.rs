//! The host's data, which becomes values on the main thread's stack.

use core::ffi::c_int;

use crate::bytes::{answer, status};
use crate::lua::{self, State};
use crate::values::msgpack::{self, Failure};
use crate::values::result;

/// Data on its way into a C function.
struct Data {
    bytes: &'static [u8],
    failure: Option<Failure>,
}

/// A C function that decodes an array and returns its values.
///
/// # Safety
/// Called by Lua with a pointer to a [`Data`].
pub unsafe extern "C" fn decode(L: *mut State) -> c_int {
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
pub unsafe extern "C" fn decode_one(L: *mut State) -> c_int {
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

/// Pushes the values that `bytes` hold, an array or by [`decode_one`] a single one; how many, or the answer that refuses
/// them.
///
/// # Safety
/// `L` is the main thread.
pub unsafe fn push(L: *mut State, bytes: &'static [u8], decode: lua::CFunction) -> Result<c_int, i32> {
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
