//! ctype.h, compared with the host's C library for every argument C allows.

use libc_shim::ctype;

#[test]
fn every_byte_and_eof_are_classed_as_on_the_host() {
    macro_rules! compare {
        ($($name:ident)*) => {$(
            // SAFETY: the argument is a byte or EOF.
            let host = |c| unsafe { libc::$name(c) };
            for c in -1..=255 {
                assert_eq!(ctype::$name(c) != 0, host(c) != 0, "{}({c})", stringify!($name));
            }
        )*};
    }
    compare!(isalnum isalpha iscntrl isdigit isgraph islower ispunct isspace isupper isxdigit);
}

#[test]
fn case_is_changed_as_on_the_host() {
    for c in -1..=255 {
        // SAFETY: the argument is a byte or EOF.
        let (lower, upper) = unsafe { (libc::tolower(c), libc::toupper(c)) };
        assert_eq!((ctype::tolower(c), ctype::toupper(c)), (lower, upper), "{c}");
    }
}
