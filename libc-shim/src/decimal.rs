//! Exact conversion between binary and decimal: a fixed-point number in base 10^9 that can be doubled and halved.
//!
//! Every double has at most 767 significant decimal digits, and so has every point half-way between two doubles. Both
//! fit the fixed array, so a number that is scaled by powers of two stays exact; what a longer input has beyond the array
//! can only say "a little more", and one flag holds that.

pub mod parse;
pub mod print;
mod round;

pub use round::{Rounded, round};

const BASE: u64 = 1_000_000_000;
const DIGITS_PER_LIMB: usize = 9;

/// 767 digits fill 86 limbs at worst; the rest is margin for a carry and for limbs not yet trimmed.
const CAPACITY: usize = 90;

/// The most bits one pass may shift by: a remainder of that many bits times the base fits 64 bits.
const MAX_SHIFT: u32 = 29;

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

/// A number that is not negative: the limbs, most significant first, without leading or trailing zero limbs.
struct Limbs {
    limbs: [u32; CAPACITY],
    count: usize,
    /// How many limbs stand before the decimal point; zero limbs that are not stored count too.
    point: i32,
    /// Whether something below the last limb was cut off.
    cut: bool,
}

impl Limbs {
    /// Zero with the next pushed limb standing as the highest of `point` ones before the decimal point.
    fn new(point: i32) -> Self {
        Limbs { limbs: [0; CAPACITY], count: 0, point, cut: false }
    }

    fn from_integer(integer: u64) -> Self {
        let mut number = Limbs::new(3);
        for limb in split(integer) {
            number.push(limb);
        }
        number.trim();
        number
    }

    /// Appends a limb below the last one.
    fn push(&mut self, limb: u32) {
        if self.count == 0 && limb == 0 {
            self.point -= 1;
        } else if let Some(place) = self.limbs.get_mut(self.count) {
            *place = limb;
            self.count += 1;
        } else {
            self.cut |= limb != 0;
        }
    }

    fn trim(&mut self) {
        while self.count > 0 && self.limbs.get(self.count - 1) == Some(&0) {
            self.count -= 1;
        }
    }

    /// The limb with the index, zero where none is stored.
    fn limb(&self, index: usize) -> u32 {
        if index < self.count { self.limbs.get(index).copied().unwrap_or(0) } else { 0 }
    }

    /// Multiplies by 2^`bits`, at most `MAX_SHIFT`.
    fn double(&mut self, bits: u32) {
        let mut carry = 0;
        for limb in self.limbs.iter_mut().take(self.count).rev() {
            let product = (u64::from(*limb) << bits) + carry;
            *limb = (product % BASE) as u32;
            carry = product / BASE;
        }
        if carry != 0 {
            self.push_front(carry as u32);
        }
        self.trim();
    }

    fn push_front(&mut self, limb: u32) {
        let mut next = limb;
        for place in self.limbs.iter_mut().take(self.count) {
            core::mem::swap(place, &mut next);
        }
        self.point += 1;
        self.push(next);
    }

    /// Divides by 2^`bits`, at most `MAX_SHIFT`.
    fn halve(&mut self, bits: u32) {
        let old_count = core::mem::replace(&mut self.count, 0);
        let mut remainder = 0;
        let mut index = 0;
        while index < old_count || (remainder != 0 && self.count < CAPACITY) {
            // Reading is never behind writing: each round reads one limb and writes at most one.
            let limb = if index < old_count { self.limbs.get(index).copied().unwrap_or(0) } else { 0 };
            let dividend = remainder * BASE + u64::from(limb);
            remainder = dividend & ((1 << bits) - 1);
            self.push((dividend >> bits) as u32);
            index += 1;
        }
        self.cut |= remainder != 0;
        self.trim();
    }

    /// Multiplies by 2^`exponent`.
    fn scale(&mut self, exponent: i32) {
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            let bits = left.min(MAX_SHIFT);
            if exponent > 0 {
                self.double(bits);
            } else {
                self.halve(bits);
            }
            left -= bits;
        }
    }
}

/// The three limbs of an integer, most significant first.
fn split(integer: u64) -> [u32; 3] {
    let high = integer / BASE;
    [(high / BASE) as u32, (high % BASE) as u32, (integer % BASE) as u32]
}
