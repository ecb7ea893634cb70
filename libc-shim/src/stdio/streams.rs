//! Streams: on files, on standard input, on the output buffers, and on devices.

mod buffering;
mod files;
mod input;
mod positioning;
mod reading;
mod writing;

use core::ptr;

use super::Channel;
use crate::filesystem::{self, Node};
use crate::single::Single;

pub use buffering::*;
pub use files::*;
pub use input::*;
pub use positioning::*;
pub use reading::*;
pub use writing::*;

/// What a stream is connected to.
enum Source {
    /// A file, at an offset in bytes.
    File { node: *mut Node, position: usize },
    /// Standard input: `/dev/stdin`, which is looked up at each read, so that the host may write it at any time, or the stream.
    Input { position: usize },
    /// An output buffer.
    Output(Channel),
    /// `/dev/null`, which takes every byte and keeps none.
    Null,
    /// `/dev/full`, which takes no byte.
    Full,
}

/// A stream. C code sees only its address.
pub struct FILE {
    next: *mut FILE,
    previous: *mut FILE,
    source: Source,
    readable: bool,
    writable: bool,
    append: bool,
    end: bool,
    error: bool,
    pushed_back: Option<u8>,
    pending: Pending,
}

impl FILE {
    const fn new(source: Source, readable: bool, writable: bool) -> Self {
        Self {
            next: ptr::null_mut(),
            previous: ptr::null_mut(),
            source,
            readable,
            writable,
            append: false,
            end: false,
            error: false,
            pushed_back: None,
            pending: Pending::new(0),
        }
    }
}

static STDIN: Single<FILE> = Single::new(FILE::new(Source::Input { position: 0 }, true, false));
static STDOUT: Single<FILE> = Single::new(FILE::new(Source::Output(Channel::Standard), false, true));
static STDERR: Single<FILE> = Single::new(FILE::new(Source::Output(Channel::Error), false, true));

/// The pointers that C code names `stdin`, `stdout` and `stderr`.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
#[allow(non_upper_case_globals, reason = "C gives the name")]
pub static stdin: StandardStream = StandardStream(STDIN.as_ptr());
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
#[allow(non_upper_case_globals, reason = "C gives the name")]
pub static stdout: StandardStream = StandardStream(STDOUT.as_ptr());
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
#[allow(non_upper_case_globals, reason = "C gives the name")]
pub static stderr: StandardStream = StandardStream(STDERR.as_ptr());

/// A `FILE *` that may stand in a static.
#[repr(transparent)]
pub struct StandardStream(pub *mut FILE);

// SAFETY: the module has no threads (see `Single`).
unsafe impl Sync for StandardStream {}

/// The file that standard input reads, by its normalized name.
pub const INPUT_NAME: &[u8] = b"dev/stdin";

/// Lets standard input read from the start again, as after a new `/dev/stdin`.
pub fn rewind_input() {
    STDIN.set(FILE::new(Source::Input { position: 0 }, true, false));
}

/// The standard stream that a stream writes to; `None` for a file, and for one that is only read.
///
/// # Safety
/// `stream` is open.
pub unsafe fn channel_of(stream: *const FILE) -> Option<Channel> {
    // SAFETY: as the caller upholds.
    match unsafe { (&(*stream).source, (*stream).writable) } {
        (Source::Output(channel), true) => Some(*channel),
        _ => None,
    }
}

/// Closes every stream that is still open and brings the standard ones to their first state. For a host that drops
/// the program whose streams these were; none may be used afterwards.
pub fn close_all() {
    // SAFETY: the list holds live streams only, and `fclose` takes its argument off the list.
    unsafe {
        while !OPEN.get().is_null() {
            fclose(OPEN.get());
        }
    }
    rewind_input();
    input::drop_input();
    STDOUT.set(FILE::new(Source::Output(Channel::Standard), false, true));
    STDERR.set(FILE::new(Source::Output(Channel::Error), false, true));
}

/// Forgets every stream and what buffers hold, whose memory is gone already or soon; the standard streams are in their first
/// state. For a host that drops the program whose streams these were.
pub fn forget_streams() {
    OPEN.set(ptr::null_mut());
    input::forget_input();
    // SAFETY: one thread; what the streams hold owns nothing any more.
    unsafe {
        STDIN.as_ptr().write(FILE::new(Source::Input { position: 0 }, true, false));
        STDOUT.as_ptr().write(FILE::new(Source::Output(Channel::Standard), false, true));
        STDERR.as_ptr().write(FILE::new(Source::Output(Channel::Error), false, true));
    }
}

/// The streams that `fopen`, `freopen` and `tmpfile` opened.
static OPEN: Single<*mut FILE> = Single::new(ptr::null_mut());

/// The bytes a stream reads or writes in place, and its offset; `None` for other devices, for the stream of standard input and for a missing `/dev/stdin`.
///
/// # Safety
/// `stream` is open.
unsafe fn contents<'a>(stream: *mut FILE) -> Option<(*mut Node, &'a mut usize)> {
    // SAFETY: as the caller upholds; the node is live while the stream holds it, or was just looked up.
    unsafe {
        match &mut (*stream).source {
            Source::File { node, position } => Some((*node, position)),
            Source::Input { .. } if input_is_stream() => None,
            Source::Input { position } => {
                let name = filesystem::normalize(INPUT_NAME)?;
                Some((filesystem::open(&name)?, position))
            }
            Source::Output(_) | Source::Null | Source::Full => None,
        }
    }
}
