//! Binary to decimal: the digits of a double, rounded half to even at a wanted place.

use super::powers::{power_of_ten, shifted};
use super::{BASE, DIGITS_PER_LIMB, Limbs, MOST_LIMBS, POWERS};
use core::cmp::Ordering;

/// Where the digits end.
#[derive(Clone, Copy)]
pub enum Place {
    /// After this many significant digits, at least one.
    Significant(usize),
    /// After this many digits behind the decimal point.
    Fraction(usize),
}

/// `count` digits without trailing zeros, the first of them worth 10^`exponent`; zero has no digit and exponent 0.
pub struct Digits<const N: usize> {
    pub bytes: [u8; N],
    pub count: usize,
    pub exponent: i32,
}

/// Enough for any 64-bit integer.
pub type FewDigits = Digits<20>;
/// Enough for any double.
pub type AllDigits = Digits<{ MOST_LIMBS * DIGITS_PER_LIMB }>;

/// A finite double as `mantissa` times 2^`exponent`; the sign is dropped.
pub fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let field = (bits >> 52 & 0x7ff) as i32;
    if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) }
}

impl<const N: usize> Digits<N> {
    pub fn zero() -> Self {
        Digits { bytes: [b'0'; N], count: 0, exponent: 0 }
    }

    /// The digits, as ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.count).unwrap_or(&[])
    }

    /// The digits of `integer` times 10^`exponent`.
    fn from_integer(integer: u64, exponent: i32) -> Self {
        let mut digits = Digits::zero();
        digits.count = integer.checked_ilog10().map_or(0, |last| last as usize + 1);
        digits.exponent = exponent + digits.count as i32 - 1;
        write_digits(digits.bytes.get_mut(..digits.count).unwrap_or(&mut []), integer);
        digits.trim();
        digits
    }

    fn read(&mut self, number: &Limbs) {
        self.exponent = DIGITS_PER_LIMB as i32 * (number.height() - 1) - 1;
        for limb in number.as_slice() {
            let mut length = DIGITS_PER_LIMB;
            if self.count == 0 {
                length = limb.checked_ilog10().map_or(0, |last| last as usize + 1);
                self.exponent += length as i32;
            }
            if let Some(place) = self.bytes.get_mut(self.count..self.count + length) {
                write_digits(place, u64::from(*limb));
                self.count += length;
            }
        }
        self.trim();
    }

    fn last(&mut self) -> Option<&mut u8> {
        self.bytes.get_mut(self.count.checked_sub(1)?)
    }

    fn trim(&mut self) {
        while self.last().is_some_and(|digit| *digit == b'0') {
            self.count -= 1;
        }
        if self.count == 0 {
            self.exponent = 0;
        }
    }

    /// Rounds at the place; `cut` says that the number is larger by less than two units of the limb that is two behind the
    /// place. False where that is not enough to know, and nothing has changed.
    fn round(&mut self, place: Place, cut: bool) -> bool {
        let keep = match place {
            Place::Significant(count) => Some(count),
            Place::Fraction(count) => count.checked_add_signed(self.exponent as isize + 1),
        };
        match keep {
            None => self.count = 0,
            Some(keep) if cut && self.may_be_half(keep) => return false,
            Some(keep) if keep < self.count => {
                let up = self.rounds_up(keep, cut);
                self.count = keep;
                if up {
                    self.increment();
                }
            }
            Some(_) => {}
        }
        self.trim();
        true
    }

    fn digit(&self, index: usize) -> u8 {
        if index < self.count { self.bytes.get(index).copied().unwrap_or(b'0') } else { b'0' }
    }

    /// Whether the digits from `keep` on are so little below half a unit that a little more makes it one.
    fn may_be_half(&self, keep: usize) -> bool {
        self.digit(keep) == b'4' && (1..DIGITS_PER_LIMB).all(|next| self.digit(keep + next) == b'9')
    }

    /// Whether the digits from `keep` on are more than half a unit, or exactly half behind an odd digit.
    fn rounds_up(&self, keep: usize, cut: bool) -> bool {
        match self.digit(keep).cmp(&b'5') {
            // There are no trailing zeros, so a digit behind the five is more than half.
            Ordering::Equal => cut || keep + 1 < self.count || (keep > 0 && self.digit(keep - 1) & 1 == 1),
            order => order == Ordering::Greater,
        }
    }

    /// Adds one unit of the last digit.
    fn increment(&mut self) {
        while self.last().is_some_and(|digit| *digit == b'9') {
            self.count -= 1;
        }
        if let Some(digit) = self.last() {
            *digit += 1;
        } else {
            self.exponent += 1;
            self.count = 1;
            if let Some(first) = self.bytes.first_mut() {
                *first = b'1';
            }
        }
    }
}

/// Fills `place` with the last digits of the number. Out of line: unrolled at each place of use, it takes a kilobyte.
#[inline(never)]
fn write_digits(place: &mut [u8], number: u64) {
    let mut rest = number;
    for limb in place.rchunks_mut(DIGITS_PER_LIMB) {
        // Dividing 32 bits by ten is a multiplication; 64 bits are divided only from limb to limb.
        let mut low = (rest % BASE) as u32;
        rest /= BASE;
        for digit in limb.iter_mut().rev() {
            *digit = b'0' + (low % 10) as u8;
            low /= 10;
        }
    }
}

