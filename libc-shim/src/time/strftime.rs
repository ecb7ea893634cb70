//! strftime: dates and times as text, in the C locale.

use super::calendar::is_leap;
use super::{Tm, zone};
use core::ffi::{CStr, c_char};

const WEEKDAYS: [&[u8]; 7] =
    [b"Sunday", b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday"];

const MONTHS: [&[u8]; 12] = [
    b"January",
    b"February",
    b"March",
    b"April",
    b"May",
    b"June",
    b"July",
    b"August",
    b"September",
    b"October",
    b"November",
    b"December",
];

/// What glibc prints for a weekday or a month that does not exist.
const UNKNOWN_NAME: &[u8] = b"?";

/// C11 7.27.3.5 with the output of glibc in the C locale. The result is the length of the text, or 0 if it does not fit
/// `size` bytes with its terminating zero. The modifiers E and O change nothing. Deviations: `%Z` of a zone without a name, and of
/// `gmtime`, is `UTC` where there is no offset, and otherwise like `%z`; years above 2147483647
/// are right, where glibc shows a negative one; an unknown conversion is copied as it stands.
///
/// # Safety
///
/// `buffer` has room for `size` bytes, `format` is a C string, `tm` can be read.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strftime(
    buffer: *mut c_char,
    size: usize,
    format: *const c_char,
    tm: *const Tm,
) -> usize {
    // SAFETY: the caller gives all three.
    let (format, tm) = unsafe { (CStr::from_ptr(format).to_bytes(), &*tm) };
    let mut text = Text { buffer: buffer.cast(), size, length: 0 };
    text.expand(format, tm);
    text.put(0);
    if text.length > size { 0 } else { text.length - 1 }
}

/// Counts all, and writes what fits.
struct Text {
    buffer: *mut u8,
    size: usize,
    length: usize,
}

