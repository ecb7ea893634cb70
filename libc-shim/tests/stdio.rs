//! The formatting of stdio.h, compared with the host's glibc.

#[path = "cases/printf.rs"]
mod printf;
#[path = "cases/random.rs"]
mod random;

use printf::{Value, check};

const DOUBLES: &[f64] = &[
    0.0,
    0.5,
    1.5,
    2.5,
    0.25,
    0.125,
    0.375,
    9.5,
    99.5,
    999_999.5,
    1e15,
    1e16,
    1e17,
    123_456_789_012_345.6,
    1e21,
    1e22,
    1e23,
    0.1,
    0.3,
    1e-4,
    1e-5,
    9.999_95e-5,
    5e-324,
    2.225_073_858_507_201e-308,
    f64::MIN_POSITIVE,
    f64::MAX,
    1e100,
    1e300,
    1e308,
    4_503_599_627_370_497.5,
    9_007_199_254_740_993.0,
    18_446_744_073_709_551_616.0,
    8.5,
    1.0,
    10.0,
    100.0,
    1e14,
    1e-10,
    f64::INFINITY,
    f64::NAN,
];

#[test]
fn hard_doubles_print_as_the_host_prints_them() {
    for letter in ["e", "f", "g", "a", "E", "F", "G", "A"] {
        for flags in ["", "+", " ", "#", "0", "-", "+#0", "0-"] {
            for width in ["", "1", "9", "30"] {
                for precision in
                    ["", ".", ".0", ".1", ".2", ".3", ".5", ".13", ".14", ".15", ".16", ".17", ".99", ".1074"]
                {
                    let format = format!("%{flags}{width}{precision}{letter}");
                    for value in DOUBLES {
                        check(&format, &[], &Value::Double(*value), 4096);
                        check(&format, &[], &Value::Double(-*value), 4096);
                    }
                }
            }
        }
    }
}

#[test]
fn integers_print_as_the_host_prints_them() {
    for letter in ["d", "i", "u", "o", "x", "X"] {
        for flags in ["", "+", " ", "#", "0", "-", "+#0", "#-", "# "] {
            for size in ["", "1", "20", ".0", ".1", ".20", "5.3", "20.5", "3.20"] {
                for value in [0, 1, -1, 9, 10, 255, 65_535, i64::MIN, i64::MAX, 4_294_967_295, -2_147_483_648]
                {
                    check(&format!("%{flags}{size}ll{letter}"), &[], &Value::LongLong(value), 100);
                    check(&format!("%{flags}{size}hh{letter}"), &[], &Value::Int(value as i32), 100);
                    check(&format!("%{flags}{size}h{letter}"), &[], &Value::Int(value as i32), 100);
                    check(&format!("%{flags}{size}{letter}"), &[], &Value::Int(value as i32), 100);
                }
            }
        }
    }
}

/// Widths that fit an `int` while the whole does not are left out: the host takes half a minute for one.
#[test]
fn text_around_conversions_and_bad_formats_are_as_on_the_host() {
    for format in [
        "",
        "text",
        "%",
        "a%5",
        "%5.",
        "%d%",
        "100%% %d",
        "%d tail that is longer than the stage of the output %%",
        "%l",
    ] {
        check(format, &[], &Value::Int(7), 200);
    }
    for format in ["%99999999999d", "%.99999999999d", "%2147483648d"] {
        check(format, &[], &Value::Int(7), 0);
    }
}

/// Here glibc writes the flags in another order, which C leaves open.
#[test]
fn an_unknown_conversion_is_copied() {
    for format in [c"%y", c"%5y", c"%-08.3lly", c"a%+#ky%%"] {
        let mut buffer = [0_u8; 40];
        // SAFETY: no known conversion needs an argument.
        let length = unsafe {
            libc_shim::format::snprintf(buffer.as_mut_ptr().cast(), 40, format.as_ptr(), std::ptr::null())
        };
        let expected = format.to_str().unwrap().replace("%%", "%");
        assert_eq!(std::str::from_utf8(&buffer[..length as usize]), Ok(expected.as_str()));
    }
}
