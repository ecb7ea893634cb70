//! locale.h: the answers of a host that knows no locale but "C".

use libc_shim::locale::setlocale;
use std::ffi::{CStr, c_char};

fn answer(locale: *const c_char) -> Option<&'static CStr> {
    // SAFETY: null or a C string.
    let name = unsafe { setlocale(libc::LC_ALL, locale) };
    // SAFETY: not null, so a C string that is never freed.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) })
}

#[test]
fn only_the_c_locale_exists() {
    assert_eq!(answer(std::ptr::null()), Some(c"C"));
    for name in [c"", c"C", c"POSIX"] {
        assert_eq!(answer(name.as_ptr()), Some(c"C"), "{name:?}");
    }
    for name in [c"de_DE", c"c", c"C.UTF-8", c"CC", c" "] {
        assert_eq!(answer(name.as_ptr()), None, "{name:?}");
    }
}