// Kept out of line: called from so many places, the copies would take several kilobytes.
impl Text {
    #[inline(never)]
    fn put(&mut self, byte: u8) {
        if self.length < self.size {
            // SAFETY: `strftime` has `size` bytes of room.
            unsafe { self.buffer.wrapping_add(self.length).write(byte) };
        }
        self.length += 1;
    }

    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.put(byte);
        }
    }

    /// A number, filled to the width on the left. Only years are ever negative, and have no width.
    #[inline(never)]
    fn number(&mut self, number: i64, width: usize, fill: u8) {
        let mut digits = [fill; 20];
        let mut rest = number.unsigned_abs();
        let mut length = 0;
        for place in digits.iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
            length += 1;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            self.put(b'-');
        }
        for digit in digits.iter().skip(digits.len().saturating_sub(width.max(length))) {
            self.put(*digit);
        }
    }

    fn expand(&mut self, format: &[u8], tm: &Tm) {
        let mut rest = format.iter();
        while let Some(&byte) = rest.next() {
            if byte != b'%' {
                self.put(byte);
                continue;
            }
            let conversion = rest.as_slice();
            let letter = match rest.next() {
                Some(b'E' | b'O') => rest.next(),
                letter => letter,
            };
            if !letter.is_some_and(|&letter| self.convert(letter, tm)) {
                self.put(b'%');
                self.write(conversion.get(..conversion.len() - rest.len()).unwrap_or(&[]));
            }
        }
    }

    /// Whether the conversion is known; if not, nothing was written.
    fn convert(&mut self, letter: u8, tm: &Tm) -> bool {
        let year = i64::from(tm.tm_year) + 1900;
        match letter {
            b'a' => self.write(short(name(&WEEKDAYS, tm.tm_wday))),
            b'A' => self.write(name(&WEEKDAYS, tm.tm_wday)),
            b'b' | b'h' => self.write(short(name(&MONTHS, tm.tm_mon))),
            b'B' => self.write(name(&MONTHS, tm.tm_mon)),
            b'c' => self.expand(b"%a %b %e %H:%M:%S %Y", tm),
            b'C' => self.number(year.div_euclid(100), 1, b'0'),
            b'd' => self.two(tm.tm_mday),
            b'D' | b'x' => self.expand(b"%m/%d/%y", tm),
            b'e' => self.number(i64::from(tm.tm_mday), 2, b' '),
            b'F' => self.expand(b"%Y-%m-%d", tm),
            b'g' => self.year_of_century(iso_week(tm).0),
            b'G' => self.number(iso_week(tm).0, 1, b'0'),
            b'H' => self.two(tm.tm_hour),
            b'I' => self.two(hour_of_half_day(tm.tm_hour)),
            b'j' => self.number(i64::from(tm.tm_yday) + 1, 3, b'0'),
            b'm' => self.number(i64::from(tm.tm_mon) + 1, 2, b'0'),
            b'M' => self.two(tm.tm_min),
            b'n' => self.put(b'\n'),
            b'p' => self.write(if tm.tm_hour > 11 { b"PM" } else { b"AM" }),
            b'r' => self.expand(b"%I:%M:%S %p", tm),
            b'R' => self.expand(b"%H:%M", tm),
            b'S' => self.two(tm.tm_sec),
            b't' => self.put(b'\t'),
            b'T' | b'X' => self.expand(b"%H:%M:%S", tm),
            b'u' => self.number(i64::from((tm.tm_wday + 6).rem_euclid(7)) + 1, 1, b'0'),
            b'U' => self.two((tm.tm_yday - tm.tm_wday + 7) / 7),
            b'V' => self.number(iso_week(tm).1, 2, b'0'),
            b'w' => self.number(i64::from(tm.tm_wday), 1, b'0'),
            b'W' => self.two((tm.tm_yday - (tm.tm_wday + 6).rem_euclid(7) + 7) / 7),
            b'y' => self.year_of_century(year),
            b'Y' => self.number(year, 1, b'0'),
            b'z' => self.offset(tm.tm_gmtoff),
            b'Z' if zone().name(tm).is_some() => self.write(zone().name(tm).unwrap_or(&[])),
            b'Z' if tm.tm_gmtoff == 0 => self.write(b"UTC"),
            b'Z' => self.offset(tm.tm_gmtoff),
            b'%' => self.put(b'%'),
            _ => return false,
        }
        true
    }

    #[inline(never)]
    fn two(&mut self, number: i32) {
        self.number(i64::from(number), 2, b'0');
    }

    fn year_of_century(&mut self, year: i64) {
        self.number(year.rem_euclid(100), 2, b'0');
    }

    /// As `+0530`.
    fn offset(&mut self, seconds: i32) {
        let minutes = seconds.abs() / 60;
        self.put(if seconds < 0 { b'-' } else { b'+' });
        self.number(i64::from(minutes / 60 * 100 + minutes % 60), 4, b'0');
    }
}

fn name(names: &[&'static [u8]], index: i32) -> &'static [u8] {
    usize::try_from(index).ok().and_then(|index| names.get(index).copied()).unwrap_or(UNKNOWN_NAME)
}

fn short(name: &'static [u8]) -> &'static [u8] {
    name.get(..3).unwrap_or(name)
}

fn hour_of_half_day(hour: i32) -> i32 {
    match hour {
        0 => 12,
        13.. => hour - 12,
        _ => hour,
    }
}

/// The year and the week of ISO 8601: weeks begin on Monday and belong to the year of their Thursday.
fn iso_week(tm: &Tm) -> (i64, i64) {
    let year = i64::from(tm.tm_year) + 1900;
    let days_in = |year| if is_leap(year) { 366 } else { 365 };
    let thursday = i64::from(tm.tm_yday) + 3 - i64::from((tm.tm_wday + 6).rem_euclid(7));
    let (year, day) = if thursday < 0 {
        (year - 1, thursday + days_in(year - 1))
    } else if thursday >= days_in(year) {
        (year + 1, thursday - days_in(year))
    } else {
        (year, thursday)
    };
    (year, day / 7 + 1)
}
