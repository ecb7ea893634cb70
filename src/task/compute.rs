//! `compute`: a chunk becomes a function, and that a task.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::run;
use crate::bytes::{options, status};
use crate::lua::{self, State};
use crate::values::{error, result};

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
        let name = (*chunk).name.as_ptr().cast::<c_char>();
        *loaded = lua::moonlet_loadbufferx(L, source.as_ptr(), source.len(), name, ptr::null());
        if *loaded == status::ERRSYNTAX {
            error::syntax_error(L, name);
        }
    }
    1
}

/// Runs `source` in the persistent state and answers as a run export does.
pub fn compute(source: &'static [u8]) -> i32 {
    run::start(|L| {
        let chunk = Chunk::new(source);
        let mut loaded = status::OK;
        let mut argument = (&raw const chunk, &raw mut loaded);
        options::run_with_format(options::format());
        // SAFETY: `load` takes what `argument` points to.
        unsafe {
            let called = lua::protected(L, load, (&raw mut argument).cast(), 1);
            let failed = if called != status::OK { called } else { loaded };
            if failed != status::OK { Err(result::error(L, failed)) } else { Ok(()) }
        }
    })
}
