//! Standard input as a stream: bytes that the host adds, and that are gone once they are read. Whether standard input is that,
//! or the file `/dev/stdin`, the host decides.

use super::{FILE, Source};
use crate::heap::Buffer;
use crate::single::Single;

struct Stream {
    bytes: Buffer,
    /// Those before it are read.
    start: usize,
    /// Those that were ever read, whatever came of the rest.
    taken: usize,
    /// There is no newline between `start` and here.
    searched: usize,
    /// Whether the host said that no more come.
    ended: bool,
}

static STREAM: Single<Stream> = Single::new(Stream::new());
static CHOSEN: Single<bool> = Single::new(false);

impl Stream {
    const fn new() -> Self {
        Self { bytes: Buffer::new(), start: 0, taken: 0, searched: 0, ended: false }
    }
}

fn stream() -> &'static mut Stream {
    // SAFETY: one thread, and no caller keeps the reference across another call of this function.
    unsafe { &mut *STREAM.as_ptr() }
}

/// Whether standard input is the stream.
pub fn input_is_stream() -> bool {
    CHOSEN.get()
}

/// Makes the stream standard input, or the file. What the stream holds stays.
pub fn choose_input_stream(chosen: bool) {
    CHOSEN.set(chosen);
}

/// Adds to the stream; no bytes are its end, and more after that begin it anew. False, and nothing changed, when memory is out.
#[must_use]
pub fn add_input(bytes: &[u8]) -> bool {
    let added = stream().bytes.push(bytes);
    if added {
        stream().ended = bytes.is_empty();
    }
    added
}

/// The bytes of the stream that are not read yet.
pub fn input() -> &'static [u8] {
    stream().bytes.as_slice().get(stream().start..).unwrap_or(&[])
}

/// Whether what [`input`] gives is all there will be; so it is where standard input is the file, for who began on the stream.
pub fn input_has_ended() -> bool {
    stream().ended || !CHOSEN.get()
}

/// The bytes of [`input`] up to its first newline, and that; `None` when there is none. Looks at no byte twice. Also answers how
/// many bytes were looked at.
pub fn input_line() -> (Option<usize>, usize) {
    let from = stream().searched.max(stream().start);
    let rest = stream().bytes.as_slice().get(from..).unwrap_or(&[]);
    let found = rest.iter().position(|&byte| byte == b'\n');
    let looked = found.unwrap_or(rest.len());
    stream().searched = from + looked;
    (found.map(|at| from + at + 1 - stream().start), looked)
}

/// A number that changes when bytes are taken.
pub fn input_taken() -> usize {
    stream().taken
}

/// Takes so many bytes off the front of [`input`]. Their memory is given back when they are half of all.
pub fn take_input(count: usize) {
    let stream = stream();
    let count = count.min(stream.bytes.len() - stream.start);
    stream.start += count;
    stream.taken = stream.taken.wrapping_add(count);
    if stream.start * 2 >= stream.bytes.len() {
        stream.bytes.drop_front(stream.start);
        stream.searched = stream.searched.saturating_sub(stream.start);
        stream.start = 0;
    }
}

/// Forgets the stream, whose memory is gone already or soon.
pub(super) fn forget_input() {
    stream().bytes.forget();
    drop_input();
}

/// Forgets the stream's bytes and its end.
pub(super) fn drop_input() {
    STREAM.set(Stream::new());
}

/// Whether a stream reads standard input where that is [`input`].
///
/// # Safety
/// `stream` is open.
pub unsafe fn reads_input(stream: *const FILE) -> bool {
    // SAFETY: as the caller upholds.
    CHOSEN.get() && matches!(unsafe { &(*stream).source }, Source::Input { .. })
}
