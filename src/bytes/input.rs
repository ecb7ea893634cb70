//! What `write_input` and the C files do with the stream of standard input, which itself stands in `libc_shim::stdio`.

use core::ffi::{CStr, c_char};

use libc_shim::devices::{Device, device};
use libc_shim::filesystem;
use libc_shim::stdio::{self, FILE};

use super::status;

/// Adds to standard input; no bytes are its end. A status.
pub fn write(bytes: &[u8]) -> i32 {
    if stdio::add_input(bytes) { status::OK } else { status::ERRMEM }
}

/// Whether a stream reads standard input that waits for the host.
///
/// # Safety
/// `stream` is open.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_reads_input(stream: *const FILE) -> i32 {
    // SAFETY: as the caller upholds.
    i32::from(unsafe { stdio::reads_input(stream) })
}

/// Whether a path names standard input.
///
/// # Safety
/// `path` is a C string.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_names_input(path: *const c_char) -> i32 {
    // SAFETY: as the caller upholds.
    let name = filesystem::resolve(unsafe { CStr::from_ptr(path) }.to_bytes());
    i32::from(name.is_ok_and(|name| device(name.as_slice()) == Some(Device::Input)))
}

/// The bytes that are there, until some are taken; stores how many.
///
/// # Safety
/// `len` can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_input(len: *mut usize) -> *const u8 {
    // SAFETY: as the caller upholds.
    unsafe { len.write(stdio::input().len()) }
    stdio::input().as_ptr()
}

/// Whether no more will come.
#[unsafe(no_mangle)]
extern "C" fn moonlet_input_has_ended() -> i32 {
    i32::from(stdio::input_has_ended())
}

/// Bytes up to the first newline, and that; 0 when there is none. Stores how many were looked at.
///
/// # Safety
/// `looked` can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_input_line(looked: *mut usize) -> usize {
    let (line, steps) = stdio::input_line();
    // SAFETY: as the caller upholds.
    unsafe { looked.write(steps) }
    line.unwrap_or(0)
}

/// A number that changes when bytes are taken.
#[unsafe(no_mangle)]
extern "C" fn moonlet_input_taken() -> usize {
    stdio::input_taken()
}

/// Takes so many bytes off the front.
#[unsafe(no_mangle)]
extern "C" fn moonlet_take_input(count: usize) {
    stdio::take_input(count);
}
