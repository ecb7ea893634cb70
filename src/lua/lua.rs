#![cfg_attr(
    feature = "mini",
    allow(dead_code, reason = "the mini variant leaves out who calls some of them")
)]
//! The functions of `lua.h`, `lauxlib.h` and `lualib.h` that the module calls, in the headers' order.

pub mod meter;
pub mod trace;

use core::ffi::{c_char, c_int, c_void};

/// A Lua state or thread.
#[repr(C)]
pub struct State {
    _opaque: [u8; 0],
}

pub type CFunction = unsafe extern "C" fn(*mut State) -> c_int;
pub type KFunction = unsafe extern "C" fn(*mut State, c_int, isize) -> c_int;

pub const MULTRET: c_int = -1;

#[cfg(feature = "lua54")]
pub const VERSION_NUM: u32 = 504;
#[cfg(feature = "lua55")]
pub const VERSION_NUM: u32 = 505;

/// Slots that a stack may have (`LUAI_MAXSTACK`); Lua's internal tests choose fewer.
pub const MAXSTACK: usize = match (cfg!(feature = "ltests"), VERSION_NUM) {
    (false, _) => 1_000_000,
    (true, 504) => 50_000,
    (true, _) => 68_000,
};

/// Where `LUA_REGISTRYINDEX` puts the registry.
#[cfg(feature = "lua54")]
pub const REGISTRYINDEX: c_int = -(MAXSTACK as c_int) - 1000;
#[cfg(feature = "lua55")]
pub const REGISTRYINDEX: c_int = -(c_int::MAX / 2 + 1000);

pub const TNONE: c_int = -1;
pub const TNIL: c_int = 0;
pub const TBOOLEAN: c_int = 1;
pub const TLIGHTUSERDATA: c_int = 2;
pub const TNUMBER: c_int = 3;
pub const TSTRING: c_int = 4;
pub const TTABLE: c_int = 5;
pub const TFUNCTION: c_int = 6;
pub const TUSERDATA: c_int = 7;
pub const TTHREAD: c_int = 8;

/// The variants of [`TNUMBER`], as Lua itself has them.
pub const VNUMINT: c_int = TNUMBER;
pub const VNUMFLT: c_int = TNUMBER | 1 << 4;

pub const GCCOLLECT: c_int = 2;

