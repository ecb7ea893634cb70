//! The Rust side of `traceback.c`: where the last error happened that the host may be told of.

use core::ptr;
use core::slice;

use super::State;

/// Bytes before the traceback that [`join`] has for what the host is told first.
pub const HEAD: usize = 160;

/// Bytes of a traceback at most.
const TEXT: usize = 2304;

/// `LUA_IDSIZE`: bytes of a chunk's name as it is shown, with its NUL.
const ID: usize = 60;

/// `struct moonlet_trace`.
#[repr(C)]
struct Trace {
    task: *mut State,
    status: i32,
    line: i32,
    length: u32,
    chunk: [u8; ID],
    head: [u8; HEAD],
    text: [u8; TEXT],
}

unsafe extern "C" {
    static mut moonlet_trace: Trace;
    static mut moonlet_traced: *mut State;
}

/// Where an error happened.
#[derive(Clone, Copy)]
pub struct Place {
    pub chunk: &'static [u8],
    /// 0 where it is not known, and the chunk neither.
    pub line: i32,
    /// May be empty.
    pub traceback: &'static [u8],
}

/// Notes errors from here on, as those of the task that runs in the thread; null notes none.
pub fn watch(thread: *mut State) {
    // SAFETY: a variable of traceback.c, on the module's only thread.
    unsafe { moonlet_traced = thread }
}

/// Forgets what was noted of the task that is watched, which has ended, and notes no more.
pub fn end() {
    // SAFETY: as above.
    unsafe {
        if moonlet_trace.task == moonlet_traced {
            moonlet_trace.task = ptr::null_mut();
        }
        moonlet_traced = ptr::null_mut();
    }
}

/// Where the last error of the task that is watched happened, if it had that status.
pub fn place(status: i32) -> Option<Place> {
    // SAFETY: variables of traceback.c, on the module's only thread; they change with the next error that is noted, when
    // the last one has been told.
    unsafe {
        if moonlet_trace.task != moonlet_traced || moonlet_traced.is_null() || moonlet_trace.status != status
        {
            return None;
        }
        let chunk = slice::from_raw_parts((&raw const moonlet_trace.chunk).cast::<u8>(), ID);
        let text = slice::from_raw_parts((&raw const moonlet_trace.text).cast::<u8>(), TEXT);
        let end = chunk.iter().position(|byte| *byte == 0).unwrap_or(0);
        Some(Place {
            chunk: chunk.get(..end).unwrap_or_default(),
            line: moonlet_trace.line,
            traceback: text.get(..moonlet_trace.length as usize).unwrap_or_default(),
        })
    }
}

/// `head`, of [`HEAD`] bytes at most, and the traceback after it in one piece, which needs no memory; a NUL follows within.
pub fn join(head: &[u8]) -> &'static [u8] {
    let len = head.len().min(HEAD);
    // SAFETY: as above; the head stands right before the text, which a NUL ends.
    unsafe {
        let start = (&raw mut moonlet_trace.text).cast::<u8>().sub(len);
        ptr::copy_nonoverlapping(head.as_ptr(), start, len);
        slice::from_raw_parts(start, len + moonlet_trace.length as usize + 1)
    }
}
