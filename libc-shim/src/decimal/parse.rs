//! Decimal to binary: the double nearest to a decimal numeral of any length.

use super::{BASE, Limbs, POWERS, Rounded, round};

/// How many digits `Numeral::leading` holds: all integers with that many fit 64 bits.
pub const LEADING_DIGITS: usize = 19;

/// A decimal numeral that was read, but not yet converted.
pub struct Numeral<D> {
    /// The first significant digits as an integer, and how many they are.
    pub leading: u64,
    pub leading_count: usize,
    /// Whether a digit that is not zero follows the leading ones.
    pub longer: bool,
    /// The power of ten of the last leading digit.
    pub exponent: i64,
    /// All digits (0 to 9); leading zeros may come first.
    pub digits: D,
}

impl<D: Iterator<Item = u8>> Numeral<D> {
    /// The nearest double.
    pub fn to_double(self) -> Rounded {
        let Some(last) = self.leading_count.checked_sub(1) else { return Rounded::ZERO };
        let magnitude = self.exponent.saturating_add(last as i64);
        // The largest double is below 10^309; half of the least above 10^-324.
        if magnitude > 309 {
            Rounded::OVERFLOW
        } else if magnitude < -325 {
            Rounded::UNDERFLOW
        } else {
            self.short()
                .unwrap_or_else(|| exact(self.digits.skip_while(|digit| *digit == 0), magnitude as i32))
        }
    }

    /// Numerals of few digits with a small exponent, for which 128 bits suffice.
    fn short(&self) -> Option<Rounded> {
        if self.longer {
            return None;
        }
        let power = *POWERS.get(usize::try_from(self.exponent.unsigned_abs()).ok()?)?;
        if self.leading < 1 << 53 {
            // Both numbers are exact as doubles (10^19 = 5^19 * 2^19 too), so one operation rounds once.
            let (number, power) = (self.leading as f64, power as f64);
            let value = if self.exponent < 0 { number / power } else { number * power };
            return Some(Rounded { value, out_of_range: false });
        }
        if self.exponent < 0 { quotient(self.leading, power) } else { Some(product(self.leading, power)) }
    }
}

fn product(a: u64, b: u64) -> Rounded {
    let product = u128::from(a) * u128::from(b);
    let high = (product >> 64) as u64;
    if high == 0 {
        return round(product as u64, 0, false);
    }
    let bits = 64 - high.leading_zeros();
    let rest = product & ((1 << bits) - 1);
    round((product >> bits) as u64, i64::from(bits), rest != 0)
}

/// `a` / `b`: long division until 64 bits of the quotient are known.
fn quotient(a: u64, b: u64) -> Option<Rounded> {
    let mut quotient = a.checked_div(b)?;
    let mut remainder = a - quotient * b;
    let mut exponent = 0;
    // `a` is at least 2^53 and `b` below 2^64, so this ends within 75 rounds.
    while quotient >> 63 == 0 {
        let carry = remainder >> 63;
        remainder <<= 1;
        let bit = carry == 1 || remainder >= b;
        if bit {
            remainder = remainder.wrapping_sub(b);
        }
        quotient = quotient << 1 | u64::from(bit);
        exponent -= 1;
    }
    Some(round(quotient, exponent, remainder != 0))
}

/// Any numeral, given its digits and the power of ten of the first.
#[inline(never)]
fn exact(digits: impl Iterator<Item = u8>, magnitude: i32) -> Rounded {
    let mut number = read(digits, magnitude);
    let mut exponent = 0;
    // Two limbs before the point hold 59 bits, which is what rounding needs and a little more.
    while number.point > 2 {
        number.halve(super::MAX_SHIFT);
        exponent += super::MAX_SHIFT;
    }
    let mut exponent = i64::from(exponent);
    while number.point < 2 {
        number.double(super::MAX_SHIFT);
        exponent -= i64::from(super::MAX_SHIFT);
    }
    let missing = 58_u32.saturating_sub(integer(&number).max(1).ilog2());
    number.double(missing.min(super::MAX_SHIFT));
    let more = number.count > 2 || number.cut;
    round(integer(&number), exponent - i64::from(missing), more)
}

/// The two limbs before the decimal point.
fn integer(number: &Limbs) -> u64 {
    u64::from(number.limb(0)) * BASE + u64::from(number.limb(1))
}

/// Puts digits into limbs, so that the decimal point stands between two limbs.
fn read(digits: impl Iterator<Item = u8>, magnitude: i32) -> Limbs {
    let before_point = magnitude + 1;
    let point = (before_point + 8).div_euclid(9);
    let mut number = Limbs::new(point);
    let mut limb = 0;
    // The first limb holds one to nine digits, all others nine.
    let mut missing = before_point - 9 * (point - 1);
    for digit in digits {
        limb = limb * 10 + u32::from(digit);
        missing -= 1;
        if missing == 0 {
            number.push(limb);
            limb = 0;
            missing = 9;
        }
    }
    for _ in 0..missing {
        limb *= 10;
    }
    number.push(limb);
    number.trim();
    number
}
