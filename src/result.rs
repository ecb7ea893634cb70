//! The result: the bytes that `result_ptr` and `result_len` name, and the status of the last run.

use core::ffi::{c_int, c_void};
use core::ptr;
use core::slice;

use libc_shim::heap::{self, Buffer};
use libc_shim::single::Single;

use crate::lua::{self, State};
use crate::{options, state, status};

/// A buffer larger than this is given back when the next run starts.
const KEEP: usize = 4096;

const NO_MEMORY: &[u8] = b"not enough memory\0";

static BUFFER: Single<Buffer> = Single::new(Buffer::new());
/// What stands in for the buffer: a message of ours that ends in NUL, which needs no memory.
static MESSAGE: Single<Option<&'static [u8]>> = Single::new(Some(b"\0"));
static STATUS: Single<i32> = Single::new(status::OK);

fn buffer() -> &'static mut Buffer {
    // SAFETY: one thread, and no caller keeps the reference across another call of this function.
    unsafe { &mut *BUFFER.as_ptr() }
}

/// The result's bytes; one NUL follows them.
pub fn bytes() -> &'static [u8] {
    let with_nul = MESSAGE.get().unwrap_or_else(|| buffer().as_slice());
    with_nul.get(..with_nul.len().saturating_sub(1)).unwrap_or(&[])
}

/// The status of the last run.
pub fn status() -> i32 {
    STATUS.get()
}

/// Forgets the last result.
pub fn clear() {
    STATUS.set(status::OK);
    MESSAGE.set(Some(b"\0"));
    buffer().truncate(0);
    if buffer().capacity() > KEEP {
        buffer().free();
    }
}

/// Forgets the last result and gives its memory back.
pub fn drop() {
    clear();
    buffer().free();
}

/// Notes the end of a run and answers as its export does.
fn finish(number: i32) -> i32 {
    STATUS.set(number);
    if number == status::OK { bytes().len() as i32 } else { -number }
}

/// Ends a run, or refuses a call, with one of our own messages, which ends in NUL.
pub fn fail(number: i32, message: &'static [u8]) -> i32 {
    MESSAGE.set(Some(message));
    finish(number)
}

/// Makes `contents` the result of a call that is no run: its length, or minus a status.
pub fn contents(contents: &[u8]) -> i32 {
    let last = status();
    clear();
    STATUS.set(last);
    if contents.len() > options::result_limit() {
        MESSAGE.set(Some(b"file is over the option RESULT\0"));
        return -status::TOO_BIG;
    }
    match store(contents) {
        true => contents.len() as i32,
        false => {
            MESSAGE.set(Some(NO_MEMORY));
            -status::ERRMEM
        }
    }
}

fn store(contents: &[u8]) -> bool {
    let stored = buffer().push(contents) && buffer().push(b"\0");
    if stored {
        MESSAGE.set(None);
    }
    stored
}

/// The script called `os.exit`.
pub fn exit() -> i32 {
    fail(status::EXIT, b"the script called os.exit\0")
}

/// Makes the error on top of the stack the result.
///
/// # Safety
/// `L` is live and has a value on its stack.
pub unsafe fn error(L: *mut State, number: i32) -> i32 {
    // SAFETY: reading a string neither allocates nor raises.
    let message = unsafe {
        if lua::lua_type(L, -1) != lua::TSTRING {
            return fail(number, b"error in error handling\0");
        }
        let mut len = 0;
        let start = lua::lua_tolstring(L, -1, &raw mut len);
        slice::from_raw_parts(start, len)
    };
    buffer().truncate(0);
    match store(message) {
        true => finish(number),
        false => fail(number, b"not enough memory for the error message\0"),
    }
}