/// The digits of any double. They are written in place because they are many, and the stack is small.
pub fn all(digits: &mut AllDigits, mantissa: u64, exponent: i32, place: Place) {
    if !digits_to(digits, mantissa, exponent, place, limbs_behind_point(mantissa, exponent, place)) {
        digits_to(digits, mantissa, exponent, place, i32::MAX);
    }
}

/// Two limbs more than those that hold the digits up to the place.
fn limbs_behind_point(mantissa: u64, exponent: i32, place: Place) -> i32 {
    let digits = match place {
        Place::Fraction(count) => i32::try_from(count).unwrap_or(i32::MAX),
        Place::Significant(count) => i32::try_from(count)
            .unwrap_or(i32::MAX)
            .saturating_sub(1 + least_magnitude(mantissa.max(1), exponent)),
    };
    digits.saturating_add(8).div_euclid(DIGITS_PER_LIMB as i32) + 2
}

/// The same with so many limbs behind the decimal point; false, and no digits, where they do not suffice.
fn digits_to(digits: &mut AllDigits, mantissa: u64, exponent: i32, place: Place, fraction: i32) -> bool {
    // Each factor of two less saves work below.
    let zeros = mantissa.trailing_zeros() & 63;
    let number = Limbs::new(mantissa >> zeros, exponent + zeros as i32, fraction);
    digits.count = 0;
    digits.read(&number);
    digits.round(place, number.cut)
}

/// The power of ten of the first digit, or one less.
fn least_magnitude(mantissa: u64, exponent: i32) -> i32 {
    // 1262611 / 2^22 is log10(2) closely enough for every double.
    ((exponent + mantissa.ilog2() as i32) * 1_262_611) >> 22
}

/// The digits of a double where 128 bits of a power of ten decide them, which holds up to 17 digits but for numbers next to
/// the middle between two decimals; `None` otherwise.
pub fn few(mantissa: u64, exponent: i32, place: Place) -> Option<FewDigits> {
    if mantissa == 0 {
        return Some(Digits::zero());
    }
    let (integer, scale) = match place {
        Place::Fraction(count) => {
            let scale = i32::try_from(count).ok()?;
            (scaled(mantissa, exponent, scale)?, scale)
        }
        Place::Significant(count) => significant(mantissa, exponent, count)?,
    };
    Some(Digits::from_integer(integer, -scale))
}

/// The number times 10^scale as an integer of `count` digits (or 10^count), and the scale.
fn significant(mantissa: u64, exponent: i32, count: usize) -> Option<(u64, i32)> {
    if count > 17 {
        return None;
    }
    let scale = count as i32 - 1 - least_magnitude(mantissa, exponent);
    let limit = *POWERS.get(count)?;
    let integer = scaled(mantissa, exponent, scale)?;
    if integer <= limit {
        Some((integer, scale))
    } else {
        Some((scaled(mantissa, exponent, scale - 1)?, scale - 1))
    }
}

/// `mantissa` times 2^`exponent` times 10^`scale`, rounded to an integer.
fn scaled(mantissa: u64, exponent: i32, scale: i32) -> Option<u64> {
    let number = power_of_ten(scale)?.times(mantissa);
    let bits = u32::try_from(-(number.exponent + exponent)).ok()?;
    if bits > 128 {
        return Some(0); // less than half
    }
    let half = 1_u128.checked_shl(bits.checked_sub(1)?)?;
    let integer = u64::try_from(shifted(number.low, bits)).ok()?;
    let rest = number.low & (half | (half - 1));
    let rest_to_half = match rest.cmp(&half) {
        order if number.error == 0 => order,
        Ordering::Less if rest.saturating_add(number.error) <= half => Ordering::Less,
        Ordering::Greater => Ordering::Greater,
        _ if is_half(integer, mantissa, exponent, scale) => Ordering::Equal,
        _ => return None,
    };
    let up = match rest_to_half {
        Ordering::Less => 0,
        Ordering::Equal => integer & 1,
        Ordering::Greater => 1,
    };
    integer.checked_add(up)
}

/// Whether a number divided by a power of ten is exactly between `integer` and the next one.
fn is_half(integer: u64, mantissa: u64, exponent: i32, scale: i32) -> bool {
    // 5^27 is the last power to fit 64 bits; what it or a larger one divides has no more than 53 bits otherwise.
    if integer >> 60 != 0 || !(-27..0).contains(&scale) {
        return false;
    }
    let middle = u128::from(2 * integer + 1) * u128::from(5_u64.pow(scale.unsigned_abs()));
    // The middle is odd, and times a power of two: 10^-scale has that many factors of two, and a half takes one.
    let zeros = mantissa.trailing_zeros();
    u128::from(mantissa >> zeros) == middle && exponent + zeros as i32 == -scale - 1
}
