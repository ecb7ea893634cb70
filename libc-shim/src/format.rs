//! The formatting behind `snprintf` and `fprintf`: C11 7.21.6.1 with the output of glibc in the C locale.
//!
//! Conversions: d i u o x X c s p e E f F g G a A %. Flags, width, precision (`*` too) and the length modifiers
//! hh h l ll j z t; L is read like none, for `long double` is not used. Deviations: a NaN never shows a sign; `%n`, and wide
//! characters and strings, are copied like unknown conversions. An unknown conversion is copied as it stands.

mod float;
mod hexadecimal;
mod integer;
mod output;

use crate::errno;
use crate::string::memcpy;
use core::ffi::{c_char, c_int, c_long};
use output::Output;

/// Receives the formatted bytes, in order, in pieces.
pub trait Sink {
    fn write(&mut self, bytes: &[u8]);
}

/// The variadic arguments of a call: wasm32 passes one pointer to them, each aligned to its own size.
pub struct Arguments {
    next: *const u8,
}

impl Arguments {
    /// # Safety
    ///
    /// `area` holds the arguments of the format that will be read with them.
    pub unsafe fn new(area: *const u8) -> Self {
        Arguments { next: area }
    }

    /// # Safety
    ///
    /// The next argument has the type `T`, as C promotes it.
    unsafe fn take<T: Copy>(&mut self) -> T {
        let size = size_of::<T>();
        let place = self.next.wrapping_add(self.next.addr().wrapping_neg() & (size - 1)).cast::<T>();
        self.next = place.wrapping_add(1).cast();
        // SAFETY: the caller promises that such an argument stands here.
        unsafe { place.read() }
    }
}

/// What stands between `%` and the conversion letter.
#[derive(Clone, Copy, Default)]
struct Specification {
    left: bool,
    plus: bool,
    space: bool,
    alternative: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    length: Length,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Length {
    Char,
    Short,
    #[default]
    Int,
    Long,
    LongLong,
    Size,
}

impl Specification {
    /// The sign of a number that is not negative.
    fn plus_sign(&self) -> &'static [u8] {
        if self.plus {
            b"+"
        } else if self.space {
            b" "
        } else {
            b""
        }
    }
}

/// Formats into the sink. The result is the number of bytes, or -1: with EOVERFLOW when they are more than an `int` can
/// count, with EINVAL when the format ends within a conversion.
///
/// # Safety
///
/// `format` is a C string, and `arguments` are those it asks for.
pub unsafe fn format(sink: &mut dyn Sink, format: *const c_char, arguments: &mut Arguments) -> c_int {
    let mut output = Output::new(sink);
    let mut reader = Reader { next: format.cast() };
    loop {
        // SAFETY: `next` is in the format or at its end.
        let text = unsafe { reader.text() };
        output.write(text);
        if reader.peek() == 0 {
            break;
        }
        let start = reader.next;
        reader.advance();
        // SAFETY: the caller promises the arguments.
        let Some(specification) = (unsafe { reader.specification(arguments) }) else {
            output.fail();
            break;
        };
        let letter = reader.peek();
        if letter == 0 {
            output.finish();
            errno::set(errno::EINVAL);
            return -1;
        }
        reader.advance();
        // SAFETY: the caller promises the arguments.
        if !unsafe { convert(&mut output, letter, &specification, arguments) } {
            // SAFETY: both pointers are in the format, `start` first.
            let conversion =
                unsafe { core::slice::from_raw_parts(start, reader.next.offset_from_unsigned(start)) };
            output.write(conversion);
        }
    }
    output.finish()
}

/// Walks over a C string; `next` never gets past the terminating zero.
struct Reader {
    next: *const u8,
}

impl Reader {
    fn peek(&self) -> u8 {
        // SAFETY: `next` points to a byte of the string or to its terminating zero.
        unsafe { self.next.read() }
    }

    /// Only after `peek` gave something else than zero.
    fn advance(&mut self) {
        self.next = self.next.wrapping_add(1);
    }

    fn accept(&mut self, byte: u8) -> bool {
        let accepted = self.peek() == byte;
        if accepted {
            self.advance();
        }
        accepted
    }

