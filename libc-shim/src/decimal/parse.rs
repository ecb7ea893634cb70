//! Decimal to binary: the double nearest to a decimal numeral of any length.

use super::powers::{Interval, power_of_ten, shifted};
use super::{BASE, Limbs, POWERS, Rounded, round};
use core::cmp::Ordering;

/// How many digits `Numeral::leading` holds: all integers with that many fit 64 bits.
pub const LEADING_DIGITS: usize = 19;

/// Half of the least double is 2 to this power.
const LEAST_HALF: i32 = -1075;

/// A decimal numeral that was read, but not yet converted.
pub struct Numeral<D> {
    /// The first significant digits as an integer, and how many they are.
    pub leading: u64,
    pub leading_count: usize,
    /// Whether a digit that is not zero follows the leading ones.
    pub longer: bool,
    /// The power of ten of the last leading digit.
    pub exponent: i64,
    /// All digits (0 to 9), of which the upper bound of the size is not far off; leading zeros may come first.
    pub digits: D,
}

impl<D: Iterator<Item = u8> + Clone> Numeral<D> {
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
            self.short().unwrap_or_else(|| self.near(magnitude as i32))
        }
    }

    /// Numerals of few digits with a small exponent: both numbers are exact as doubles (10^19 = 5^19 * 2^19 too), so one
    /// operation rounds once.
    fn short(&self) -> Option<Rounded> {
        if self.longer || self.leading >= 1 << 53 {
            return None;
        }
        let power = *POWERS.get(usize::try_from(self.exponent.unsigned_abs()).ok()?)?;
        let (number, power) = (self.leading as f64, power as f64);
        let value = if self.exponent < 0 { number / power } else { number * power };
        Some(Rounded { value, out_of_range: false })
    }

    /// The interval in which the number lies; the powers that [`Self::to_double`] asks for are all there.
    fn interval(&self) -> Option<Interval> {
        let power = power_of_ten(self.exponent as i32)?;
        let mut number = power.times(self.leading);
        if self.longer {
            // The number is below `leading + 1` times the power.
            number.error += (power.low >> (64 - self.leading.leading_zeros())) + 1;
        }
        // A bit less, so that the upper end fits.
        number.error = (number.error + (number.low & 1) + 1) >> 1;
        number.low >>= 1;
        number.exponent += 1;
        Some(number)
    }

    /// Any numeral, given the power of ten of its first digit.
    fn near(self, magnitude: i32) -> Rounded {
        let Some(number) = self.interval() else { return Rounded::UNDERFLOW };
        let highest = number.exponent + 127 - number.low.leading_zeros() as i32;
        // Whatever is no multiple of this is closer to one double than to another.
        let half = (highest - 53).max(LEAST_HALF);
        let bits = (half - number.exponent) as u32;
        let (below, above) = (shifted(number.low, bits), shifted(number.low + number.error, bits));
        let is_multiple = || below.checked_shl(bits) == Some(number.low);
        if number.error == 0 || (below == above && !is_multiple()) {
            let more = number.low as u64 != 0 || number.error != 0;
            return round((number.low >> 64) as u64, i64::from(number.exponent) + 64, more);
        }
        // The interval is far narrower than a half unit, and `above` the one multiple in it.
        let (multiple, half) = (above as u64, i64::from(half));
        match self.compare(magnitude, multiple, half as i32) {
            Ordering::Less => round(2 * multiple - 1, half - 1, true),
            Ordering::Equal => round(multiple, half, false),
            Ordering::Greater => round(multiple, half, true),
        }
    }

    /// Compares the numeral with `mantissa` times 2^`exponent`, given the power of ten of its first digit.
    fn compare(self, magnitude: i32, mantissa: u64, exponent: i32) -> Ordering {
        let zeros = mantissa.trailing_zeros() & 63;
        let (mantissa, exponent) = (mantissa >> zeros, exponent + zeros as i32);
        let most = self.digits.size_hint().1.and_then(|most| i32::try_from(most).ok()).unwrap_or(i32::MAX);
        let behind_point = most.saturating_sub(magnitude).saturating_add(8).div_euclid(9);
        let digits = self.digits.skip_while(|digit| *digit == 0);
        compare(digits.clone(), magnitude, &Limbs::new(mantissa, exponent, behind_point.saturating_add(2)))
            .or_else(|| compare(digits, magnitude, &Limbs::new(mantissa, exponent, i32::MAX)))
            .unwrap_or(Ordering::Equal)
    }
}

/// Compares a numeral, given its digits and the power of ten of the first, with a number that has at least two limbs behind
/// the numeral's last digit, or all of its own. `None` where more of them are needed to know.
#[inline(never)]
fn compare(mut digits: impl Iterator<Item = u8>, magnitude: i32, number: &Limbs) -> Option<Ordering> {
    // Limbs are read so that the decimal point stands between two of them: the first has one to nine digits.
    let before_point = magnitude + 1;
    let height = (before_point + 8).div_euclid(9);
    let mut length = before_point - 9 * (height - 1);
    let mut order = height.cmp(&number.height());
    for limb in number.as_slice() {
        if order != Ordering::Equal {
            break;
        }
        let read = (0..length).fold(0, |limb, _| limb * 10 + u32::from(digits.next().unwrap_or(0)));
        order = read.cmp(limb);
        length = 9;
    }
    if order == Ordering::Equal && digits.any(|digit| digit != 0) {
        order = Ordering::Greater;
    }
    if !number.cut {
        Some(order)
    } else if order != Ordering::Greater {
        Some(Ordering::Less)
    } else {
        // What was cut off reaches the numeral only across a limb full of nines.
        let next_to_last = number.limit.checked_sub(2).and_then(|place| number.limbs.get(place));
        next_to_last.is_some_and(|limb| u64::from(*limb) < BASE - 1).then_some(order)
    }
}
