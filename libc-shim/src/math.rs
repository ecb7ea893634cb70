//! math.h over the crate `libm`: the same results on every engine, because nothing but wasm arithmetic is used.
//!
//! `ceil`, `fabs`, `floor`, `fmod`, `frexp`, `ldexp` and `sqrt` are exact (correctly rounded); how far the others may be
//! from glibc is measured in tests/math.rs. Deviations: no function sets `errno`, which C11 7.12.1 leaves open, and the
//! sign of a NaN result is unspecified.

use crate::decimal::print::parts;
use crate::decimal::round;
use core::ffi::c_int;

/// C11 7.12.4.1: arc cosine, in 0..=pi.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn acos(x: f64) -> f64 {
    libm::acos(x)
}

/// C11 7.12.4.2: arc sine, in -pi/2..=pi/2.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn asin(x: f64) -> f64 {
    libm::asin(x)
}

/// C11 7.12.4.4: the angle of the point (x, y), in -pi..=pi.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// C11 7.12.9.1: the least integer not below `x`.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn ceil(x: f64) -> f64 {
    libm::ceil(x)
}

/// C11 7.12.4.5: cosine.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// C11 7.12.5.4: hyperbolic cosine.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn cosh(x: f64) -> f64 {
    libm::cosh(x)
}

/// C11 7.12.6.1: e to the power `x`.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// C11 7.12.7.2: absolute value.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn fabs(x: f64) -> f64 {
    libm::fabs(x)
}

/// C11 7.12.9.2: the greatest integer not above `x`.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn floor(x: f64) -> f64 {
    libm::floor(x)
}

/// C11 7.12.10.1: the remainder of `x / y`, exact, with the sign of `x`.
///
/// Long division with as many bits at a time as fit: one step when the magnitudes are close, which is the usual case of
/// Lua's `%`, and at most 187.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn fmod(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() || x.is_infinite() || y == 0.0 {
        return f64::NAN;
    }
    if x.abs() < y.abs() {
        return x;
    }
    let (mantissa, exponent) = parts(x);
    let (divisor, unit) = parts(y);
    let mut remainder = mantissa.checked_rem(divisor).unwrap_or(0);
    let mut bits = exponent.saturating_sub(unit).max(0) as u32;
    while bits > 0 && remainder != 0 {
        // The remainder is below the divisor, so it has at least as many bits to spare.
        let step = bits.min(divisor.leading_zeros());
        remainder = (remainder << step).checked_rem(divisor).unwrap_or(0);
        bits -= step;
    }
    // The remainder is a multiple of the divisor's unit and below the divisor, so it is a double.
    round(remainder, i64::from(unit), false).value.copysign(x)
}

/// C11 7.12.6.7: natural logarithm.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn log(x: f64) -> f64 {
    libm::log(x)
}

/// C11 7.12.6.8: logarithm to base 10.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// C11 7.12.6.10: logarithm to base 2.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// C11 7.12.7.4: `x` to the power `y`.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// C11 7.12.4.6: sine.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// C11 7.12.5.5: hyperbolic sine.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn sinh(x: f64) -> f64 {
    libm::sinh(x)
}

/// C11 7.12.7.5: square root, correctly rounded.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}

/// C11 7.12.4.7: tangent.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn tan(x: f64) -> f64 {
    libm::tan(x)
}

/// C11 7.12.5.6: hyperbolic tangent.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}

/// C11 7.12.6.4: splits `x` into a fraction in 0.5..1 and a power of two. For infinities and NaN, as in glibc, the
/// result is `x` and the exponent 0.
///
/// # Safety
///
/// `exponent` can be written.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn frexp(x: f64, exponent: *mut c_int) -> f64 {
    let bits = x.to_bits();
    let (fraction, power) = match (bits >> 52 & 0x7ff) as c_int {
        0x7ff => (x, 0),
        0 if x == 0.0 => (x, 0),
        0 => half_to_one((x * TWO_54).to_bits(), -54),
        _ => half_to_one(bits, 0),
    };
    // SAFETY: the caller gives a place to write to.
    unsafe { exponent.write(power) };
    fraction
}

/// 2^54: brings any subnormal number among the others.
const TWO_54: f64 = (1_u64 << 54) as f64;

/// The normal number of these bits with the exponent -1, and the exponent that it had, and `more`.
fn half_to_one(bits: u64, more: c_int) -> (f64, c_int) {
    const EXPONENT: u64 = 0x7ff << 52;
    const HALF: u64 = 1022;
    let field = bits >> 52 & 0x7ff;
    (f64::from_bits(bits & !EXPONENT | HALF << 52), field as c_int - HALF as c_int + more)
}

/// C11 7.12.6.6: `x` times two to the power `exponent`, rounded once.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn ldexp(x: f64, exponent: c_int) -> f64 {
    libm::ldexp(x, exponent)
}
