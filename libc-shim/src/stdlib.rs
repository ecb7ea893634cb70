//! stdlib.h, without the allocation functions, which are in `heap`.

mod strtod;

use crate::errno;
use core::ffi::{c_char, c_int};
pub use strtod::strtod;

/// C11 7.22.6.1: the absolute value; that of the least `int` is itself.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn abs(x: c_int) -> c_int {
    x.wrapping_abs()
}

/// C11 7.22.4.1: ends everything, here with a trap. Deviation: there are no signals, so no handler can run.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn abort() -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    loop {
        core::hint::spin_loop();
    }
}

/// C11 7.22.4.6: null for every name, as in an empty environment.
///
/// # Safety
///
/// None beyond the C signature: the name is not read.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn getenv(_name: *const c_char) -> *mut c_char {
    core::ptr::null_mut()
}

/// C11 7.22.4.8: 0 for null, which says that there is no shell. Any command fails with -1 and ENOTSUP.
///
/// # Safety
///
/// None beyond the C signature: the command is not read.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn system(command: *const c_char) -> c_int {
    if command.is_null() {
        return 0;
    }
    errno::set(errno::ENOTSUP);
    -1
}
