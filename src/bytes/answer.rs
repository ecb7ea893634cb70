//! The answer to the last run: the bytes that `result_ptr` and `result_len` name, and the status.

use core::mem;
use core::slice;

use libc_shim::heap::{Buffer, Parts};
use libc_shim::single::Single;

use super::options::{self, is_text};
use super::status;
use crate::lua::trace::{self, HEAD, Place};

/// A buffer larger than this is given back when the next run starts.
pub const KEEP: usize = 4096;

pub const NO_MEMORY: &[u8] = b"not enough memory\0";

static SCRATCH: Single<[u8; HEAD]> = Single::new([0; HEAD]);

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

/// Ends a run that gave no values.
pub fn nothing() -> i32 {
    MESSAGE.set(Some(if is_text() { b"\0" } else { b"\x90\0" }));
    finish(status::OK)
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

/// Ends a run as [`fail`] does, and tells where that was.
pub fn fail_at(number: i32, message: &'static [u8], place: Option<Place>) -> i32 {
    let Some(place) = place.filter(|place| place.line != 0 || !place.traceback.is_empty()) else {
        return fail(number, message);
    };
    let text = message.get(..message.len().saturating_sub(1)).unwrap_or_default();
    let mut head = Head::new();
    if !is_text() {
        head.message(text, Some(place));
        head.put(text);
        head.place(Some(place));
    } else if place.traceback.is_empty() {
        return fail(number, message);
    } else {
        head.put(text);
        head.put(b"\n");
    }
    MESSAGE.set(Some(trace::join(head.bytes())));
    finish(number)
}

/// The map `{message = ...}`, in memory set aside, as `fail` must not fail.
fn fail_as_map(message: &'static [u8]) {
    let mut head = Head::new();
    head.message(message.get(..message.len().saturating_sub(1)).unwrap_or_default(), None);
    head.put(message); // with its NUL
    SCRATCH.set(head.bytes);
    // SAFETY: one thread; who reads the last message is done when the next is made.
    MESSAGE.set(Some(unsafe { slice::from_raw_parts(SCRATCH.as_ptr().cast(), head.len) }));
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

/// The beginning of an error's map, or of a part of it, in MessagePack. It takes no memory; what does not fit is left out.
pub struct Head {
    bytes: [u8; HEAD],
    len: usize,
}

impl Head {
    pub const fn new() -> Self {
        Self { bytes: [0; HEAD], len: 0 }
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn put(&mut self, bytes: &[u8]) {
        for (to, from) in self.bytes.iter_mut().skip(self.len).zip(bytes) {
            *to = *from;
            self.len += 1;
        }
    }

    /// A number behind the one of the three markers that says how long it is.
    fn number(&mut self, markers: [u8; 3], number: u32) {
        let bytes = number.to_be_bytes();
        let (marker, width) = match number {
            0..=0xff => (markers[0], 1),
            0x100..=0xffff => (markers[1], 2),
            _ => (markers[2], 4),
        };
        self.put(&[marker]);
        self.put(bytes.get(4 - width..).unwrap_or_default());
    }

    /// What comes before the bytes of a string.
    fn string(&mut self, text: &[u8]) {
        let len = text.len() as u32;
        match core::str::from_utf8(text) {
            Ok(_) if options::strings_are_bytes() => self.number([0xc4, 0xc5, 0xc6], len),
            Ok(_) if len < 32 => self.put(&[0xa0 | len as u8]),
            Ok(_) => self.number([0xd9, 0xda, 0xdb], len),
            Err(_) => self.number([0xc4, 0xc5, 0xc6], len),
        }
    }

    /// What comes before the message, in a map that also has [`place`](Self::place).
    pub fn message(&mut self, message: &[u8], place: Option<Place>) {
        let fields =
            place.map_or(0, |place| 2 * u8::from(place.line != 0) + u8::from(!place.traceback.is_empty()));
        self.put(&[0x81 + fields]);
        self.put(b"\xa7message");
        self.string(message);
    }

    /// What comes after the message, and before the bytes of the traceback.
    pub fn place(&mut self, place: Option<Place>) {
        let Some(place) = place else { return };
        if place.line != 0 {
            self.put(b"\xa5chunk");
            self.string(place.chunk);
            self.put(place.chunk);
            self.put(b"\xa4line");
            match place.line {
                line @ 1..=0x7f => self.put(&[line as u8]),
                line => self.number([0xcc, 0xcd, 0xce], line as u32),
            }
        }
        if !place.traceback.is_empty() {
            self.put(b"\xa9traceback");
            self.string(place.traceback);
        }
    }
}
