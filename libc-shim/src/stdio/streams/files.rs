//! Opening and closing streams, and naming files.

use core::ffi::{CStr, c_char, c_int};
use core::mem::size_of;
use core::ptr;

use super::{Channel, DEFAULT_SIZE, FILE, OPEN, Pending, Source, flush, input_is_stream};
use crate::devices::{Device, device};
use crate::errno::{self, EACCES, EINVAL, ENOENT, ENOMEM};
use crate::filesystem::{self, Node};
use crate::heap::{self, Buffer};
use crate::single::Single;

/// What a mode string asks for.
struct Mode {
    readable: bool,
    writable: bool,
    create: bool,
    truncate: bool,
    append: bool,
}

impl Mode {
    /// `r`, `w` or `a`, then `+` and `b` in any order; `None` for anything else.
    fn parse(mode: &[u8]) -> Option<Self> {
        let (&kind, flags) = mode.split_first()?;
        let update = flags.contains(&b'+');
        if !matches!(kind, b'r' | b'w' | b'a') {
            return None;
        }
        Some(Self {
            readable: kind == b'r' || update,
            writable: kind != b'r' || update,
            create: kind != b'r',
            truncate: kind == b'w',
            append: kind == b'a',
        })
    }
}

fn fail<T>(number: c_int) -> Option<T> {
    errno::set(number);
    None
}

/// The normalized form of a C path; sets errno where it names no file.
///
/// # Safety
/// `path` is a C string.
unsafe fn name_of(path: *const c_char) -> Option<Buffer> {
    // SAFETY: as the caller upholds.
    let path = unsafe { CStr::from_ptr(path) }.to_bytes();
    match filesystem::resolve(path) {
        Ok(name) => Some(name),
        Err(number) => fail(number),
    }
}

/// As [`name_of`], for a name that is to be taken away or given: devices keep theirs.
///
/// # Safety
/// `path` is a C string.
unsafe fn name_to_change(path: *const c_char) -> Option<Buffer> {
    // SAFETY: as the caller upholds.
    let name = unsafe { name_of(path) }?;
    if device(name.as_slice()).is_some() { fail(EACCES) } else { Some(name) }
}

/// The device that `fopen` shall open; nothing where the name is that of a file.
fn device_for(name: &Buffer, mode: &Mode) -> Option<Source> {
    match device(name.as_slice())? {
        Device::Null => Some(Source::Null),
        Device::Full => Some(Source::Full),
        Device::Output => Some(Source::Output(Channel::Standard)),
        Device::Error => Some(Source::Output(Channel::Error)),
        // To who writes it is a file, where it is one.
        Device::Input if mode.writable => None,
        Device::Input => Some(Source::Input { position: 0 }),
    }
}

/// Finds or makes the file that `fopen` shall open; sets errno where it cannot.
///
/// # Safety
/// `path` is a C string.
unsafe fn source_for(path: *const c_char, mode: &Mode) -> Option<Source> {
    // SAFETY: as the caller upholds.
    let name = unsafe { name_of(path) }?;
    if let Some(source) = device_for(&name, mode) {
        return Some(source);
    }
    if input_is_stream() && device(name.as_slice()) == Some(Device::Input) {
        return fail(EACCES);
    }
    let node = match filesystem::open(&name) {
        Some(node) => {
            if mode.truncate {
                // SAFETY: the file system holds live nodes only.
                unsafe { (*node).data.free() }
            }
            node
        }
        None if mode.create => filesystem::create(name).or_else(|| fail(ENOMEM))?,
        None => return fail(ENOENT),
    };
    Some(start(node, mode))
}

/// Where a stream on `node` starts. As in glibc: one that can also read what it appends to starts at the front.
fn start(node: *mut Node, mode: &Mode) -> Source {
    // SAFETY: `node` is live.
    let end = unsafe { (*node).data.len() };
    Source::File { node, position: if mode.append && !mode.readable { end } else { 0 } }
}

/// A stream on `source`; null, with errno set, when memory is out.
fn stream_on(source: Source, mode: &Mode) -> *mut FILE {
    let stream = heap::allocate(size_of::<FILE>()).cast::<FILE>();
    if stream.is_null() {
        errno::set(ENOMEM);
        return ptr::null_mut();
    }
    // SAFETY: the block is new and large enough, and `node` is live.
    unsafe {
        if let Source::File { node, .. } = source {
            filesystem::hold(node);
        }
        let room = if matches!(source, Source::Full) { DEFAULT_SIZE } else { 0 };
        stream.write(FILE::new(source, mode.readable, mode.writable));
        (*stream).pending = Pending::new(room);
        (*stream).append = mode.append;
        (*stream).next = OPEN.get();
        if !OPEN.get().is_null() {
            (*OPEN.get()).previous = stream;
        }
    }
    OPEN.set(stream);
    stream
}

