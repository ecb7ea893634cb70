//! strtod: reads the text, and leaves the rounding to `decimal`.

use crate::decimal::parse::{LEADING_DIGITS, Numeral};
use crate::decimal::{Rounded, round};
use crate::errno;
use core::ffi::c_char;

/// C11 7.22.1.3 in the C locale: white space, a sign, then a decimal or hexadecimal numeral, `inf`, `infinity`, `nan` or
/// `nan(characters)`. The result is the nearest double, ties to even. ERANGE is set as glibc does on x86-64: on overflow
/// (the result is infinite), and when the result is below the normal range and not exact. Deviation: every NaN is the same
/// one, without sign and payload, and none is out of range.
///
/// # Safety
///
/// `string` is a C string; `end` is null or can be written.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strtod(string: *const c_char, end: *mut *mut c_char) -> f64 {
    // SAFETY: the caller gives a C string.
    let mut text = unsafe { Text::new(string.cast()) };
    while matches!(text.peek(), b' ' | b'\t'..=b'\r') {
        text.advance();
    }
    let negative = text.peek() == b'-';
    if matches!(text.peek(), b'+' | b'-') {
        text.advance();
    }
    let number = number(&mut text);
    if !end.is_null() {
        let stop = if number.is_some() { text.at } else { string.cast() };
        // SAFETY: not null, so a place to write to.
        unsafe { end.write(stop.cast_mut().cast()) };
    }
    let Some(number) = number else { return 0.0 };
    if number.out_of_range {
        errno::set(errno::ERANGE);
    }
    if negative && !number.value.is_nan() { -number.value } else { number.value }
}

/// A place in a C string, never past its terminating zero.
#[derive(Clone)]
struct Text {
    at: *const u8,
}

impl Text {
    /// # Safety
    ///
    /// `at` is a C string that outlives the result.
    unsafe fn new(at: *const u8) -> Self {
        Text { at }
    }

    fn peek(&self) -> u8 {
        // SAFETY: `at` is within the string or at its terminating zero.
        unsafe { self.at.read() }
    }

    /// To the next byte; stays at the end.
    fn advance(&mut self) {
        if self.peek() != 0 {
            self.pass();
        }
    }

    /// To the next byte, only after `peek` gave something else than zero.
    fn pass(&mut self) {
        self.at = self.at.wrapping_add(1);
    }

    /// Skips the word, given in lower case, if it stands here in any case.
    fn accept(&mut self, word: &[u8]) -> bool {
        let mut ahead = self.clone();
        for &letter in word {
            // No word holds a byte that only differs from a non-letter in this bit.
            if ahead.peek() | 0x20 != letter {
                return false;
            }
            ahead.advance();
        }
        *self = ahead;
        true
    }

    /// Skips the byte if it stands here.
    fn accept_byte(&mut self, byte: u8) -> bool {
        let accepted = self.peek() == byte;
        if accepted {
            self.advance();
        }
        accepted
    }

    /// An exponent after its letter, which is skipped only if a number follows.
    fn exponent(&mut self, letter: u8) -> i64 {
        let mut ahead = self.clone();
        if !ahead.accept(&[letter]) {
            return 0;
        }
        let negative = ahead.peek() == b'-';
        if matches!(ahead.peek(), b'+' | b'-') {
            ahead.advance();
        }
        if !ahead.peek().is_ascii_digit() {
            return 0;
        }
        let mut exponent: i64 = 0;
        while let digit @ b'0'..=b'9' = ahead.peek() {
            // Beyond this, no string in memory is long enough to bring the number back into range.
            if exponent < i64::MAX / 100 {
                exponent = exponent * 10 + i64::from(digit - b'0');
            }
            ahead.advance();
        }
        *self = ahead;
        if negative { -exponent } else { exponent }
    }
}

/// Reads a number without sign. If there is none the place is of no use.
fn number(text: &mut Text) -> Option<Rounded> {
    if text.accept(b"inf") {
        text.accept(b"inity");
        return Some(Rounded { value: f64::INFINITY, out_of_range: false });
    }
    if text.accept(b"nan") {
        skip_nan_characters(text);
        return Some(Rounded { value: f64::NAN, out_of_range: false });
    }
    let mut ahead = text.clone();
    if ahead.accept_byte(b'0')
        && ahead.accept(b"x")
        && let Some(number) = hexadecimal(&mut ahead)
    {
        *text = ahead;
        return Some(number);
    }
    decimal(text)
}

/// Skips letters, digits and underscores in parentheses, if the closing one is there.
fn skip_nan_characters(text: &mut Text) {
    let mut ahead = text.clone();
    if !ahead.accept_byte(b'(') {
        return;
    }
    while matches!(ahead.peek(), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_') {
        ahead.advance();
    }
    if ahead.accept_byte(b')') {
        *text = ahead;
    }
}

/// Reads digits, with at most one point among them, through `digit`, which gets whether the point was seen and whether the
/// byte is one of its digits, and answers that.
fn digits(text: &mut Text, mut digit: impl FnMut(u8, bool) -> bool) -> bool {
    let mut found = false;
    let mut after_point = false;
    loop {
        let byte = text.peek();
        if digit(byte, after_point) {
            found = true;
        } else if byte == b'.' && !after_point {
            after_point = true;
        } else {
            return found;
        }
        text.pass();
    }
}

fn decimal(text: &mut Text) -> Option<Rounded> {
    let mut numeral = Numeral {
        leading: 0,
        leading_count: 0,
        longer: false,
        exponent: 0,
        digits: Digits { next: text.clone(), end: text.at },
    };
    let start = text.clone();
    let found = digits(text, |byte, after_point| {
        let value = byte.wrapping_sub(b'0');
        if value > 9 {
            return false;
        }
        if numeral.leading_count == 0 && value == 0 {
            numeral.exponent -= i64::from(after_point);
        } else if numeral.leading_count < LEADING_DIGITS {
            numeral.leading = numeral.leading * 10 + u64::from(value);
            numeral.leading_count += 1;
            numeral.exponent -= i64::from(after_point);
        } else {
            numeral.longer |= value != 0;
            numeral.exponent += i64::from(!after_point);
        }
        true
    });
    if !found {
        return None;
    }
    numeral.digits = Digits { next: start, end: text.at };
    numeral.exponent = numeral.exponent.saturating_add(text.exponent(b'e'));
    Some(numeral.to_double())
}

/// The digits of a numeral that was read before.
#[derive(Clone)]
struct Digits {
    next: Text,
    end: *const u8,
}

impl Iterator for Digits {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        while self.next.at < self.end {
            let byte = self.next.peek();
            self.next.advance();
            if byte != b'.' {
                return Some(byte.wrapping_sub(b'0'));
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.end.addr().saturating_sub(self.next.at.addr())))
    }
}

fn hexadecimal(text: &mut Text) -> Option<Rounded> {
    let mut mantissa: u64 = 0;
    let mut more = false;
    let mut exponent: i64 = 0;
    let found = digits(text, |byte, after_point| {
        let Some(value) = hexadecimal_digit(byte) else { return false };
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | u64::from(value);
            exponent -= 4 * i64::from(after_point);
        } else {
            more |= value != 0;
            exponent += 4 * i64::from(!after_point);
        }
        true
    });
    if !found {
        return None;
    }
    exponent = exponent.saturating_add(text.exponent(b'p'));
    Some(round(mantissa, exponent, more))
}

fn hexadecimal_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
