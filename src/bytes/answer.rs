//! The answer to the last run: the bytes that `result_ptr` and `result_len` name, and the status.

use core::mem;
use core::slice;

use libc_shim::heap::{Buffer, Parts};
use libc_shim::single::Single;

use super::options::{self, is_text};
use super::status;

/// A buffer larger than this is given back when the next run starts.
pub const KEEP: usize = 4096;

pub const NO_MEMORY: &[u8] = b"not enough memory\0";

/// `{"message": ` in MessagePack.
const MAP_OF_MESSAGE: [u8; 9] = *b"\x81\xa7message";

static SCRATCH: Single<[u8; 128]> = Single::new([0; 128]);

static BUFFER: Single<Buffer> = Single::new(Buffer::new());
/// What stands in for the buffer: a message of ours that ends in NUL, which needs no memory.
static MESSAGE: Single<Option<&'static [u8]>> = Single::new(Some(b"\0"));
static STATUS: Single<i32> = Single::new(status::OK);

pub fn buffer() -> &'static mut Buffer {
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

pub fn set_status(status: i32) {
    STATUS.set(status);
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

/// Parts with the buffer, whose bytes stay the result until there is another.
pub fn set_aside() -> Parts {
    let parts = mem::take(buffer()).into_parts();
    show(parts);
    parts
}

/// Makes what was set aside the result, if it has bytes.
pub fn show(parts: Parts) {
    // SAFETY: who gives it up for good forgets the last result.
    let bytes = unsafe { parts.as_slice() };
    if !bytes.is_empty() {
        MESSAGE.set(Some(bytes));
    }
}

/// Forgets the last result, and takes back what was set aside, as the buffer where there is none.
pub fn clear_with(parts: Parts) {
    // SAFETY: the caller gives it up, and the last result, which may be these bytes, is forgotten.
    let mut old = unsafe { Buffer::from_parts(parts) };
    if buffer().capacity() == 0 {
        mem::swap(buffer(), &mut old);
    }
    clear();
}

/// Forgets the last result and its memory, which is gone already.
pub fn forget() {
    buffer().forget();
    clear();
}

/// Forgets the last result and gives its memory back.
#[cfg(feature = "faults")]
pub fn drop() {
    clear();
    buffer().free();
}

/// Makes the buffer, whose last byte is the NUL, the result.
pub fn hold_buffer() {
    MESSAGE.set(None);
}

/// Notes the end of a run and answers as its export does.
pub fn finish(number: i32) -> i32 {
    STATUS.set(number);
    if number == status::OK { bytes().len() as i32 } else { -number }
}

/// Ends a run, or refuses a call, with one of our own messages, which ends in NUL.
pub fn fail(number: i32, message: &'static [u8]) -> i32 {
    if is_text() {
        MESSAGE.set(Some(message));
    } else {
        fail_as_map(message);
    }
    finish(number)
}

/// Refuses a call of the host with one of our own messages, in the form that the option FORMAT says.
pub fn refuse(number: i32, message: &'static [u8]) -> i32 {
    options::run_with_format(options::format());
    fail(number, message)
}

/// The marker of a string: one of these two, whether it is valid UTF-8 or not.
fn string_marker(is_text: bool, str: u8, bin: u8) -> u8 {
    if is_text && !options::strings_are_bytes() { str } else { bin }
}

/// The map `{message = ...}`, in memory set aside, as `fail` must not fail.
fn fail_as_map(message: &'static [u8]) {
    // SAFETY: one thread; who reads the last message is done when the next is made.
    let scratch = unsafe { &mut *SCRATCH.as_ptr() };
    let text = message.get(..message.len().saturating_sub(1)).unwrap_or(&[]);
    let head = [string_marker(true, 0xd9, 0xc4), text.len() as u8];
    let parts = MAP_OF_MESSAGE.iter().copied().chain(head).chain(text.iter().copied()).chain([0]);
    let mut len = 0;
    for (place, byte) in scratch.iter_mut().zip(parts) {
        *place = byte;
        len += 1;
    }
    // SAFETY: as above.
    MESSAGE.set(Some(unsafe { slice::from_raw_parts(SCRATCH.as_ptr().cast(), len) }));
}

/// Makes `contents` the result of a call that is no run: its length, or minus a status.
pub fn contents(contents: &[u8]) -> i32 {
    if contents.len() > options::result_limit() {
        clear_aside();
        MESSAGE.set(Some(b"contents are over the option RESULT\0"));
        return -status::TOO_BIG;
    }
    unmeasured(contents)
}

/// The same, whatever the option RESULT is.
pub fn unmeasured(contents: &[u8]) -> i32 {
    clear_aside();
    match store(contents) {
        true => contents.len() as i32,
        false => no_contents(),
    }
}

/// Forgets the last result, but not the last run's status.
fn clear_aside() {
    let last = status();
    clear();
    STATUS.set(last);
}

/// The same, where there is no memory for them.
pub fn no_contents() -> i32 {
    MESSAGE.set(Some(NO_MEMORY));
    -status::ERRMEM
}

fn store(contents: &[u8]) -> bool {
    let stored = buffer().push(contents) && buffer().push(b"\0");
    if stored {
        hold_buffer();
    }
    stored
}

/// Makes a message the result, alone in a map unless the form is text.
pub fn error_text(message: &[u8], number: i32) -> i32 {
    buffer().truncate(0);
    let stored = is_text()
        || buffer().push(&MAP_OF_MESSAGE) && {
            let marker = string_marker(core::str::from_utf8(message).is_ok(), 0xdb, 0xc6);
            buffer().push(&[marker]) && buffer().push(&(message.len() as u32).to_be_bytes())
        };
    match stored && store(message) {
        true => finish(number),
        false => fail(number, b"not enough memory for the error message\0"),
    }
}