/// The message handler: turns the error into text and adds the traceback. Only a `__tostring` is the script's own work;
/// what it makes counts against the script's memory, so the reserve is shut for it.
///
/// # Safety
/// Called by Lua with the error's value.
pub unsafe extern "C" fn handler(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_isstring(L, 1) == 0 {
            let described =
                lua::luaL_callmeta(L, 1, c"__tostring".as_ptr()) != 0 && lua::lua_type(L, -1) == lua::TSTRING;
            heap::open_reserve(true);
            if !described {
                let kind = [lua::lua_typename(L, lua::lua_type(L, 1))];
                lua::lua_pushfstring(L, c"(error object is a %s value)".as_ptr(), kind.as_ptr().cast());
            }
            lua::lua_copy(L, -1, 1);
            lua::lua_settop(L, 1);
        }
        heap::open_reserve(true);
        // The message is joined here because luaL_traceback would end it at its first NUL.
        lua::lua_pushstring(L, c"\n".as_ptr());
        lua::luaL_traceback(L, L, ptr::null(), 1);
        lua::lua_concat(L, 3);
        heap::open_reserve(false);
    }
    1
}

/// What came of turning values into text.
enum Outcome {
    Done,
    TooBig,
    NoMemory,
}

/// Makes the values from `first` to the top the result, as `tostring` gives them, joined by a tab.
///
/// # Safety
/// `L` is live, and its stack holds no more than those values from `first` on.
pub unsafe fn values(L: *mut State, first: c_int) -> i32 {
    buffer().truncate(0);
    // SAFETY: the stack has the values; each is converted under protection, with three more slots.
    unsafe {
        let last = lua::lua_gettop(L);
        if lua::lua_checkstack(L, 4) == 0 {
            return fail(status::ERRMEM, NO_MEMORY);
        }
        for index in first..=last {
            let mut outcome = Outcome::Done;
            if index > first && !append(b"\t", &mut outcome) {
                return unfinished(&outcome);
            }
            let failed = convert(L, index, &mut outcome);
            if state::interrupted() {
                state::interrupt(false);
                return exit();
            }
            if failed != status::OK {
                return error(L, failed);
            }
            if !matches!(outcome, Outcome::Done) {
                return unfinished(&outcome);
            }
        }
    }
    if !buffer().push(b"\0") {
        return unfinished(&Outcome::NoMemory);
    }
    MESSAGE.set(None);
    finish(status::OK)
}

fn unfinished(outcome: &Outcome) -> i32 {
    match outcome {
        Outcome::TooBig => fail(status::TOO_BIG, b"result is over the option RESULT\0"),
        _ => fail(status::ERRMEM, NO_MEMORY),
    }
}

fn append(text: &[u8], outcome: &mut Outcome) -> bool {
    if text.len() > options::result_limit().saturating_sub(buffer().len()) {
        *outcome = Outcome::TooBig;
    } else if !buffer().push(text) {
        *outcome = Outcome::NoMemory;
    }
    matches!(outcome, Outcome::Done)
}

/// Appends the value at `index` to the result; Lua's status.
///
/// # Safety
/// `L` is live, `index` is on its stack, and four slots are free.
unsafe fn convert(L: *mut State, index: c_int, outcome: &mut Outcome) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_pushcclosure(L, handler, 0);
        lua::lua_pushcclosure(L, append_text, 0);
        lua::lua_pushvalue(L, index);
        lua::lua_pushlightuserdata(L, ptr::from_mut(outcome).cast::<c_void>());
        let failed = lua::lua_pcallk(L, 2, 0, -4, 0, None);
        if failed == status::OK {
            lua::lua_settop(L, -2);
        }
        failed
    }
}

/// A C function that appends its first argument as text. Only a `__tostring` is the script's own work; what it makes
/// counts against the script's memory, so the reserve is shut for it.
///
/// # Safety
/// Called by Lua with a value and a pointer to an [`Outcome`].
unsafe extern "C" fn append_text(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        heap::open_reserve(lua::lua_type(L, 1) <= lua::TSTRING);
        let mut len = 0;
        let start = lua::luaL_tolstring(L, 1, &raw mut len);
        heap::open_reserve(true);
        let outcome = lua::lua_touserdata(L, 2).cast::<Outcome>();
        append(slice::from_raw_parts(start, len), &mut *outcome);
    }
    0
}
