//! One call of snprintf, compared with that of the host.

#![allow(dead_code, reason = "each of the files that include this one uses a part of it")]

use crate::random::{Random, double};
use std::ffi::{CStr, CString, c_char, c_int, c_long};

#[derive(Clone, Debug)]
pub enum Value {
    Int(c_int),
    Long(c_long),
    LongLong(i64),
    Size(usize),
    Double(f64),
    Text(CString),
    /// A pointer that is only printed, or the null string.
    Pointer(usize),
}

/// The argument area of wasm32, with the sizes of the host.
#[derive(Default)]
struct Area {
    words: [u64; 4],
    used: usize,
}

impl Area {
    fn push(&mut self, bytes: &[u8]) {
        let start = self.used.next_multiple_of(bytes.len());
        self.used = start + bytes.len();
        for (index, byte) in bytes.iter().enumerate() {
            let place = start + index;
            self.words[place / 8] |= u64::from(*byte) << (place % 8 * 8);
        }
    }

    fn push_value(&mut self, value: &Value) {
        match value {
            Value::Int(value) => self.push(&value.to_ne_bytes()),
            Value::Long(value) => self.push(&value.to_ne_bytes()),
            Value::LongLong(value) => self.push(&value.to_ne_bytes()),
            Value::Size(value) | Value::Pointer(value) => self.push(&value.to_ne_bytes()),
            Value::Double(value) => self.push(&value.to_ne_bytes()),
            Value::Text(text) => self.push(&text.as_ptr().addr().to_ne_bytes()),
        }
    }
}

const SIZE: usize = 8192;

/// Formats one value, after the `int` arguments for each `*`, with both libraries, into `size` bytes.
pub fn check(format: &str, stars: &[c_int], value: &Value, size: usize) {
    let format_text = CString::new(format).unwrap();
    let mut area = Area::default();
    for star in stars {
        area.push(&star.to_ne_bytes());
    }
    area.push_value(value);
    let (mut ours, mut theirs) = ([0x55 as c_char; SIZE], [0x55 as c_char; SIZE]);
    let size = size.min(SIZE);
    // SAFETY: the area holds what the format asks for, and the buffer has the size.
    let our_length = unsafe {
        libc_shim::format::snprintf(ours.as_mut_ptr(), size, format_text.as_ptr(), area.words.as_ptr().cast())
    };
    let host_format = CString::new(standard_general(format, stars, value)).unwrap();
    let their_length = host(&mut theirs, size, &host_format, stars_of(&host_format, stars), value);
    let text = |buffer: &[c_char; SIZE]| {
        // SAFETY: both libraries terminate what they write.
        if size == 0 { CString::default() } else { unsafe { CStr::from_ptr(buffer.as_ptr()) }.to_owned() }
    };
    assert_eq!(
        (our_length, text(&ours)),
        (their_length, text(&theirs)),
        "format {format:?}, {stars:?}, {value:?}, size {size}: ours left, host right"
    );
    assert!(ours == theirs, "format {format:?}, {stars:?}, {value:?}, size {size}: other bytes were written");
}

/// glibc loses the zeros that `%#g` must keep when rounding carries into a new digit ("%#g" of 999999.5 is "1.e+06"). So
/// the host gets what C11 7.21.6.1 says `g` stands for: the right one of `e` and `f`.
fn standard_general(format: &str, stars: &[c_int], value: &Value) -> String {
    let (Some(letter @ ('g' | 'G')), Value::Double(number)) = (format.chars().last(), value) else {
        return format.to_owned();
    };
    if !format.contains('#') || !number.is_finite() {
        return format.to_owned();
    }
    let mut stars = stars.iter();
    let mut start = format.strip_suffix(letter).unwrap().to_owned();
    while let Some((before, after)) = start.split_once('*') {
        let star = stars.next().unwrap();
        // A negative precision counts as none.
        start = match before.strip_suffix('.') {
            Some(before) if *star < 0 => format!("{before}{after}"),
            _ => format!("{before}{star}{after}"),
        };
    }
    let (flags, precision) = match start.split_once('.') {
        Some((flags, precision)) => (flags.to_owned(), precision.parse().unwrap_or(0).max(1)),
        None => (start, 6),
    };
    let text = format!("{:.*e}", precision - 1, number.abs());
    let exponent: i64 = text.split_once('e').unwrap().1.parse().unwrap();
    let upper = letter == 'G';
    if exponent >= -4 && exponent < precision as i64 {
        format!("{flags}.{}{}", precision as i64 - 1 - exponent, if upper { 'F' } else { 'f' })
    } else {
        format!("{flags}.{}{}", precision - 1, if upper { 'E' } else { 'e' })
    }
}

/// The arguments that the format still asks for.
fn stars_of<'a>(format: &CStr, stars: &'a [c_int]) -> &'a [c_int] {
    if format.to_bytes().contains(&b'*') { stars } else { &[] }
}

fn host(buffer: &mut [c_char; SIZE], size: usize, format: &CStr, stars: &[c_int], value: &Value) -> c_int {
    let (to, format) = (buffer.as_mut_ptr(), format.as_ptr());
    macro_rules! call {
        ($value:expr) => {
            // SAFETY: as for our own call.
            unsafe {
                match stars {
                    [] => libc::snprintf(to, size, format, $value),
                    [one] => libc::snprintf(to, size, format, *one, $value),
                    [one, two] => libc::snprintf(to, size, format, *one, *two, $value),
                    _ => unreachable!(),
                }
            }
        };
    }
    match value {
        Value::Int(value) => call!(*value),
        Value::Long(value) => call!(*value),
        Value::LongLong(value) => call!(*value),
        Value::Size(value) | Value::Pointer(value) => call!(*value),
        // The rule of the shim: a NaN has no sign.
        Value::Double(value) => call!(if value.is_nan() { f64::NAN } else { *value }),
        Value::Text(text) => call!(text.as_ptr()),
    }
}