    /// The text up to the next `%` or the end.
    ///
    /// # Safety
    ///
    /// The string outlives the result.
    unsafe fn text<'a>(&mut self) -> &'a [u8] {
        let start = self.next;
        while !matches!(self.peek(), 0 | b'%') {
            self.advance();
        }
        // SAFETY: `next` only moved forward within the string.
        unsafe { core::slice::from_raw_parts(start, self.next.offset_from_unsigned(start)) }
    }

    /// `None` if the width or the precision does not fit an `int`.
    ///
    /// # Safety
    ///
    /// As for `format`.
    unsafe fn specification(&mut self, arguments: &mut Arguments) -> Option<Specification> {
        let mut specification = Specification::default();
        self.flags(&mut specification);
        if self.accept(b'*') {
            // SAFETY: a `*` takes an `int`.
            let width: c_int = unsafe { arguments.take() };
            specification.left |= width < 0;
            specification.width = width.unsigned_abs() as usize;
        } else {
            specification.width = self.number()?;
        }
        if self.accept(b'.') {
            specification.precision = if self.accept(b'*') {
                // SAFETY: a `*` takes an `int`.
                usize::try_from(unsafe { arguments.take::<c_int>() }).ok()
            } else {
                Some(self.number()?)
            };
        }
        specification.length = self.length();
        Some(specification)
    }

    fn flags(&mut self, specification: &mut Specification) {
        loop {
            match self.peek() {
                b'-' => specification.left = true,
                b'+' => specification.plus = true,
                b' ' => specification.space = true,
                b'#' => specification.alternative = true,
                b'0' => specification.zero = true,
                _ => return,
            }
            self.advance();
        }
    }

    /// Digits as a number, 0 without any; `None` above the range of `int`.
    fn number(&mut self) -> Option<usize> {
        let mut number: c_int = 0;
        while let digit @ b'0'..=b'9' = self.peek() {
            number = number.checked_mul(10)?.checked_add(c_int::from(digit - b'0'))?;
            self.advance();
        }
        Some(number as usize)
    }

    fn length(&mut self) -> Length {
        let (once, twice) = match self.peek() {
            b'h' => (Length::Short, Length::Char),
            b'l' => (Length::Long, Length::LongLong),
            b'j' | b'L' | b'q' => (Length::LongLong, Length::LongLong),
            b'z' | b't' => (Length::Size, Length::Size),
            _ => return Length::Int,
        };
        let letter = self.peek();
        self.advance();
        if matches!(letter, b'h' | b'l') && self.accept(letter) { twice } else { once }
    }
}

