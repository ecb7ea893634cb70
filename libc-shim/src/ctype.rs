//! ctype.h in the C locale: bytes above 127, and EOF, belong to no class and are their own case.
//!
//! The argument is an `int` in -1..=255 (C11 7.4); any other gives 0, or itself for `tolower` and `toupper`. A class
//! test answers 1 or 0, where glibc answers some non-zero number.

use core::ffi::c_int;

/// C11 7.4.1.1: letters and digits.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn isalnum(c: c_int) -> c_int {
    matches!(c, 0x30..=0x39 | 0x41..=0x5a | 0x61..=0x7a).into()
}

/// C11 7.4.1.2: letters.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn isalpha(c: c_int) -> c_int {
    matches!(c, 0x41..=0x5a | 0x61..=0x7a).into()
}

/// C11 7.4.1.4: control characters, DEL among them.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn iscntrl(c: c_int) -> c_int {
    matches!(c, 0..=0x1f | 0x7f).into()
}

/// C11 7.4.1.5: decimal digits.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn isdigit(c: c_int) -> c_int {
    matches!(c, 0x30..=0x39).into()
}

/// C11 7.4.1.6: printing characters without the space.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn isgraph(c: c_int) -> c_int {
    matches!(c, 0x21..=0x7e).into()
}

/// C11 7.4.1.7: lower-case letters.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn islower(c: c_int) -> c_int {
    matches!(c, 0x61..=0x7a).into()
}

/// C11 7.4.1.9: printing characters that are neither space nor letter nor digit.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn ispunct(c: c_int) -> c_int {
    matches!(c, 0x21..=0x2f | 0x3a..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e).into()
}

/// C11 7.4.1.10: space and \t \n \v \f \r.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn isspace(c: c_int) -> c_int {
    matches!(c, 0x20 | 0x09..=0x0d).into()
}

/// C11 7.4.1.11: upper-case letters.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn isupper(c: c_int) -> c_int {
    matches!(c, 0x41..=0x5a).into()
}

/// C11 7.4.1.12: hexadecimal digits of either case.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn isxdigit(c: c_int) -> c_int {
    matches!(c, 0x30..=0x39 | 0x41..=0x46 | 0x61..=0x66).into()
}

/// C11 7.4.2.1: the lower-case letter of an upper-case one; everything else unchanged.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn tolower(c: c_int) -> c_int {
    if matches!(c, 0x41..=0x5a) { c | 0x20 } else { c }
}

/// C11 7.4.2.2: the upper-case letter of a lower-case one; everything else unchanged.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn toupper(c: c_int) -> c_int {
    if matches!(c, 0x61..=0x7a) { c & !0x20 } else { c }
}
