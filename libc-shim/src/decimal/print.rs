//! Binary to decimal: the digits of a double, rounded half to even at a wanted place.

use super::{CAPACITY, DIGITS_PER_LIMB, Limbs, POWERS, split};
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
pub type FewDigits = Digits<{ 3 * DIGITS_PER_LIMB }>;
/// Enough for any double.
pub type AllDigits = Digits<{ CAPACITY * DIGITS_PER_LIMB }>;

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

    /// Reads limbs of which the first `point` stand before the decimal point.
    fn read(&mut self, limbs: impl Iterator<Item = u32>, point: i32) {
        self.exponent = DIGITS_PER_LIMB as i32 * point - 1;
        for limb in limbs {
            for digit in limb_digits(limb) {
                if self.count == 0 && digit == b'0' {
                    self.exponent -= 1;
                } else if let Some(place) = self.bytes.get_mut(self.count) {
                    *place = digit;
                    self.count += 1;
                }
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

    fn round(&mut self, place: Place) {
        let keep = match place {
            Place::Significant(count) => Some(count),
            Place::Fraction(count) => count.checked_add_signed(self.exponent as isize + 1),
        };
        match keep {
            None => self.count = 0,
            Some(keep) if keep < self.count => {
                let up = self.rounds_up(keep);
                self.count = keep;
                if up {
                    self.increment();
                }
            }
            Some(_) => {}
        }
        self.trim();
    }

    /// Whether the digits from `keep` on are more than half a unit, or exactly half behind an odd digit.
    fn rounds_up(&self, keep: usize) -> bool {
        let digit = |index: usize| self.bytes.get(index).copied().unwrap_or(b'0');
        match digit(keep).cmp(&b'5') {
            // There are no trailing zeros, so a digit behind the five is more than half.
            Ordering::Equal => keep + 1 < self.count || (keep > 0 && digit(keep - 1) & 1 == 1),
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

/// Out of line: unrolled at each place of use, it takes a kilobyte.
#[inline(never)]
fn limb_digits(limb: u32) -> [u8; DIGITS_PER_LIMB] {
    let mut digits = [0; DIGITS_PER_LIMB];
    let mut rest = limb;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// The digits of any double. They are written in place because they are many, and the stack is small.
pub fn all(digits: &mut AllDigits, mantissa: u64, exponent: i32, place: Place) {
    // Each factor of two less saves work below.
    let zeros = mantissa.trailing_zeros() & 63;
    let mut number = Limbs::from_integer(mantissa >> zeros);
    number.scale(exponent + zeros as i32);
    digits.read(number.limbs.iter().copied().take(number.count), number.point);
    digits.round(place);
}

/// The digits of a double when 128-bit integers suffice to find them exactly, which holds for the usual magnitudes up to
/// 17 digits; `None` otherwise.
pub fn few(mantissa: u64, exponent: i32, place: Place) -> Option<FewDigits> {
    let (integer, scale) = match place {
        Place::Fraction(count) => {
            let scale = i32::try_from(count).ok()?;
            (scaled(mantissa, exponent, scale)?, scale)
        }
        Place::Significant(count) => significant(mantissa, exponent, count)?,
    };
    let mut digits = FewDigits::zero();
    digits.read(split(integer).into_iter(), 3);
    if digits.count > 0 {
        digits.exponent -= scale;
    }
    Some(digits)
}

/// The number times 10^scale as an integer of `count` digits (or 10^count), and the scale.
fn significant(mantissa: u64, exponent: i32, count: usize) -> Option<(u64, i32)> {
    if mantissa == 0 || count > 17 {
        return None;
    }
    let magnitude = exponent + mantissa.ilog2() as i32;
    // 1233 / 4096 is log10(2) closely enough for every exponent `scaled` accepts, up to one too little.
    let least = (magnitude * 1233) >> 12;
    let scale = count as i32 - 1 - least;
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
    let power = *POWERS.get(scale.unsigned_abs() as usize)?;
    if scale >= 0 { multiplied(mantissa, exponent, power) } else { divided(mantissa, exponent, power) }
}

fn multiplied(mantissa: u64, exponent: i32, power: u64) -> Option<u64> {
    let product = u128::from(mantissa) * u128::from(power);
    if exponent >= 0 {
        // 53 bits, 64 bits and 11 more fit.
        return if exponent <= 11 { u64::try_from(product << exponent).ok() } else { None };
    }
    let bits = exponent.unsigned_abs();
    if bits > 127 {
        return None;
    }
    let integer = u64::try_from(product >> bits).ok()?;
    let rest = product & ((1 << bits) - 1);
    rounded(integer, rest.cmp(&(1 << (bits - 1))))
}

fn divided(mantissa: u64, exponent: i32, power: u64) -> Option<u64> {
    let (whole, fraction) = if exponent > 11 {
        return None;
    } else if exponent >= 0 {
        (mantissa << exponent, 0)
    } else {
        let bits = exponent.unsigned_abs();
        let whole = mantissa.checked_shr(bits)?;
        (whole, mantissa - (whole << bits))
    };
    let integer = whole.checked_div(power)?;
    let rest = whole - integer * power;
    // Powers of ten are even, so half of one is exact.
    rounded(integer, rest.cmp(&(power / 2)).then(fraction.cmp(&0)))
}

/// Rounds up if the rest is more than half, or half and the integer odd.
fn rounded(integer: u64, rest_to_half: Ordering) -> Option<u64> {
    let up = match rest_to_half {
        Ordering::Less => 0,
        Ordering::Equal => integer & 1,
        Ordering::Greater => 1,
    };
    integer.checked_add(up)
}
