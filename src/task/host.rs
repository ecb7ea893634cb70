//! The library `host`: functions that the host answers, by suspension.

use core::ffi::{CStr, c_int};
use core::ptr;

use libc_shim::heap;
use libc_shim::single::Single;

use crate::bytes::status;
use crate::lua::{self, CFunction, State, meter};
use crate::values::{msgpack, references, result};

/// Host calls that a task may make; 0 is no limit.
static LIMIT: Single<u64> = Single::new(0);
/// Those that the running task has made.
static CALLS: Single<u64> = Single::new(0);

pub fn limit() -> u64 {
    LIMIT.get()
}

pub fn set_limit(calls: u64) {
    LIMIT.set(calls);
}

pub fn calls() -> u64 {
    CALLS.get()
}

pub fn set_calls(calls: u64) {
    CALLS.set(calls);
}

/// Goes on with what the host answered: the values on top of the stack, or an error to raise.
///
/// # Safety
/// Called by Lua, as a continuation of [`call`].
unsafe extern "C" fn answered(L: *mut State, _status: c_int, _context: isize) -> c_int {
    // SAFETY: as the caller upholds; the host's values are on the stack.
    unsafe {
        let values = lua::moonlet_values;
        lua::moonlet_values = 0;
        if lua::moonlet_raises != 0 {
            lua::moonlet_raises = 0;
            return lua::lua_error(L);
        }
        values
    }
}

/// `host.call(name, ...)`: gives the host a request and answers what it answers.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn call(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::luaL_checklstring(L, 1, ptr::null_mut());
        if lua::moonlet_suspendable(L) == 0 {
            return lua::moonlet_refuse(L, c"call the host".as_ptr());
        }
        if LIMIT.get() != 0 && CALLS.get() >= LIMIT.get() {
            return lua::luaL_error(L, c"host calls are used up (option HOST_CALLS)".as_ptr(), ptr::null());
        }
        heap::open_reserve(true);
        let encoded = result::request(L);
        heap::open_reserve(false);
        if let Err(failure) = encoded {
            return lua::luaL_error(L, failure.message().as_ptr().cast(), ptr::null());
        }
        CALLS.set(CALLS.get() + 1);
        lua::moonlet_suspend(L, status::YIELD, 0, answered)
    }
}

/// A function that `host.define` made: calls the host under the name in its upvalue.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn call_defined(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds; a C function has 20 free slots beside its arguments.
    unsafe {
        lua::lua_pushvalue(L, lua::upvalue(1));
        lua::lua_rotate(L, 1, 1);
        call(L)
    }
}

/// `host.define(name)`: a function that calls the host under that name.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn define(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::luaL_checklstring(L, 1, ptr::null_mut());
        lua::lua_settop(L, 1);
        lua::lua_pushcclosure(L, call_defined, 1);
    }
    1
}

/// `host.budget()`: the units of fuel and the bytes of memory that are left, each nil where nothing limits it.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn budget(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        push_amount(L, meter::left());
        push_amount(L, heap::left().map(|bytes| bytes as u64));
    }
    2
}

/// # Safety
/// Called in a C function.
unsafe fn push_amount(L: *mut State, amount: Option<u64>) {
    // SAFETY: as the caller upholds.
    unsafe {
        match amount {
            Some(amount) => lua::lua_pushinteger(L, amount as i64),
            None => lua::lua_pushnil(L),
        }
    }
}

/// Calls the host under a name of the ABI with the arguments, the first of which is a reference.
///
/// # Safety
/// Called by Lua.
unsafe fn call_reference(L: *mut State, name: &CStr) -> c_int {
    // SAFETY: as the caller upholds; a C function has 20 free slots beside its arguments.
    unsafe {
        if references::number(L, 1).is_none() {
            return lua::luaL_error(L, c"attempt to use a reference that was dropped".as_ptr(), ptr::null());
        }
        lua::lua_pushstring(L, name.as_ptr());
        lua::lua_rotate(L, 1, 1);
        call(L)
    }
}

/// What a script does with a reference, each a host call of its own.
const METAMETHODS: [(&CStr, CFunction); 3] =
    [(c"__call", call_call), (c"__index", call_index), (c"__newindex", call_newindex)];

/// # Safety
/// Called by Lua.
unsafe extern "C" fn call_call(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe { call_reference(L, c"__call") }
}

/// # Safety
/// Called by Lua.
unsafe extern "C" fn call_index(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe { call_reference(L, c"__index") }
}

/// # Safety
/// Called by Lua.
unsafe extern "C" fn call_newindex(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe { call_reference(L, c"__newindex") }
}

/// Lets what a script does with a reference call the host.
pub fn prepare_references() {
    references::set_metamethods(&METAMETHODS);
}

/// `__tostring` of light userdata, among which `host.null` is.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn show_light(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let pointer = lua::lua_touserdata(L, 1);
        if pointer == msgpack::NULL {
            lua::lua_pushstring(L, c"null".as_ptr());
        } else {
            lua::lua_pushfstring(L, c"userdata: %p".as_ptr(), (&raw const pointer).cast());
        }
    }
    1
}

/// Opens the library: leaves its table on the stack.
///
/// # Safety
/// Called by Lua.
pub unsafe extern "C" fn open(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_createtable(L, 0, 4);
        lua::lua_pushlightuserdata(L, msgpack::NULL);
        lua::lua_createtable(L, 0, 1);
        lua::lua_pushcclosure(L, show_light, 0);
        lua::lua_setfield(L, -2, c"__tostring".as_ptr());
        lua::lua_setmetatable(L, -2);
        lua::lua_setfield(L, -2, c"null".as_ptr());
        lua::lua_pushcclosure(L, call, 0);
        lua::lua_setfield(L, -2, c"call".as_ptr());
        lua::lua_pushcclosure(L, define, 0);
        lua::lua_setfield(L, -2, c"define".as_ptr());
        lua::lua_pushcclosure(L, budget, 0);
        lua::lua_setfield(L, -2, c"budget".as_ptr());
    }
    1
}
