//! stdlib.h, compared with the host's glibc.

#[path = "cases/random.rs"]
mod random;
#[path = "cases/strtod.rs"]
mod strtod;

use libc_shim::{errno, stdlib};

const NUMERALS: &[&str] = &[
    "",
    "0",
    "-0",
    "+0",
    ".",
    "-.",
    ".5",
    "5.",
    "5.e",
    "5.e+",
    "5e3",
    "1e",
    "e5",
    ".e5",
    "0x",
    "0x.",
    "0x.p1",
    "0xp1",
    "0x1p",
    "0x1p+",
    "0x1.",
    "0x.8",
    "0x1.8p3",
    "0X1P-1074",
    "0x1p-1075",
    "0x1.8p-1075",
    "0x1.00000000000008p0",
    "0x1.000000000000080001p0",
    "0x1.00000000000018p0",
    "0x1p1024",
    "0x1.fffffffffffff7p1023",
    "0x1.fffffffffffff8p1023",
    "0x0.fffffffffffff8p-1022",
    "0x1.fffffffffffffp-1023",
    "0x0.fffffffffffffcp-1022",
    "1e308",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "179769313486231580793e289",
    "1e309",
    "-1e309",
    "1e999999999999999999999",
    "1e-999999999999999999999",
    "0e999999999999999999999",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "2.2250738585072011e-308",
    "5e-324",
    "2.2250738585072012e-308",
    "2.2250738585072014e-308",
    "2.225073858507201383090e-308",
    "3e-324",
    "1e-325",
    "1e-400",
    "inf",
    "-INF",
    "infinity",
    "Infinit",
    "nan",
    "NAN(",
    "nan()",
    "-nan(0x12)",
    "nan(a b)",
    "nan(99999999999999999999)",
    "9007199254740993",
    "9007199254740992.99999",
    "9007199254740993.0000000000000000000000000000000000001",
    "1e22",
    "1e23",
    "8.5e22",
    "0.1",
    "0.30000000000000004",
    "123456789012345678",
    "18446744073709551615",
    "18446744073709551616",
    "1000000000000000000000e-21",
    "  \t\n\x0b\x0c\r 12 ",
    "1,5",
    "0x1g",
    "1e5x",
    "1e+5.5",
    "1..5",
    "00000.00000e5",
    "0.0000000000000000000000000000000000000000000001e46",
    "1_000",
    "4.9406564584124654e-324",
    "6631236846766476e-316",
    "3237883913302901e-15",
    "89255e-22",
    "1.e5",
    "+.5",
    "+ 5",
    "- 5",
    "\u{a0}5",
];

/// errno is one for all threads of the shim, so the tests of this file take turns.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[test]
fn hard_numerals_parse_as_on_the_host() {
    let _alone = alone();
    for text in NUMERALS {
        strtod::check(text.as_bytes());
        strtod::check(format!("-{text}").as_bytes());
        strtod::check(format!(" {text}z").as_bytes());
    }
}

#[test]
fn very_long_numerals_parse_as_on_the_host() {
    let _alone = alone();
    for length in [17, 18, 19, 20, 21, 766, 767, 768, 769, 770, 800, 810, 811, 5000, 20_000] {
        for end in ["", "1", ".5", "e-10", &format!("e-{length}")] {
            for digit in ["0", "1", "5", "9"] {
                strtod::check(format!("9{}{end}", digit.repeat(length)).as_bytes());
                strtod::check(format!("0.{}{end}", digit.repeat(length)).as_bytes());
                strtod::check(format!(".0{}1e{length}", digit.repeat(length)).as_bytes());
                strtod::check(format!("0x{}p-{length}", digit.repeat(length)).as_bytes());
                strtod::check(format!("0x.{}1p{}", digit.repeat(length), 4 * length).as_bytes());
                strtod::check(format!("9007199254740992.{}1", digit.repeat(length)).as_bytes());
                strtod::check(format!("9007199254740993.{}1", digit.repeat(length)).as_bytes());
            }
        }
    }
}

#[test]
fn abs_is_that_of_the_host() {
    let _alone = alone();
    for x in [0, 1, -1, 7, -7, i32::MAX, -i32::MAX] {
        // SAFETY: any int but the least may be passed.
        assert_eq!(stdlib::abs(x), unsafe { libc::abs(x) });
    }
    assert_eq!(stdlib::abs(i32::MIN), i32::MIN);
}

#[test]
fn there_is_no_environment_and_no_shell() {
    let _alone = alone();
    // SAFETY: C strings and null.
    unsafe {
        assert!(stdlib::getenv(c"PATH".as_ptr()).is_null());
        assert_eq!(stdlib::system(std::ptr::null()), 0);
        assert_eq!(stdlib::system(c"true".as_ptr()), -1);
    }
    assert_eq!(errno::ENOTSUP, libc::ENOTSUP);
}
