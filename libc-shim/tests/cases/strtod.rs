//! One call of strtod, compared with that of the host: value, end and errno.

#![allow(dead_code, reason = "each of the files that include this one uses a part of it")]

use crate::random::{Random, double};
use std::ffi::{CString, c_char};
use std::sync::Mutex;

/// Tests run on several threads, and errno of the shim is one static.
static ERRNO: Mutex<()> = Mutex::new(());

#[derive(Debug, PartialEq)]
struct Outcome {
    bits: u64,
    end: usize,
    errno: i32,
}

/// Parses the text, up to its first zero, with both libraries.
pub fn check(text: &[u8]) {
    let text = CString::new(text.split(|byte| *byte == 0).next().unwrap_or_default()).unwrap();
    let start = text.as_ptr();
    let outcome = |value: f64, end: *mut c_char, errno: i32| Outcome {
        bits: if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() },
        end: end.addr() - start.addr(),
        errno,
    };
    let mut end: *mut c_char = std::ptr::null_mut();
    let guard = ERRNO.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    libc_shim::errno::set(0);
    // SAFETY: a C string and a place to write to.
    let value = unsafe { libc_shim::stdlib::strtod(start, &mut end) };
    let ours = outcome(value, end, libc_shim::errno::get());
    drop(guard);
    assert!(!value.is_nan() || value.to_bits() == f64::NAN.to_bits(), "{text:?}: every NaN is the same");
    // SAFETY: as above; errno is the thread's own.
    let value = unsafe {
        *libc::__errno_location() = 0;
        libc::strtod(start, &mut end)
    };
    // SAFETY: errno is the thread's own.
    let errno = unsafe { *libc::__errno_location() };
    // The host finds the payload of a NaN out of range; the shim's NaN has none.
    let theirs = outcome(value, end, if value.is_nan() { 0 } else { errno });
    assert_eq!(ours, theirs, "{:?}: ours left, host right", &text.to_string_lossy());
}

/// One random numeral.
pub fn random_strtod(random: &mut Random) -> u64 {
    check(&random_case(random));
    1
}

/// A random numeral, right or wrong.
fn random_case(random: &mut Random) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..random.below(20).saturating_sub(17) {
        text.push(random.choose(b" \t\n\r\x0b\x0c"));
    }
    text.extend_from_slice(random.choose(&["", "", "", "+", "-", "+-"]).as_bytes());
    let body = match random.below(16) {
        0..4 => decimal(random),
        4 => printed(random, "%.17g", 17),
        5 => printed(random, "%.*g", 25),
        6 => printed(random, "%.*e", 800),
        7 => printed(random, "%.*f", 20),
        8..11 => halfway(random),
        11 => short_halfway(random),
        12..15 => hexadecimal(random),
        _ => word(random),
    };
    text.extend_from_slice(body.as_bytes());
    if random.once_in(4) {
        for _ in 0..random.below(5) {
            text.push(random.choose(b"0123456789abcdefxXpPeE+-. _()naif\xff~"));
        }
    }
    text
}

fn digits(random: &mut Random, alphabet: &[u8], most: u64) -> String {
    let most = most.min(random.choose(&[1, 3, 9, 20, 40, 2000]));
    let zeros = if random.once_in(4) { most } else { 0 };
    let mut text = String::new();
    for _ in 0..random.below(most + 1) {
        text.push(char::from(if random.below(most) < zeros { b'0' } else { random.choose(alphabet) }));
    }
    text
}

fn exponent(random: &mut Random, letters: &[char], range: u64) -> String {
    if random.once_in(4) {
        return String::new();
    }
    let letter = random.choose(letters);
    let sign = random.choose(&["", "+", "-", "-"]);
    let number = match random.below(20) {
        0 => String::new(),
        1 => digits(random, b"0123456789", 30),
        _ => random.below(range).to_string(),
    };
    format!("{letter}{sign}{number}")
}

fn decimal(random: &mut Random) -> String {
    let range = random.choose(&[5, 25, 330, 1200]);
    let whole = digits(random, b"0123456789", 2000);
    let point = random.choose(&["", ".", ".", "."]);
    let fraction = if point.is_empty() { String::new() } else { digits(random, b"0123456789", 2000) };
    format!("{whole}{point}{fraction}{}", exponent(random, &['e', 'E'], range))
}

