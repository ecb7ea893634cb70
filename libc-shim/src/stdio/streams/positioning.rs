//! Where a stream stands, and its two flags.

use core::ffi::{c_int, c_long};

use super::{FILE, Source, contents, flush};
use crate::errno::{self, EINVAL, ESPIPE};

const SEEK_SET: c_int = 0;
const SEEK_CUR: c_int = 1;
const SEEK_END: c_int = 2;

/// C11 7.21.9.2. A place beyond the end is allowed, and a write there fills the gap with zeros. Output cannot seek, and
/// `/dev/null` and `/dev/full` stay at their start.
///
/// # Safety
/// `stream` is open.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn fseek(stream: *mut FILE, offset: c_long, origin: c_int) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        if !flush(stream) {
            return -1;
        }
        let Some((node, position)) = contents(stream) else {
            let answer = place_without_bytes(stream);
            if answer == 0 && !matches!(origin, SEEK_SET | SEEK_CUR | SEEK_END) {
                errno::set(EINVAL);
                return -1;
            }
            (*stream).end &= answer != 0;
            return answer;
        };
        let base = match origin {
            SEEK_SET => Some(0),
            SEEK_CUR => Some(logical(stream, *position)),
            SEEK_END => Some((*node).data.len() as c_long),
            _ => None,
        };
        match base.and_then(|base| base.checked_add(offset)) {
            Some(place) if place >= 0 => {
                *position = place as usize;
                (*stream).pushed_back = None;
                (*stream).end = false;
                0
            }
            _ => {
                errno::set(EINVAL);
                -1
            }
        }
    }
}

/// C11 7.21.9.4. -1 for output, which has no position.
///
/// # Safety
/// `stream` is open.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn ftell(stream: *mut FILE) -> c_long {
    // SAFETY: as the caller upholds.
    unsafe {
        if !flush(stream) {
            return -1;
        }
        match contents(stream) {
            Some((_, position)) => logical(stream, *position),
            None => place_without_bytes(stream),
        }
    }
}

/// Where a stream without stored bytes stands. As on Linux: `/dev/null` and `/dev/full` at their start, wherever it is sent;
/// the others have no place.
///
/// # Safety
/// `stream` is open.
unsafe fn place_without_bytes<T: From<i8>>(stream: *mut FILE) -> T {
    // SAFETY: as the caller upholds.
    if matches!(unsafe { &(*stream).source }, Source::Null | Source::Full) {
        return T::from(0);
    }
    errno::set(ESPIPE);
    T::from(-1)
}

/// A byte that was pushed back is read again, so it does not count as passed.
///
/// # Safety
/// `stream` is open.
unsafe fn logical(stream: *mut FILE, position: usize) -> c_long {
    // SAFETY: as the caller upholds.
    let pushed_back = unsafe { (*stream).pushed_back.is_some() };
    position as c_long - c_long::from(pushed_back)
}

/// C11 7.21.10.2.
///
/// # Safety
/// `stream` is open.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn feof(stream: *mut FILE) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe { c_int::from((*stream).end) }
}

/// C11 7.21.10.3.
///
/// # Safety
/// `stream` is open.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn ferror(stream: *mut FILE) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe { c_int::from((*stream).error) }
}

/// C11 7.21.10.1.
///
/// # Safety
/// `stream` is open.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn clearerr(stream: *mut FILE) {
    // SAFETY: as the caller upholds.
    unsafe {
        (*stream).end = false;
        (*stream).error = false;
    }
}
