//! One run: a chunk is loaded, called, and its values or its error become the result.

use core::ffi::{c_char, c_int};

use libc_shim::heap;

use crate::lua::{self, State};
use crate::{result, state, status};

/// Longer than any chunk name that Lua shows (`LUA_IDSIZE` is 60).
const NAME_SIZE: usize = 64;

/// A chunk on its way into a C function.
struct Chunk {
    source: &'static [u8],
    name: [u8; NAME_SIZE],
}

impl Chunk {
    /// Named by the source itself, as `load` names a string; Lua shows no more than the name's first line.
    fn new(source: &'static [u8]) -> Self {
        let mut name = [0; NAME_SIZE];
        for (to, from) in name.iter_mut().zip(source).take(NAME_SIZE - 1) {
            *to = *from;
        }
        Self { source, name }
    }
}

/// A C function that loads a chunk and returns Lua's status and the function or message.
///
/// # Safety
/// Called by Lua with a pointer to a [`Chunk`] and the status's place.
unsafe extern "C" fn load(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let (chunk, loaded) = *lua::lua_touserdata(L, 1).cast::<(*const Chunk, *mut c_int)>();
        let source = (*chunk).source;
        *loaded = lua::luaL_loadbufferx(
            L,
            source.as_ptr(),
            source.len(),
            (*chunk).name.as_ptr().cast::<c_char>(),
            core::ptr::null(),
        );
    }
    1
}

/// Runs `source` in the persistent state and answers as a run export does.
pub fn compute(source: &'static [u8]) -> i32 {
    heap::open_reserve(true);
    let state = state::get();
    let Some(L) = state else {
        heap::open_reserve(false);
        return result::fail(status::ERRMEM, b"not enough memory to start Lua\0");
    };
    // SAFETY: the state is live and its stack empty; every step that may raise runs protected.
    unsafe {
        let answer = run(L, source);
        heap::open_reserve(false);
        lua::lua_settop(L, 0);
        answer
    }
}

/// # Safety
/// `L` is the live main thread with an empty stack.
unsafe fn run(L: *mut State, source: &'static [u8]) -> i32 {
    let chunk = Chunk::new(source);
    let mut loaded = status::OK;
    let mut argument = (&raw const chunk, &raw mut loaded);
    // SAFETY: a fresh stack has room for these few values; `load` takes what `argument` points to.
    unsafe {
        lua::lua_pushcclosure(L, result::handler, 0);
        let called = lua::protected(L, load, (&raw mut argument).cast(), 1);
        let failed = if called != status::OK { called } else { loaded };
        if failed != status::OK {
            return result::error(L, failed);
        }
        // Only now: the source may be the last result.
        result::clear();
        heap::open_reserve(false);
        let called = lua::lua_pcallk(L, 0, lua::MULTRET, 1, 0, None);
        if state::interrupted() {
            state::interrupt(false);
            return result::exit();
        }
        heap::open_reserve(true);
        if called != status::OK {
            return result::error(L, called);
        }
        result::values(L, 2)
    }
}
