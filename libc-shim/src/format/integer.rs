//! The conversions d, i, u, o, x and X.

use core::ffi::{c_char, c_int};

use super::{Output, Specification, hexadecimal};
use crate::string::memcpy;

/// Bytes of the longest number, which is octal; a decimal one leaves room for its sign.
pub const MOST: usize = 22;

/// Writes a number of digits with sign or prefix: zeros up to the precision, or up to the width under the flag `0`.
pub fn convert(output: &mut Output, specification: &Specification, sign: &[u8], value: u64, letter: u8) {
    let mut buffer = Digits::default();
    let digits = digits(&mut buffer, value, letter);
    let prefix: &[u8] = match letter {
        b'x' if specification.alternative && value != 0 => b"0x",
        b'X' if specification.alternative && value != 0 => b"0X",
        _ => b"",
    };
    // `%.0d` of zero is nothing at all.
    let digits = if specification.precision == Some(0) && value == 0 { &[] } else { digits };
    let mut zeros = specification.precision.unwrap_or(1).saturating_sub(digits.len());
    if letter == b'o' && specification.alternative && zeros == 0 && digits.first() != Some(&b'0') {
        zeros = 1;
    }
    let length = sign.len() + prefix.len() + zeros + digits.len();
    let padding = specification.width.saturating_sub(length);
    if specification.zero && !specification.left && specification.precision.is_none() {
        zeros += padding;
    } else if !specification.left {
        output.repeat(b' ', padding);
    }
    output.write(sign);
    output.write(prefix);
    output.repeat(b'0', zeros);
    output.write(digits);
    if specification.left {
        output.repeat(b' ', padding);
    }
}

/// Room for the digits of any number, in any base.
pub type Digits = [u8; MOST];

/// The digits of a number in the base of the letter.
fn digits(buffer: &mut Digits, value: u64, letter: u8) -> &[u8] {
    let shift = match letter {
        b'o' => 3,
        b'x' | b'X' => 4,
        _ => return decimal_digits(buffer, value),
    };
    let mut rest = value;
    let mut start = buffer.len();
    for (index, place) in buffer.iter_mut().enumerate().rev() {
        *place = hexadecimal::digit(rest as u8 & ((1 << shift) - 1), letter == b'X');
        start = index;
        rest >>= shift;
        if rest == 0 {
            break;
        }
    }
    buffer.get(start..).unwrap_or(&[])
}

/// The digits in base ten. Most numbers fit 32 bits, whose remainders engines find sooner.
pub fn decimal_digits(buffer: &mut Digits, value: u64) -> &[u8] {
    let mut rest = value;
    let mut start = buffer.len();
    for (index, place) in buffer.iter_mut().enumerate().rev() {
        let (next, digit) = match u32::try_from(rest) {
            Ok(rest) => (u64::from(rest / 10), (rest % 10) as u8),
            Err(_) => (rest / 10, (rest % 10) as u8),
        };
        *place = b'0' + digit;
        start = index;
        rest = next;
        if rest == 0 {
            break;
        }
    }
    buffer.get(start..).unwrap_or(&[])
}

/// Whether a format is nothing but `%lld`, by which Lua writes its integers.
///
/// # Safety
///
/// `format` is a C string.
pub unsafe fn is_plain(format: *const c_char) -> bool {
    let mut next = format.cast::<u8>();
    for byte in *b"%lld\0" {
        // SAFETY: all bytes before this one were those of the C string.
        if unsafe { next.read() } != byte {
            return false;
        }
        next = next.wrapping_add(1);
    }
    true
}

/// As the conversion `%lld`.
///
/// # Safety
///
/// `buffer` has room for more than [`MOST`] bytes.
pub unsafe fn write_plain(buffer: *mut u8, value: i64) -> c_int {
    let mut place = Digits::default();
    let digits = decimal_digits(&mut place, value.unsigned_abs());
    let sign = usize::from(value < 0);
    // SAFETY: the caller promises the room.
    unsafe {
        buffer.write(b'-');
        let start = buffer.add(sign);
        memcpy(start.cast(), digits.as_ptr().cast(), digits.len());
        start.add(digits.len()).write(0);
    }
    (sign + digits.len()) as c_int
}
