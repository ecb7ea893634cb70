//! Powers of ten to 128 bits, with what they may be off by.
//!
//! Multiplied with a number, they tell its digits or its nearest double in nearly all cases, and also in which cases they do
//! not: then the limbs do.

/// Every power of ten is one of 10^(28k), of which there is a table, times one of the first 28, whose powers of five fit
/// 64 bits.
const STEP: u32 = 28;

/// 10^-364 is the least; no double, and no numeral of 19 digits, asks for one below 10^-343 or above 10^341.
const LEAST_STEP: i32 = -13;

static TABLE: [u128; 26] = {
    let mut table = [0; 26];
    let mut i = 0;
    while i < table.len() {
        let power = (i as i32 + LEAST_STEP) * STEP as i32;
        table[i] =
            if power < 0 { reciprocal(power.unsigned_abs()) } else { leading_bits(power.unsigned_abs()) };
        i += 1;
    }
    table
};

/// 5^364 has 846 bits.
type Words = [u64; 14];

const fn power_of_five(exponent: u32) -> Words {
    let mut words = [0; 14];
    words[0] = 1;
    let mut done = 0;
    while done < exponent {
        let step = if exponent - done < 27 { exponent - done } else { 27 };
        let mut carry = 0;
        let mut i = 0;
        while i < words.len() {
            let product = words[i] as u128 * 5_u64.pow(step) as u128 + carry;
            words[i] = product as u64;
            carry = product >> 64;
            i += 1;
        }
        done += step;
    }
    words
}

/// How many bits the number has.
const fn length(words: &Words) -> u32 {
    let mut i = words.len();
    while words[i - 1] == 0 {
        i -= 1;
    }
    64 * i as u32 - words[i - 1].leading_zeros()
}

/// The first 128 bits of the power of five, which are those of the power of ten.
const fn leading_bits(exponent: u32) -> u128 {
    let words = power_of_five(exponent);
    let length = length(&words);
    let mut bits = 0;
    let mut i = 0;
    while i < 128 {
        bits <<= 1;
        if i < length {
            let place = length - 1 - i;
            bits |= (words[place as usize / 64] >> (place % 64) & 1) as u128;
        }
        i += 1;
    }
    bits
}

/// The first 128 bits of one divided by the power of five: long division.
const fn reciprocal(exponent: u32) -> u128 {
    let divisor = power_of_five(exponent);
    let highest = length(&divisor) - 1;
    let mut rest = [0; 14];
    rest[highest as usize / 64] = 1 << (highest % 64);
    let mut bits = 0;
    let mut i = 0;
    while i < 128 {
        let mut difference = [0; 14];
        let (mut carry, mut borrow) = (0, false);
        let mut word = 0;
        while word < rest.len() {
            let doubled: u64 = rest[word] << 1 | carry;
            carry = rest[word] >> 63;
            rest[word] = doubled;
            let (less, one) = doubled.overflowing_sub(divisor[word]);
            let (less, other) = less.overflowing_sub(borrow as u64);
            difference[word] = less;
            borrow = one || other;
            word += 1;
        }
        bits <<= 1;
        if !borrow {
            bits |= 1;
            rest = difference;
        }
        i += 1;
    }
    bits
}

/// A number that is at least `low` and, unless `error` is 0 and it is `low` itself, below `low + error`, in units of
/// 2^`exponent`. It has at least 124 bits.
#[derive(Clone, Copy)]
pub struct Interval {
    pub low: u128,
    pub error: u128,
    pub exponent: i32,
}

/// 10^`power`, if the table reaches that far.
pub fn power_of_ten(power: i32) -> Option<Interval> {
    let (step, rest) = (power.div_euclid(STEP as i32), power.rem_euclid(STEP as i32));
    let low = *TABLE.get(usize::try_from(step - LEAST_STEP).ok()?)?;
    let power_in_table = power - rest;
    // 217706 / 2^16 is the logarithm of ten to base two, closely enough for all of the table.
    let exponent = ((power_in_table * 217_706) >> 16) - 127;
    // 5^28 fits 128 bits.
    let error = u128::from(step != 0 && step != 1);
    let interval = Interval { low, error, exponent: exponent + rest };
    Some(interval.times(5_u64.pow(rest as u32)))
}

impl Interval {
    /// The number times one that is not 0.
    pub fn times(self, factor: u64) -> Interval {
        let zeros = factor.leading_zeros();
        let factor = factor << zeros;
        let low = product(self.low as u64, factor);
        let high = product((self.low >> 64) as u64, factor);
        Interval {
            low: high + (low >> 64),
            // The factor is below 2^64, which is divided by.
            error: self.error + u128::from(low as u64 != 0),
            exponent: self.exponent + 64 - zeros as i32,
        }
    }
}

/// The product of two numbers, by halves of them: as a multiplication of 128 bits it would be a call.
fn product(a: u64, b: u64) -> u128 {
    const HALF: u64 = u32::MAX as u64;
    let (a_high, a_low, b_high, b_low) = (a >> 32, a & HALF, b >> 32, b & HALF);
    let low = a_low * b_low;
    let middle = a_high * b_low + (low >> 32);
    let other = a_low * b_high + (middle & HALF);
    let high = a_high * b_high + (middle >> 32) + (other >> 32);
    u128::from(high) << 64 | u128::from(other << 32 | low & HALF)
}

/// The number without its last `bits` bits. Most often they are more than 64, where one half is all that it takes.
pub fn shifted(number: u128, bits: u32) -> u128 {
    match bits.checked_sub(64) {
        Some(more) => u128::from(((number >> 64) as u64).checked_shr(more).unwrap_or(0)),
        None => number >> bits,
    }
}