unsafe extern "C" {
    pub fn lua_newthread(L: *mut State) -> *mut State;
    pub fn lua_closethread(L: *mut State, from: *mut State) -> c_int;
    pub fn lua_close(L: *mut State);
    pub fn lua_gettop(L: *mut State) -> c_int;
    pub fn lua_settop(L: *mut State, index: c_int);
    pub fn lua_pushvalue(L: *mut State, index: c_int);
    pub fn lua_rotate(L: *mut State, index: c_int, n: c_int);
    pub fn lua_xmove(from: *mut State, to: *mut State, n: c_int);
    pub fn lua_copy(L: *mut State, from: c_int, to: c_int);
    pub fn lua_checkstack(L: *mut State, n: c_int) -> c_int;
    pub fn lua_type(L: *mut State, index: c_int) -> c_int;
    pub fn lua_isinteger(L: *mut State, index: c_int) -> c_int;
    pub fn lua_tonumberx(L: *mut State, index: c_int, is_number: *mut c_int) -> f64;
    pub fn lua_tointegerx(L: *mut State, index: c_int, is_integer: *mut c_int) -> i64;
    pub fn lua_toboolean(L: *mut State, index: c_int) -> c_int;
    pub fn lua_tolstring(L: *mut State, index: c_int, len: *mut usize) -> *const u8;
    pub fn lua_rawequal(L: *mut State, a: c_int, b: c_int) -> c_int;
    pub fn lua_rawlen(L: *mut State, index: c_int) -> u64;
    pub fn lua_touserdata(L: *mut State, index: c_int) -> *mut c_void;
    pub fn lua_pushnil(L: *mut State);
    pub fn lua_pushnumber(L: *mut State, number: f64);
    pub fn lua_pushinteger(L: *mut State, integer: i64);
    pub fn lua_pushlstring(L: *mut State, start: *const u8, len: usize) -> *const u8;
    pub fn lua_pushstring(L: *mut State, text: *const c_char) -> *const c_char;
    pub fn lua_pushfstring(L: *mut State, format: *const c_char, arguments: *const c_void) -> *const c_char;
    pub fn lua_pushcclosure(L: *mut State, function: CFunction, upvalues: c_int);
    pub fn lua_pushboolean(L: *mut State, boolean: c_int);
    pub fn lua_pushlightuserdata(L: *mut State, pointer: *mut c_void);
    pub fn lua_rawget(L: *mut State, table: c_int) -> c_int;
    pub fn lua_rawgeti(L: *mut State, table: c_int, key: i64) -> c_int;
    pub fn lua_rawgetp(L: *mut State, table: c_int, key: *const c_void) -> c_int;
    pub fn lua_getmetatable(L: *mut State, object: c_int) -> c_int;
    pub fn lua_newuserdatauv(L: *mut State, size: usize, values: c_int) -> *mut c_void;
    pub fn lua_createtable(L: *mut State, array_size: c_int, hash_size: c_int);
    pub fn lua_setfield(L: *mut State, table: c_int, key: *const c_char);
    pub fn lua_setmetatable(L: *mut State, object: c_int) -> c_int;
    pub fn lua_rawset(L: *mut State, table: c_int);
    pub fn lua_rawseti(L: *mut State, table: c_int, key: i64);
    pub fn lua_rawsetp(L: *mut State, table: c_int, key: *const c_void);
    pub fn lua_pcallk(
        L: *mut State,
        arguments: c_int,
        results: c_int,
        handler: c_int,
        context: isize,
        k: Option<KFunction>,
    ) -> c_int;
    pub fn lua_gc(L: *mut State, what: c_int, arguments: *const c_void) -> c_int;
    pub fn lua_error(L: *mut State) -> c_int;
    pub fn lua_next(L: *mut State, table: c_int) -> c_int;

    pub fn lua_gethook(L: *mut State) -> Option<unsafe extern "C" fn()>;
    pub fn lua_sethook(L: *mut State, hook: Option<unsafe extern "C" fn()>, mask: c_int, count: c_int);

    pub fn luaL_tolstring(L: *mut State, index: c_int, len: *mut usize) -> *const u8;
    pub fn luaL_argerror(L: *mut State, argument: c_int, message: *const c_char) -> c_int;
    pub fn luaL_checktype(L: *mut State, argument: c_int, kind: c_int);
    pub fn luaL_checklstring(L: *mut State, argument: c_int, len: *mut usize) -> *const u8;
    pub fn luaL_optinteger(L: *mut State, argument: c_int, default: i64) -> i64;
    pub fn luaL_error(L: *mut State, format: *const c_char, arguments: *const c_void) -> c_int;
    pub fn luaL_newstate() -> *mut State;
    pub fn moonlet_loadbufferx(
        L: *mut State,
        source: *const u8,
        len: usize,
        name: *const c_char,
        mode: *const c_char,
    ) -> c_int;
    pub fn luaL_requiref(L: *mut State, name: *const c_char, open: CFunction, global: c_int);

    pub fn luaopen_debug(L: *mut State) -> c_int;
    pub fn luaopen_base(L: *mut State) -> c_int;
    pub fn luaopen_io(L: *mut State) -> c_int;
    pub fn luaopen_utf8(L: *mut State) -> c_int;
    pub fn luaopen_math(L: *mut State) -> c_int;
    pub fn luaopen_os(L: *mut State) -> c_int;
    pub fn luaopen_string(L: *mut State) -> c_int;
    pub fn luaopen_table(L: *mut State) -> c_int;
}

