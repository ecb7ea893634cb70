//! Exact conversion between binary and decimal. 128 bits of a power of ten decide nearly all cases; a fixed-point number in
//! base 10^9 that can be doubled and halved decides the others.
//!
//! Every double has at most 767 significant decimal digits, and so has every point half-way between two doubles. Both
//! fit the fixed array, so a number that is scaled by powers of two stays exact.

pub mod parse;
mod powers;
pub mod print;
mod round;

pub use round::{Rounded, round};

use crate::work;

const BASE: u64 = 1_000_000_000;
const DIGITS_PER_LIMB: usize = 9;

/// The least double has 1074 digits behind the point, which are 120 limbs; three more hold an integer.
const CAPACITY: usize = 124;

/// The limbs from the first to the last that is not zero: 767 digits touch 87 at worst.
const MOST_LIMBS: usize = 87;

/// The most bits one pass may multiply by: a limb times as much, with the carry, fits 64 bits, and the carry fits a limb.
const MAX_DOUBLE: u32 = 29;

/// The most bits one pass may divide by: a remainder of that many bits times the base fits 64 bits.
const MAX_HALVE: u32 = 34;

/// The powers of ten that fit 64 bits.
const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// A number that is not negative, in fixed point. It starts out as an integer, then is doubled or halved, but not both.
struct Limbs {
    limbs: [u32; CAPACITY],
    /// Where the limbs are that count, most significant first; neither the first nor the last is zero.
    start: usize,
    end: usize,
    /// The index of the first limb behind the decimal point.
    point: usize,
    /// Where the limbs end that are kept.
    limit: usize,
    /// Whether something behind them was cut off: the number is larger by less than two units of the last one.
    cut: bool,
}

impl Limbs {
    /// `integer` times 2^`exponent`, of which so many limbs are kept behind the decimal point.
    fn new(integer: u64, exponent: i32, fraction: i32) -> Self {
        // 2^1024 has 35 limbs.
        let point: usize = if exponent > 0 { 40 } else { 3 };
        let limit = usize::try_from(fraction.saturating_add(point as i32)).unwrap_or(0).min(CAPACITY);
        let mut number =
            Limbs { limbs: [0; CAPACITY], start: point - 3, end: point, point, limit, cut: false };
        for (place, limb) in number.limbs.iter_mut().skip(number.start).zip(split(integer)) {
            *place = limb;
        }
        number.trim();
        number.scale(exponent);
        number
    }

    fn as_slice(&self) -> &[u32] {
        self.limbs.get(self.start..self.end).unwrap_or(&[])
    }

    fn as_mut_slice(&mut self) -> &mut [u32] {
        self.limbs.get_mut(self.start..self.end).unwrap_or(&mut [])
    }

    /// How many limbs stand before the decimal point; zero limbs behind it count below zero.
    fn height(&self) -> i32 {
        self.point as i32 - self.start as i32
    }

    fn trim(&mut self) {
        while self.as_slice().first() == Some(&0) {
            self.start += 1;
        }
        while self.as_slice().last() == Some(&0) {
            self.end -= 1;
        }
    }

    /// Multiplies by 2^`bits`, at most `MAX_DOUBLE`.
    fn double(&mut self, bits: u32) {
        let mut carry = 0;
        for limb in self.as_mut_slice().iter_mut().rev() {
            let product = (u64::from(*limb) << bits) + carry;
            *limb = (product % BASE) as u32;
            carry = product / BASE;
        }
        if let Some(place) = self.start.checked_sub(1).and_then(|start| self.limbs.get_mut(start)) {
            *place = carry as u32;
            self.start -= 1;
        }
    }

    /// Divides by 2^`bits`, at most `MAX_HALVE`.
    fn halve(&mut self, bits: u32) {
        let mask = (1 << bits) - 1;
        let mut remainder = 0;
        let mut step = |limb: &mut u32| {
            let dividend = remainder * BASE + u64::from(*limb);
            *limb = (dividend >> bits) as u32;
            remainder = dividend & mask;
            remainder
        };
        let mut left = 0;
        for limb in self.as_mut_slice() {
            left = step(limb);
        }
        for place in self.limbs.iter_mut().take(self.limit).skip(self.end) {
            if left == 0 {
                break;
            }
            left = step(place);
            self.end += 1;
        }
        self.cut |= left != 0;
    }

    /// Multiplies by 2^`exponent`.
    fn scale(&mut self, exponent: i32) {
        let mut left = exponent.unsigned_abs();
        let mut passed = 0;
        while left > 0 {
            let bits = left.min(if exponent > 0 { MAX_DOUBLE } else { MAX_HALVE });
            if exponent > 0 {
                self.double(bits);
            } else {
                self.halve(bits);
            }
            self.trim();
            passed += self.as_slice().len() + 4;
            left -= bits;
        }
        work::note(passed);
    }
}

/// The three limbs of an integer, most significant first.
fn split(integer: u64) -> [u32; 3] {
    let high = integer / BASE;
    [(high / BASE) as u32, (high % BASE) as u32, (integer % BASE) as u32]
}
