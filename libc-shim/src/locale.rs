//! locale.h: there is one locale, "C".

use core::ffi::{CStr, c_char, c_int};

/// C11 7.11.1.1: null asks for the locale; "", "C" and "POSIX" choose the only one there is. The result is "C", or null
/// when another locale was asked for. The category does not matter, not even one that does not exist.
///
/// # Safety
///
/// `locale` is null or a C string.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn setlocale(_category: c_int, locale: *const c_char) -> *const c_char {
    // SAFETY: not null, so a C string.
    let known =
        locale.is_null() || matches!(unsafe { CStr::from_ptr(locale) }.to_bytes(), b"" | b"C" | b"POSIX");
    if known { c"C".as_ptr() } else { core::ptr::null() }
}
