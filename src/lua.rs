//! The functions of `lua.h`, `lauxlib.h` and `lualib.h` that the module calls, in the headers' order.

use core::ffi::{c_char, c_int, c_void};

/// A Lua state or thread.
#[repr(C)]
pub struct State {
    _opaque: [u8; 0],
}

pub type CFunction = unsafe extern "C" fn(*mut State) -> c_int;
type KFunction = unsafe extern "C" fn(*mut State, c_int, isize) -> c_int;

pub const MULTRET: c_int = -1;

#[cfg(feature = "lua54")]
pub const VERSION_NUM: u32 = 504;
#[cfg(feature = "lua55")]
pub const VERSION_NUM: u32 = 505;

pub const TSTRING: c_int = 4;

unsafe extern "C" {
    pub fn lua_close(L: *mut State);
    pub fn lua_gettop(L: *mut State) -> c_int;
    pub fn lua_settop(L: *mut State, index: c_int);
    pub fn lua_pushvalue(L: *mut State, index: c_int);
    pub fn lua_copy(L: *mut State, from: c_int, to: c_int);
    pub fn lua_checkstack(L: *mut State, n: c_int) -> c_int;
    pub fn lua_type(L: *mut State, index: c_int) -> c_int;
    pub fn lua_typename(L: *mut State, kind: c_int) -> *const c_char;
    pub fn lua_isstring(L: *mut State, index: c_int) -> c_int;
    pub fn lua_tolstring(L: *mut State, index: c_int, len: *mut usize) -> *const u8;
    pub fn lua_touserdata(L: *mut State, index: c_int) -> *mut c_void;
    pub fn lua_pushstring(L: *mut State, text: *const c_char) -> *const c_char;
    pub fn lua_pushfstring(L: *mut State, format: *const c_char, arguments: *const c_void) -> *const c_char;
    pub fn lua_pushcclosure(L: *mut State, function: CFunction, upvalues: c_int);
    pub fn lua_pushlightuserdata(L: *mut State, pointer: *mut c_void);
    pub fn lua_concat(L: *mut State, n: c_int);
    pub fn lua_pcallk(
        L: *mut State,
        arguments: c_int,
        results: c_int,
        handler: c_int,
        context: isize,
        k: Option<KFunction>,
    ) -> c_int;

    pub fn luaL_callmeta(L: *mut State, object: c_int, event: *const c_char) -> c_int;
    pub fn luaL_tolstring(L: *mut State, index: c_int, len: *mut usize) -> *const u8;
    pub fn luaL_newstate() -> *mut State;
    pub fn luaL_loadbufferx(
        L: *mut State,
        source: *const u8,
        len: usize,
        name: *const c_char,
        mode: *const c_char,
    ) -> c_int;
    pub fn luaL_traceback(L: *mut State, of: *mut State, message: *const c_char, level: c_int);
    pub fn luaL_requiref(L: *mut State, name: *const c_char, open: CFunction, global: c_int);

    pub fn luaopen_base(L: *mut State) -> c_int;
    pub fn luaopen_package(L: *mut State) -> c_int;
    pub fn luaopen_coroutine(L: *mut State) -> c_int;
    pub fn luaopen_debug(L: *mut State) -> c_int;
    pub fn luaopen_io(L: *mut State) -> c_int;
    pub fn luaopen_math(L: *mut State) -> c_int;
    pub fn luaopen_os(L: *mut State) -> c_int;
    pub fn luaopen_string(L: *mut State) -> c_int;
    pub fn luaopen_table(L: *mut State) -> c_int;
    pub fn luaopen_utf8(L: *mut State) -> c_int;
}

/// Calls `function(argument)` protected, with the argument as light userdata; Lua's status, and on an error its value
/// on the stack.
///
/// # Safety
/// `L` is a live state with three free stack slots, and `function` takes a pointer to what `argument` points to.
pub unsafe fn protected(L: *mut State, function: CFunction, argument: *mut c_void, results: c_int) -> c_int {
    // SAFETY: as the caller upholds; a C function without upvalues and a light userdata allocate nothing.
    unsafe {
        lua_pushcclosure(L, function, 0);
        lua_pushlightuserdata(L, argument);
        lua_pcallk(L, 1, results, 0, 0, None)
    }
}
