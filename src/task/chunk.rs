//! A chunk of the host becomes a function.

use core::ffi::{c_char, c_int};
use core::ptr;

use crate::bytes::status;
use crate::lua::{self, State};
use crate::values::error;

/// Longer than what Lua shows of the name of a chunk that is named by its source (`LUA_IDSIZE` is 60).
const NAME_SIZE: usize = 64;

/// A chunk on its way into a C function.
struct Chunk<'a> {
    text: &'a [u8],
    name: *const c_char,
    loaded: c_int,
}

/// Pushes the function that a source is, on the main thread, or answers the error. Without a name it is named by the source
/// itself, as `load` names a string.
///
/// # Safety
/// `L` is the main thread, `name` ends in NUL, and both stay as they are, whatever a finalizer of the script does.
pub unsafe fn push(L: *mut State, source: &[u8], name: Option<*const c_char>) -> Result<(), i32> {
    let source = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    let mut first = [0u8; NAME_SIZE];
    for (to, from) in first.iter_mut().zip(source).take(NAME_SIZE - 1) {
        *to = *from;
    }
    let name = name.unwrap_or(first.as_ptr().cast());
    let mut chunk = Chunk { text: without_comment(source), name, loaded: status::OK };
    // SAFETY: as the caller upholds; `load` takes what the pointer points to.
    unsafe {
        let called = lua::protected(L, load, (&raw mut chunk).cast(), 1);
        let failed = if called != status::OK { called } else { chunk.loaded };
        if failed != status::OK { Err(error::plain(L, failed)) } else { Ok(()) }
    }
}

/// The source from the end of its first line on, when that starts with `#`: the newline stays, and counts.
fn without_comment(source: &[u8]) -> &[u8] {
    if source.first() != Some(&b'#') {
        return source;
    }
    let end = source.iter().position(|byte| *byte == b'\n').unwrap_or(source.len());
    source.get(end..).unwrap_or_default()
}

/// A C function that loads a chunk and returns the function or the error.
///
/// # Safety
/// Called by Lua with a pointer to a [`Chunk`].
unsafe extern "C" fn load(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let chunk = &mut *lua::lua_touserdata(L, 1).cast::<Chunk<'_>>();
        chunk.loaded =
            lua::moonlet_loadbufferx(L, chunk.text.as_ptr(), chunk.text.len(), chunk.name, ptr::null());
        if chunk.loaded == status::ERRSYNTAX {
            error::syntax_error(L, chunk.name);
        }
    }
    1
}
