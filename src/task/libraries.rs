//! The standard libraries and our own, chosen by the option LIBRARIES.

use core::ffi::{CStr, c_int};

use super::host;
use crate::bytes::options;
use crate::lua::{self, CFunction, State};

/// The libraries that this module holds by their bits: the numbers of Lua 5.5's `luaL_openselectedlibs`, for 5.4 too; our own come
/// after them.
const LIBRARIES: &[(u32, &CStr, CFunction)] = &[
    #[cfg(not(feature = "mini"))]
    (1, c"_G", lua::luaopen_base),
    #[cfg(feature = "mini")]
    (1, c"_G", lua::moonlet_open_base),
    #[cfg(not(feature = "mini"))]
    (2, c"package", lua::moonlet_open_package),
    (4, c"coroutine", lua::moonlet_open_coroutine),
    #[cfg(not(feature = "mini"))]
    (DEBUG, c"debug", lua::moonlet_open_debug),
    #[cfg(not(feature = "mini"))]
    (16, c"io", lua::luaopen_io),
    (32, c"math", lua::luaopen_math),
    #[cfg(not(feature = "mini"))]
    (64, c"os", lua::luaopen_os),
    (128, c"string", lua::luaopen_string),
    (256, c"table", lua::luaopen_table),
    (512, c"utf8", lua::luaopen_utf8),
    #[cfg(not(feature = "mini"))]
    (1024, c"msgpack", crate::values::msgpack::open),
    (2048, c"host", host::open),
    #[cfg(not(feature = "mini"))]
    (DEBUG_FULL, c"debug", lua::luaopen_debug),
];

/// The safe part of `debug`, and all of it, which takes its place.
const DEBUG: u32 = 1 << 3;
const DEBUG_FULL: u32 = 1 << 12;

const _: () = {
    let (mut held, mut rest) = (0, LIBRARIES);
    while let [(bit, ..), more @ ..] = rest {
        held |= *bit;
        rest = more;
    }
    assert!(held == options::HELD_LIBRARIES);
};

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
        for (bit, name, function) in LIBRARIES {
            if mask & bit != 0 {
                lua::luaL_requiref(L, name.as_ptr(), *function, 1);
                lua::lua_settop(L, 1);
            }
        }
        #[cfg(not(feature = "mini"))]
        if mask & DEBUG != 0 {
            lua::moonlet_give_functions(L);
        }
    }
    0
}
