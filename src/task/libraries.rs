//! The standard libraries and our own, chosen by the option LIBRARIES.

use core::ffi::{CStr, c_int};

use super::host;
use crate::bytes::options;
use crate::lua::{self, CFunction, State};
use crate::values::msgpack;

/// Bit n of the mask is library n: the numbers of Lua 5.5's `luaL_openselectedlibs`, for 5.4 too; our own
/// come after them.
const LIBRARIES: [(&CStr, CFunction); 13] = [
    (c"_G", lua::moonlet_open_base),
    (c"package", lua::moonlet_open_package),
    (c"coroutine", lua::moonlet_open_coroutine),
    (c"debug", lua::moonlet_open_debug),
    (c"io", lua::moonlet_open_io),
    (c"math", lua::luaopen_math),
    (c"os", lua::luaopen_os),
    (c"string", lua::luaopen_string),
    (c"table", lua::luaopen_table),
    (c"utf8", lua::moonlet_open_utf8),
    (c"msgpack", msgpack::open),
    (c"host", host::open),
    (c"debug", lua::luaopen_debug),
];

/// The safe part of `debug`, and all of it, which takes its place.
const DEBUG: u32 = 1 << 3;
const DEBUG_FULL: u32 = 1 << 12;

const _: () = assert!(options::ALL_LIBRARIES == (1 << LIBRARIES.len()) - 1);

/// A C function that opens the libraries of the mask that its light userdata points to.
///
/// # Safety
/// Called by Lua with a pointer to a `u32`.
pub unsafe extern "C" fn open(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds; a C function has 20 stack slots.
    unsafe {
        let mut mask = *lua::lua_touserdata(L, 1).cast::<u32>();
        if mask & DEBUG_FULL != 0 {
            mask &= !DEBUG;
        }
        for (bit, (name, function)) in LIBRARIES.iter().enumerate() {
            if mask >> bit & 1 == 1 {
                lua::luaL_requiref(L, name.as_ptr(), *function, 1);
                lua::lua_settop(L, 1);
            }
        }
        if mask & DEBUG != 0 {
            lua::moonlet_give_functions(L);
        }
    }
    0
}
