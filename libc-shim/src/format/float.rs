//! The conversions e E f F g G; a and A are passed on.

use super::{Output, Specification, hexadecimal, padded};
use crate::decimal::print::{self, AllDigits, Place};

/// Without a precision, C prints six digits.
const DEFAULT_PRECISION: usize = 6;

pub fn convert(output: &mut Output, specification: &Specification, letter: u8, value: f64) {
    let upper = letter.is_ascii_uppercase();
    let sign: &[u8] =
        if value.is_sign_negative() && !value.is_nan() { b"-" } else { specification.plus_sign() };
    if !value.is_finite() {
        return not_finite(output, specification, sign, upper, value.is_nan());
    }
    let (mantissa, exponent) = print::parts(value);
    if letter | 0x20 == b'a' {
        return hexadecimal::convert(output, specification, sign, upper, mantissa, exponent);
    }
    let style = Style::new(specification, letter);
    if let Some(digits) = print::few(mantissa, exponent, style.place()) {
        style.write(output, specification, sign, digits.as_bytes(), digits.exponent);
    } else {
        many(output, specification, sign, &style, mantissa, exponent);
    }
}

/// Apart, so that only numbers that need it have the long array on the stack.
#[inline(never)]
fn many(
    output: &mut Output,
    specification: &Specification,
    sign: &[u8],
    style: &Style,
    mantissa: u64,
    exponent: i32,
) {
    let mut digits = AllDigits::zero();
    print::all(&mut digits, mantissa, exponent, style.place());
    style.write(output, specification, sign, digits.as_bytes(), digits.exponent);
}

/// Infinity and NaN are padded with spaces even under the flag `0`.
fn not_finite(output: &mut Output, specification: &Specification, sign: &[u8], upper: bool, is_nan: bool) {
    let name: &[u8; 3] = match (is_nan, upper) {
        (true, false) => b"nan",
        (true, true) => b"NAN",
        (false, false) => b"inf",
        (false, true) => b"INF",
    };
    let mut text = [0; 4];
    let start = 1 - sign.len().min(1);
    text[0] = sign.first().copied().unwrap_or(0);
    text[1..].copy_from_slice(name);
    padded(output, specification, text.get(start..).unwrap_or(&[]));
}

/// How the digits of a number are laid out.
struct Style {
    form: Form,
    upper: bool,
    precision: usize,
    alternative: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Exponent,
    Fixed,
    General,
}

impl Style {
    fn new(specification: &Specification, letter: u8) -> Self {
        let form = match letter | 0x20 {
            b'e' => Form::Exponent,
            b'f' => Form::Fixed,
            _ => Form::General,
        };
        let precision = specification.precision.unwrap_or(DEFAULT_PRECISION);
        // `%g` counts significant digits and needs one.
        let precision = if form == Form::General { precision.max(1) } else { precision };
        Style { form, upper: letter.is_ascii_uppercase(), precision, alternative: specification.alternative }
    }

    fn place(&self) -> Place {
        match self.form {
            Form::Exponent => Place::Significant(self.precision + 1),
            Form::Fixed => Place::Fraction(self.precision),
            Form::General => Place::Significant(self.precision),
        }
    }

    /// Writes rounded digits of which the first is worth 10^`exponent`.
    fn write(
        &self,
        output: &mut Output,
        specification: &Specification,
        sign: &[u8],
        digits: &[u8],
        exponent: i32,
    ) {
        let (fixed, fraction) = self.layout(digits, exponent);
        let mut buffer = [0; 5];
        let suffix = if fixed { &[] } else { exponent_suffix(&mut buffer, exponent, self.upper) };
        let body = Body {
            digits,
            exponent: if fixed { exponent } else { 0 },
            fraction,
            point: fraction > 0 || self.alternative,
            suffix,
        };
        let padding = specification.width.saturating_sub(sign.len() + body.len());
        if !specification.left && !specification.zero {
            output.repeat(b' ', padding);
        }
        output.write(sign);
        if !specification.left && specification.zero {
            output.repeat(b'0', padding);
        }
        body.write(output);
        if specification.left {
            output.repeat(b' ', padding);
        }
    }

    /// Whether the number stands without an exponent, and how many digits follow the point.
    fn layout(&self, digits: &[u8], exponent: i32) -> (bool, usize) {
        if self.form != Form::General {
            return (self.form == Form::Fixed, self.precision);
        }
        let fixed = exponent >= -4 && (exponent < 0 || (exponent as usize) < self.precision);
        let before_point = if fixed { exponent as isize + 1 } else { 1 };
        // Unless `#` asks for them, `%g` drops trailing zeros; the digits have none.
        let count = if self.alternative { self.precision } else { digits.len() };
        (fixed, count.checked_add_signed(-before_point).unwrap_or(0))
    }
}

/// The exponent with a sign and at least two digits.
fn exponent_suffix(buffer: &mut [u8; 5], exponent: i32, upper: bool) -> &[u8] {
    let absolute = exponent.unsigned_abs();
    let digit = |number: u32| b'0' + (number % 10) as u8;
    let letter = if upper { b'E' } else { b'e' };
    let sign = if exponent < 0 { b'-' } else { b'+' };
    if absolute < 100 {
        *buffer = [letter, sign, digit(absolute / 10), digit(absolute), 0];
        &buffer[..4]
    } else {
        *buffer = [letter, sign, digit(absolute / 100), digit(absolute / 10), digit(absolute)];
        buffer
    }
}

/// A number without its sign.
struct Body<'a> {
    digits: &'a [u8],
    exponent: i32,
    fraction: usize,
    point: bool,
    suffix: &'a [u8],
}

impl Body<'_> {
    fn integer_length(&self) -> usize {
        usize::try_from(self.exponent).unwrap_or(0) + 1
    }

    fn len(&self) -> usize {
        self.integer_length() + usize::from(self.point) + self.fraction + self.suffix.len()
    }

    fn write(&self, output: &mut Output) {
        let before_point = if self.exponent < 0 { 0 } else { self.integer_length() };
        let (integer, fraction) = self.digits.split_at_checked(before_point).unwrap_or((self.digits, &[]));
        output.write(integer);
        output.repeat(b'0', self.integer_length() - integer.len());
        if self.point {
            output.put(b'.');
        }
        // Below 0.1, zeros come between the point and the first digit.
        let gap = usize::try_from(-1 - self.exponent).unwrap_or(0).min(self.fraction);
        output.repeat(b'0', gap);
        output.write(fraction);
        output.repeat(b'0', self.fraction.saturating_sub(gap + fraction.len()));
        output.write(self.suffix);
    }
}