/// The index of the running function's upvalue `n`.
pub const fn upvalue(n: c_int) -> c_int {
    REGISTRYINDEX - n
}

// The C files of this folder, which say what they do.
unsafe extern "C" {
    pub static mut moonlet_in_task: c_int;
    pub static mut moonlet_blocks: c_int;
    pub static mut moonlet_kind: c_int;
    pub static mut moonlet_waiting: *mut State;
    pub static mut moonlet_place_taken: c_int;
    pub static mut moonlet_raises: c_int;
    pub static mut moonlet_values: c_int;

    pub fn moonlet_prepare_thread(L: *mut State, is_task: c_int);
    pub fn moonlet_reserve_calls(L: *mut State, calls: c_int, slots: c_int);
    pub fn moonlet_stack_used(L: *mut State) -> c_int;
    pub fn moonlet_shrink_thread(L: *mut State);
    pub fn moonlet_copy_table(L: *mut State) -> c_int;
    pub fn moonlet_collect(L: *mut State);
    pub fn moonlet_outer(L: *mut State) -> *mut State;
    pub fn moonlet_suspendable(L: *mut State) -> c_int;
    pub fn moonlet_suspend(L: *mut State, kind: c_int, context: isize, k: KFunction) -> !;
    #[cfg(feature = "faults")]
    pub fn moonlet_drop_parked(L: *mut State);
    pub fn moonlet_push_free(L: *mut State, kind: c_int, bits: u64, text: *const u8) -> c_int;
    pub fn moonlet_drop(L: *mut State, values: c_int);
    pub fn moonlet_seat(
        L: *mut State,
        thread: *mut State,
        body: CFunction,
        handler: CFunction,
        values: c_int,
    );
    pub fn moonlet_find_global(L: *mut State, index: c_int) -> c_int;
    pub fn moonlet_find_function(L: *mut State) -> c_int;
    pub fn moonlet_refuse(L: *mut State, what: *const c_char) -> c_int;
    pub fn moonlet_resume(from: *mut State, thread: *mut State, values: c_int, results: *mut c_int) -> c_int;
    pub fn moonlet_close_suspended(L: *mut State, from: *mut State) -> c_int;
    pub fn moonlet_describe(L: *mut State, index: c_int);
    pub fn moonlet_handler(L: *mut State) -> c_int;
    pub fn moonlet_recall(L: *mut State);
    pub fn moonlet_note_syntax(L: *mut State, name: *const c_char);

    #[cfg(feature = "mini")]
    pub fn moonlet_open_base(L: *mut State) -> c_int;
    pub fn moonlet_open_coroutine(L: *mut State) -> c_int;
    pub fn moonlet_open_debug(L: *mut State) -> c_int;
    pub fn moonlet_open_package(L: *mut State) -> c_int;
    pub fn moonlet_give_functions(L: *mut State);
}

/// Brings the two globals of the module, which a copy of memory does not hold, back to what they are between calls: the C
/// stack's pointer, and the mark of an error on its way. A call that the engine tore down leaves them as they were.
///
/// # Safety
/// An export of the host's call calls this, with no frame of its own on the C stack.
#[inline(always)]
pub unsafe fn rewind() {
    unsafe extern "C" {
        static __stack_high: u8;
        fn moonlet_set_stack(top: *const u8);
        fn lua_try(f: unsafe extern "C" fn(*mut State, *mut c_void), L: *mut State, ud: *mut c_void)
        -> c_int;
    }
    unsafe extern "C" fn nothing(_: *mut State, _: *mut c_void) {}
    // SAFETY: as the caller upholds; where an error seems to come out of `nothing`, it ends here.
    unsafe {
        moonlet_set_stack(&raw const __stack_high);
        lua_try(nothing, core::ptr::null_mut(), core::ptr::null_mut());
    }
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
