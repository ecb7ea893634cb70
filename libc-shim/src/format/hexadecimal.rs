//! The conversions a and A.

use super::{Output, Specification, integer};

/// Hexadecimal digits of a double's fraction.
const FRACTION_DIGITS: usize = 13;
const FRACTION_BITS: u32 = 52;

/// The digit of a value below 16.
pub fn digit(value: u8, upper: bool) -> u8 {
    match value {
        0..=9 => b'0' + value,
        _ if upper => b'A' - 10 + value,
        _ => b'a' - 10 + value,
    }
}

/// Writes `mantissa` times 2^`exponent`, as `print::parts` gives them, the way glibc does: the first digit is 1, but 0
/// for zero and below the normal numbers, and rounding may make it 2.
pub fn convert(
    output: &mut Output,
    specification: &Specification,
    sign: &[u8],
    upper: bool,
    mantissa: u64,
    exponent: i32,
) {
    let rounded = round(mantissa, specification.precision.unwrap_or(FRACTION_DIGITS));
    let mut fraction = [0; FRACTION_DIGITS];
    let mut significant = 0;
    for (index, place) in fraction.iter_mut().enumerate() {
        let value = (rounded >> (FRACTION_BITS - 4 - 4 * index as u32) & 15) as u8;
        *place = digit(value, upper);
        if value != 0 {
            significant = index + 1;
        }
    }
    let count = specification.precision.unwrap_or(significant);
    let fraction = fraction.get(..count).unwrap_or(&fraction);
    let point = count > 0 || specification.alternative;

    let power = if mantissa == 0 { 0 } else { exponent + FRACTION_BITS as i32 };
    let mut buffer = integer::Digits::default();
    let power_digits = integer::decimal_digits(&mut buffer, u64::from(power.unsigned_abs()));

    // 0x and the first digit, then the fraction, then p and its sign.
    let length = sign.len() + 3 + usize::from(point) + count + 2 + power_digits.len();
    let padding = specification.width.saturating_sub(length);
    if !specification.left && !specification.zero {
        output.repeat(b' ', padding);
    }
    output.write(sign);
    output.write(if upper { b"0X" } else { b"0x" });
    if !specification.left && specification.zero {
        output.repeat(b'0', padding);
    }
    output.put(b'0' + (rounded >> FRACTION_BITS) as u8);
    if point {
        output.put(b'.');
    }
    output.write(fraction);
    output.repeat(b'0', count - fraction.len());
    output.put(if upper { b'P' } else { b'p' });
    output.put(if power < 0 { b'-' } else { b'+' });
    output.write(power_digits);
    if specification.left {
        output.repeat(b' ', padding);
    }
}

/// Rounds half to even after `precision` hexadecimal digits of the fraction.
fn round(mantissa: u64, precision: usize) -> u64 {
    if precision >= FRACTION_DIGITS {
        return mantissa;
    }
    let unit = 1_u64 << (FRACTION_BITS - 4 * precision as u32);
    let rest = mantissa & (unit - 1);
    let down = mantissa - rest;
    let up = rest > unit / 2 || (rest == unit / 2 && down & unit != 0);
    if up { down + unit } else { down }
}