/// Whether the conversion is known; if not, nothing was written.
///
/// # Safety
///
/// As for `format`.
unsafe fn convert(
    output: &mut Output,
    letter: u8,
    specification: &Specification,
    arguments: &mut Arguments,
) -> bool {
    // SAFETY, for each `take` below: the letter and the length say what type the caller passed.
    match letter {
        b'd' | b'i' => {
            // SAFETY: as said above.
            let value = unsafe { signed(specification.length, arguments) };
            let sign = if value < 0 { b"-" } else { specification.plus_sign() };
            integer::convert(output, specification, sign, value.unsigned_abs(), b'd');
        }
        b'u' | b'o' | b'x' | b'X' => {
            // SAFETY: as said above.
            let value = unsafe { unsigned(specification.length, arguments) };
            integer::convert(output, specification, b"", value, letter);
        }
        b'c' => {
            // SAFETY: as said above.
            let byte = unsafe { arguments.take::<c_int>() } as u8;
            padded(output, specification, &[byte]);
        }
        b's' => {
            // SAFETY: as said above, and `string` gets a C string or null.
            unsafe { string(output, specification, arguments.take()) };
        }
        b'p' => {
            // SAFETY: as said above.
            let value: usize = unsafe { arguments.take() };
            pointer(output, specification, value);
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'a' | b'A' => {
            // SAFETY: as said above.
            let value: f64 = unsafe { arguments.take() };
            float::convert(output, specification, letter, value);
        }
        b'%' => output.put(b'%'),
        _ => return false,
    }
    true
}

/// # Safety
///
/// The next argument is a signed integer of the length.
#[allow(clippy::useless_conversion, reason = "long has 32 bits on wasm32, but 64 on some hosts")]
unsafe fn signed(length: Length, arguments: &mut Arguments) -> i64 {
    // SAFETY, for all: promised by the caller. What is shorter than `int` is passed as `int`.
    match length {
        // SAFETY: as said above.
        Length::Char => i64::from(unsafe { arguments.take::<c_int>() } as i8),
        // SAFETY: as said above.
        Length::Short => i64::from(unsafe { arguments.take::<c_int>() } as i16),
        // SAFETY: as said above.
        Length::Int => i64::from(unsafe { arguments.take::<c_int>() }),
        // SAFETY: as said above.
        Length::Long => unsafe { i64::from(arguments.take::<c_long>()) },
        // SAFETY: as said above.
        Length::LongLong => unsafe { arguments.take::<i64>() },
        // SAFETY: as said above.
        Length::Size => unsafe { arguments.take::<isize>() as i64 },
    }
}

/// # Safety
///
/// The next argument is an unsigned integer of the length.
unsafe fn unsigned(length: Length, arguments: &mut Arguments) -> u64 {
    // SAFETY: signed and unsigned arguments are passed alike.
    let value = unsafe { signed(length, arguments) } as u64;
    let bits = match length {
        Length::Char => 8,
        Length::Short => 16,
        Length::Int => 32,
        Length::Long => c_long::BITS,
        Length::LongLong => 64,
        Length::Size => usize::BITS,
    };
    value & (u64::MAX >> (64 - bits))
}

fn padded(output: &mut Output, specification: &Specification, bytes: &[u8]) {
    let padding = specification.width.saturating_sub(bytes.len());
    if !specification.left {
        output.repeat(b' ', padding);
    }
    output.write(bytes);
    if specification.left {
        output.repeat(b' ', padding);
    }
}

/// # Safety
///
/// `string` is null, or a C string, or has at least as many bytes as the precision.
unsafe fn string(output: &mut Output, specification: &Specification, string: *const c_char) {
    let limit = specification.precision.unwrap_or(usize::MAX);
    let bytes: &[u8] = if string.is_null() {
        // As glibc: all of it or nothing.
        if limit >= 6 { b"(null)" } else { b"" }
    } else {
        // SAFETY: the caller promises a terminating zero, unless `limit` bytes come first.
        unsafe { core::slice::from_raw_parts(string.cast(), crate::string::length_up_to(string, limit)) }
    };
    padded(output, specification, bytes);
}

/// As glibc: `(nil)`, or like `%#x` with the sign flags of `%d`.
fn pointer(output: &mut Output, specification: &Specification, value: usize) {
    if value == 0 {
        return padded(output, specification, b"(nil)");
    }
    let specification = Specification { alternative: true, ..*specification };
    integer::convert(output, &specification, specification.plus_sign(), value as u64, b'x');
}

/// C11 7.21.6.5: formats into `buffer`, at most `size` bytes with the terminating zero. The result is the length of the
/// whole, whatever the size.
///
/// # Safety
///
/// `buffer` has room for `size` bytes, `format` is a C string, `arguments` is the area of the arguments it asks for.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn snprintf(
    buffer: *mut c_char,
    size: usize,
    format: *const c_char,
    arguments: *const u8,
) -> c_int {
    struct Buffer {
        next: *mut u8,
        room: usize,
    }
    impl Sink for Buffer {
        fn write(&mut self, bytes: &[u8]) {
            let length = bytes.len().min(self.room);
            // SAFETY: the buffer has `room` bytes left; a format does not write over its own arguments.
            unsafe { memcpy(self.next.cast(), bytes.as_ptr().cast(), length) };
            self.next = self.next.wrapping_add(length);
            self.room -= length;
        }
    }
    // SAFETY: the caller promises both; a format that is more than this one reads no further than its first other byte.
    if size > integer::MOST && unsafe { integer::is_plain(format) } {
        // SAFETY: `%lld` takes a `long long`, and the buffer has room for one.
        return unsafe { integer::write_plain(buffer.cast(), Arguments::new(arguments).take()) };
    }
    let mut sink = Buffer { next: buffer.cast(), room: size.saturating_sub(1) };
    // SAFETY: the caller promises both.
    let length = unsafe { self::format(&mut sink, format, &mut Arguments::new(arguments)) };
    if size > 0 {
        // SAFETY: one byte was held back for this.
        unsafe { sink.next.write(0) };
    }
    length
}
