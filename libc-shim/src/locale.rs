//! locale.h: there is one locale, "C".

use core::ffi::{CStr, c_char, c_int};

use crate::string::strcmp;

/// C11 7.11.1.1: null asks for the locale; "", "C" and "POSIX" choose the only one there is. The result is "C", or null
/// when another locale was asked for. The category does not matter, not even one that does not exist.
///
/// # Safety
///
/// `locale` is null or a C string.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn setlocale(_category: c_int, locale: *const c_char) -> *const c_char {
    // A name may be long, and is read to where it differs.
    // SAFETY: not null, so a C string.
    let is = |name: &CStr| unsafe { strcmp(locale, name.as_ptr()) } == 0;
    let known = locale.is_null() || [c"", c"C", c"POSIX"].into_iter().any(is);
    if known { c"C".as_ptr() } else { core::ptr::null() }
}