fn hexadecimal(random: &mut Random) -> String {
    let alphabet = random.choose(&[b"0123456789abcdefABCDEF".as_slice(), b"08f", b"0", b"f"]);
    let whole = digits(random, alphabet, 40);
    let point = random.choose(&["", ".", "."]);
    let fraction = if point.is_empty() { String::new() } else { digits(random, alphabet, 300) };
    let range = random.choose(&[5, 60, 1100, 3000]);
    format!(
        "{}{whole}{point}{fraction}{}",
        random.choose(&["0x", "0X"]),
        exponent(random, &['p', 'P'], range)
    )
}

fn word(random: &mut Random) -> String {
    let word = random.choose(&[
        "inf",
        "infinity",
        "infinit",
        "in",
        "nan",
        "nan()",
        "nan(12_aZ)",
        "nan(0x7)",
        "nan(",
        "nan(-)",
        "na",
    ]);
    word.chars().map(|letter| if random.once_in(2) { letter.to_ascii_uppercase() } else { letter }).collect()
}

/// A double as the host prints it, with up to `precision` digits.
fn printed(random: &mut Random, format: &str, precision: u64) -> String {
    let value = double(random);
    let format = CString::new(format).unwrap();
    let mut buffer = [0_u8; 2000];
    let precision = random.below(precision) as i32 + 1;
    // SAFETY: the buffer has its size, and the formats take these arguments.
    unsafe {
        let to = buffer.as_mut_ptr().cast();
        if format.as_bytes().contains(&b'*') {
            libc::snprintf(to, buffer.len(), format.as_ptr(), precision, value);
        } else {
            libc::snprintf(to, buffer.len(), format.as_ptr(), value);
        }
    }
    buffer.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}

/// The digits of the point between a random double and the next, and the power of ten of the last.
fn middle(random: &mut Random) -> (String, i32) {
    let bits = double(random).abs().to_bits().min(f64::MAX.to_bits());
    let (fraction, field) = (bits & ((1 << 52) - 1), (bits >> 52) as i32);
    let (mantissa, power) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    exact_digits(2 * mantissa + 1, power - 1)
}

/// The first digits of such a point, or their neighbours: where 19 digits, or 128 bits, are just enough, or just not.
fn short_halfway(random: &mut Random) -> String {
    let (digits, exponent) = middle(random);
    let kept = digits.len().min(random.choose(&[15, 17, 18, 19, 20, 21, 25, 38, 60]));
    let exponent = exponent + (digits.len() - kept) as i32;
    let mut digits = digits[..kept].to_owned();
    let last = digits.pop().unwrap();
    let next = random.choose(&[last as u8 - 1, last as u8, last as u8 + 1]).clamp(b'0', b'9');
    let more = random.choose(&["", "", "1", "0000000001", "9999999999"]);
    let exponent = exponent - more.len() as i32;
    format!("{digits}{}{more}e{exponent}", char::from(next))
}

/// The point between a random double and the next, exactly, or a little less or more.
fn halfway(random: &mut Random) -> String {
    let (digits, exponent) = middle(random);
    let tail = match random.below(4) {
        0 => String::new(),
        1 => "0".repeat(random.below(900) as usize) + "1",
        2 => "0".repeat(random.below(900) as usize),
        // One unit less, but as close as one likes.
        _ => {
            let all = digits.len() - 1;
            // The last digit of an odd multiple of a negative power of two is 5; of other numbers this may pass zero.
            let last = digits.as_bytes()[all].max(b'1') - 1;
            let nines = "9".repeat(random.below(900) as usize);
            return format!("{}{}.{nines}e{exponent}", &digits[..all], char::from(last));
        }
    };
    if random.once_in(3) {
        let split = random.below(digits.len() as u64 + 1) as usize;
        let exponent = exponent + (digits.len() - split) as i32;
        return format!("{}.{}{tail}e{exponent}", &digits[..split], &digits[split..]);
    }
    format!("{digits}.{tail}e{exponent}")
}

/// `odd` times 2^`power` as an integer times a power of ten.
fn exact_digits(odd: u64, power: i32) -> (String, i32) {
    const BASE: u64 = 1_000_000_000;
    let mut limbs = vec![odd % BASE, odd / BASE % BASE, odd / BASE / BASE];
    let factor = if power < 0 { 5 } else { 2 };
    for _ in 0..power.unsigned_abs() {
        let mut carry = 0;
        for limb in &mut limbs {
            carry += *limb * factor;
            *limb = carry % BASE;
            carry /= BASE;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let text: String = limbs.iter().rev().map(|limb| format!("{limb:09}")).collect();
    (text.trim_start_matches('0').to_owned(), power.min(0))
}