/// One random conversion, or one of Lua's own, on which the fast path has to be exact.
pub fn random_printf(random: &mut Random) -> u64 {
    if random.once_in(6) {
        let (format, value) = near_middle(random);
        check(&format, &[], &Value::Double(value), SIZE);
    } else if random.once_in(2) {
        let format = random.choose(&["%.14g", "%.15g", "%.16g", "%.17g", "%a", "%.3f", "%f"]);
        check(format, &[], &Value::Double(double(random)), 200);
    } else {
        let (format, stars, value) = random_case(random);
        let size = if random.once_in(10) { random.below(40) as usize } else { 4096 };
        check(&format, &stars, &value, size);
    }
    1
}

/// A double that is as close to the middle between two decimals as doubles come, or there, and the format that rounds it to one of
/// them.
fn near_middle(random: &mut Random) -> (String, f64) {
    let off = random.below(4) as i64 - 2;
    if random.once_in(2) {
        // m / 2^(k+s) times 10^s is m * 5^s / 2^k, and the rest of the division is to be about half of 2^k.
        let (k, s) = (random.below(53) as u32 + 1, random.below(300) as u32);
        let mask = (1_u64 << k) - 1;
        // Newton's way to the inverse of an odd number; each round doubles the bits that are right.
        let power = 5_u64.wrapping_pow(s);
        let inverse = (0..6)
            .fold(power, |inverse, _| inverse.wrapping_mul(2_u64.wrapping_sub(power.wrapping_mul(inverse))));
        let rest = (1_u64 << (k - 1)).wrapping_add_signed(off);
        let mantissa = rest.wrapping_mul(inverse) & mask | (random.bits() << k & ((1 << 53) - 1));
        let value = scaled_down(mantissa as f64, k + s);
        return (format!("%.{s}f"), value);
    }
    // m * 2^(j+k) / 10^k is m * 2^j / 5^k, and the rest of the division is to be about half of 5^k.
    let (j, k) = (random.below(200) as u32, random.below(22) as u32 + 1);
    let modulus = 5_u128.pow(k);
    let half_of_one = modulus.div_ceil(2);
    let inverse = (0..j).fold(1, |inverse, _| inverse * half_of_one % modulus);
    let rest = (half_of_one as i128 + i128::from(off)).rem_euclid(modulus as i128) as u128;
    let least = rest * inverse % modulus;
    let room = ((1_u128 << 53) - 1 - least) / modulus;
    let mantissa = least + u128::from(random.bits()) % (room + 1) * modulus;
    let value = mantissa as f64 * 2_f64.powi((j + k) as i32);
    let digits = value.log10().floor() as i32 - k as i32;
    (format!("%.{}e", digits.max(0)), value)
}

/// Divided by a power of two, in steps that are exact.
fn scaled_down(value: f64, bits: u32) -> f64 {
    let first = bits.min(1000);
    value / 2_f64.powi(first as i32) / 2_f64.powi((bits - first) as i32)
}

/// A random conversion with everything C allows, and a value for it.
fn random_case(random: &mut Random) -> (String, Vec<c_int>, Value) {
    let mut format = String::from("%");
    let mut stars = Vec::new();
    for flag in "-+ #0".chars() {
        if random.once_in(3) {
            format.push(flag);
        }
    }
    match random.below(8) {
        0 => {
            format.push('*');
            stars.push(random.below(60) as c_int - 30);
        }
        1..4 => format += &random.below(100).to_string(),
        _ => {}
    }
    match random.below(16) {
        0 => {
            format += ".*";
            stars.push(random.below(40) as c_int - 10);
        }
        1 => format.push('.'),
        2 => format += &format!(".{}", random.below(1200)),
        3..6 => format += &format!(".{}", random.below(100)),
        6..12 => format += &format!(".{}", random.below(20)),
        _ => {}
    }
    let (conversion, value) = conversion(random);
    (format + &conversion, stars, value)
}

fn conversion(random: &mut Random) -> (String, Value) {
    match random.below(16) {
        0..3 => {
            let letter = random.choose(&["d", "i", "u", "o", "x", "X"]);
            let signed = random.integer() as i64 * random.choose(&[1, -1]);
            let (length, value) = match random.below(7) {
                0 => ("hh", Value::Int(signed as c_int)),
                1 => ("h", Value::Int(signed as c_int)),
                2 => ("l", Value::Long(signed as c_long)),
                3 => ("ll", Value::LongLong(signed)),
                4 => ("j", Value::LongLong(signed)),
                5 => (random.choose(&["z", "t"]), Value::Size(signed as usize)),
                _ => ("", Value::Int(signed as c_int)),
            };
            (length.to_owned() + letter, value)
        }
        3 => ("c".into(), Value::Int(random.below(255) as c_int + 1)),
        4 => {
            let text: Vec<u8> = (0..random.below(90)).map(|_| random.below(255) as u8 + 1).collect();
            ("s".into(), Value::Text(CString::new(text).unwrap()))
        }
        5 => ("p".into(), Value::Pointer(random.integer() as usize)),
        6 => (random.choose(&["%", "s"]).into(), Value::Pointer(0)),
        _ => {
            let letter = random.choose(&["e", "E", "f", "F", "g", "g", "G", "a", "A"]);
            (letter.into(), Value::Double(double(random)))
        }
    }
}