/// C11 7.21.5.3. Null, with errno set, where the mode is unknown, the file is missing or memory is out.
///
/// # Safety
/// `path` and `mode` are C strings.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fopen(path: *const c_char, mode: *const c_char) -> *mut FILE {
    // SAFETY: as the caller upholds.
    let stream = unsafe {
        match Mode::parse(CStr::from_ptr(mode).to_bytes()) {
            Some(mode) => source_for(path, &mode).map(|source| stream_on(source, &mode)),
            None => fail(EINVAL),
        }
    };
    stream.unwrap_or(ptr::null_mut())
}

/// C11 7.21.5.4. Only a stream that `fopen` or `tmpfile` opened can be opened anew; the old one is closed in any case.
///
/// # Safety
/// `path` and `mode` are C strings; `stream` is open, no standard stream, and not used again.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn freopen(path: *const c_char, mode: *const c_char, stream: *mut FILE) -> *mut FILE {
    // SAFETY: as the caller upholds.
    unsafe {
        fclose(stream);
        fopen(path, mode)
    }
}

/// C11 7.21.4.3. The file has no name and ends with its stream.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn tmpfile() -> *mut FILE {
    let mode = Mode { readable: true, writable: true, create: true, truncate: true, append: false };
    let Some(node) = filesystem::create_unnamed() else {
        errno::set(ENOMEM);
        return ptr::null_mut();
    };
    // SAFETY: `node` is live; holding it across the attempt ends it where no stream could be made.
    unsafe {
        filesystem::hold(node);
        let stream = stream_on(start(node, &mode), &mode);
        filesystem::let_go(node);
        stream
    }
}

/// C11 7.21.5.1. Closing a standard stream does nothing.
///
/// # Safety
/// `stream` is open and not used again.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fclose(stream: *mut FILE) -> c_int {
    if [super::stdin.0, super::stdout.0, super::stderr.0].contains(&stream) {
        return 0;
    }
    // SAFETY: the stream is open and none of the standard ones, so it and its neighbours are in the list of live streams;
    // it is taken off before it is freed.
    unsafe {
        let flushed = flush(stream);
        let (previous, next) = ((*stream).previous, (*stream).next);
        if previous.is_null() {
            OPEN.set(next);
        } else {
            (*previous).next = next;
        }
        if !next.is_null() {
            (*next).previous = previous;
        }
        if let Source::File { node, .. } = (*stream).source {
            filesystem::let_go(node);
        }
        ptr::drop_in_place(stream);
        heap::release(stream.cast(), size_of::<FILE>());
        if flushed { 0 } else { super::EOF }
    }
}

/// C11 7.21.4.1. A stream on the file stays usable.
///
/// # Safety
/// `path` is a C string.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn remove(path: *const c_char) -> c_int {
    // SAFETY: as the caller upholds.
    let Some(name) = (unsafe { name_to_change(path) }) else { return -1 };
    if filesystem::remove(&name) {
        return 0;
    }
    errno::set(ENOENT);
    -1
}

/// C11 7.21.4.2. A file that had the new name is replaced.
///
/// # Safety
/// `from` and `to` are C strings.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: as the caller upholds.
    let (from, to) = unsafe {
        let Some(from) = name_to_change(from) else { return -1 };
        let Some(to) = name_to_change(to) else { return -1 };
        (from, to)
    };
    if filesystem::rename(&from, to) {
        return 0;
    }
    errno::set(ENOENT);
    -1
}

/// C11 7.21.4.4. The names count up (`/tmp/lua_000001`), so equal runs use equal names; a name in use is passed over.
///
/// # Safety
/// `buffer` holds `L_tmpnam` (20) bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn tmpnam(buffer: *mut c_char) -> *mut c_char {
    static LAST: Single<u32> = Single::new(0);
    loop {
        let mut number = LAST.get().wrapping_add(1) % 1_000_000;
        LAST.set(number);
        let mut path = *b"/tmp/lua_000000\0";
        for digit in path.iter_mut().rev().skip(1).take(6) {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
        // SAFETY: the caller gives 20 bytes, and 16 are written; the path ends in NUL.
        unsafe {
            ptr::copy_nonoverlapping(path.as_ptr(), buffer.cast(), path.len());
            match name_of(buffer) {
                Some(name) if filesystem::open(&name).is_some() => {}
                Some(_) => return buffer,
                None => return ptr::null_mut(),
            }
        }
    }
}
