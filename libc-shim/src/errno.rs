//! errno.h: the last error. The numbers are those of Linux, which scripts see as the third result of io functions.

use core::ffi::c_int;
use core::sync::atomic::{AtomicI32, Ordering::Relaxed};

pub const ENOENT: c_int = 2;
pub const EBADF: c_int = 9;
pub const ENOMEM: c_int = 12;
pub const EACCES: c_int = 13;
pub const EEXIST: c_int = 17;
pub const ENOTDIR: c_int = 20;
pub const EISDIR: c_int = 21;
pub const EINVAL: c_int = 22;
pub const ENOSPC: c_int = 28;
pub const ESPIPE: c_int = 29;
pub const EDOM: c_int = 33;
pub const ERANGE: c_int = 34;
pub const ENOSYS: c_int = 38;
pub const EOVERFLOW: c_int = 75;
pub const ENOTSUP: c_int = 95;

/// C11 7.5. For C it is a plain `int`: an atomic has the layout of its integer, and without threads it compiles to
/// plain loads and stores.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
#[allow(non_upper_case_globals, reason = "C gives the name")]
pub static errno: AtomicI32 = AtomicI32::new(0);

/// Sets `errno`.
pub fn set(number: c_int) {
    errno.store(number, Relaxed);
}

/// Reads `errno`.
pub fn get() -> c_int {
    errno.load(Relaxed)
}
