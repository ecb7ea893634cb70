//! Rounding to the nearest double, ties to even.

/// A rounded number, and whether C wants ERANGE for it: it was too large, or too small and not exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounded {
    pub value: f64,
    pub out_of_range: bool,
}

impl Rounded {
    pub const ZERO: Rounded = Rounded { value: 0.0, out_of_range: false };
    pub const OVERFLOW: Rounded = Rounded { value: f64::INFINITY, out_of_range: true };
    pub const UNDERFLOW: Rounded = Rounded { value: 0.0, out_of_range: true };
}

const LEAST_NORMAL_EXPONENT: i64 = -1022;

/// How many bits of a 64-bit number with the top bit set a normal double drops.
const NORMAL_DROP: i64 = 64 - 53;

/// Rounds `mantissa` times 2^`exponent`, where `more` says that the number is larger by less than one unit of `mantissa`.
pub fn round(mantissa: u64, exponent: i64, more: bool) -> Rounded {
    if mantissa == 0 {
        return Rounded::ZERO;
    }
    let zeros = mantissa.leading_zeros();
    let mantissa = mantissa << zeros;
    // The number lies in 2^magnitude .. 2^(magnitude + 1).
    let magnitude = exponent.clamp(-10_000, 10_000) + 63 - i64::from(zeros);
    if magnitude > 1023 {
        return Rounded::OVERFLOW;
    }
    let drop = NORMAL_DROP + (LEAST_NORMAL_EXPONENT - magnitude.min(LEAST_NORMAL_EXPONENT));
    if drop > 64 {
        return Rounded::UNDERFLOW;
    }
    let (kept, inexact) = drop_bits(mantissa, drop as u32, more);
    // The mantissa's top bit adds one to the exponent field, and so does a carry of the rounding: one addition does all.
    let field = (magnitude.max(LEAST_NORMAL_EXPONENT) - LEAST_NORMAL_EXPONENT) as u64;
    let value = f64::from_bits((field << 52) + kept);
    Rounded { value, out_of_range: value.is_infinite() || (inexact && is_tiny(mantissa, magnitude, more)) }
}

/// Drops the lowest `bits` (11 to 64) bits, rounding. Also tells whether anything was lost.
fn drop_bits(mantissa: u64, bits: u32, more: bool) -> (u64, bool) {
    const HALF: u64 = 1 << 63;
    let kept = mantissa.checked_shr(bits).unwrap_or(0);
    let lost = mantissa.wrapping_shl(64 - bits);
    let up = lost > HALF || (lost == HALF && (more || kept & 1 == 1));
    (kept + u64::from(up), lost != 0 || more)
}

/// Whether the number is below the normal range even after rounding to 53 bits, which is how x86-64, and so glibc there,
/// defines underflow.
fn is_tiny(mantissa: u64, magnitude: i64, more: bool) -> bool {
    let carries = drop_bits(mantissa, NORMAL_DROP as u32, more).0 == 1 << 53;
    magnitude + i64::from(carries) < LEAST_NORMAL_EXPONENT
}
