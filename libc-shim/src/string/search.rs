//! Searching strings for sets of bytes and for strings.

use super::{length_up_to, strlen};
use core::ffi::c_char;

/// The bytes of a string, without the terminating zero.
struct ByteSet([u64; 4]);

impl ByteSet {
    /// # Safety
    ///
    /// `string` is a C string.
    unsafe fn new(string: *const c_char) -> Self {
        let mut set = [0; 4];
        let mut at = string.cast::<u8>();
        loop {
            // SAFETY: the loop ends at the terminating zero.
            let byte = unsafe { at.read() };
            if byte == 0 {
                return ByteSet(set);
            }
            set[usize::from(byte >> 6)] |= 1 << (byte & 63);
            at = at.wrapping_add(1);
        }
    }

    fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }
}

/// C11 7.24.5.4: the first byte that is in `accept`, or null.
///
/// # Safety
///
/// Both are C strings.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strpbrk(string: *const c_char, accept: *const c_char) -> *mut c_char {
    // SAFETY: as the caller promises.
    let set = unsafe { ByteSet::new(accept) };
    let mut at = string.cast::<u8>();
    loop {
        // SAFETY: the loop ends at the terminating zero.
        let byte = unsafe { at.read() };
        if byte == 0 {
            return core::ptr::null_mut();
        }
        if set.contains(byte) {
            return at.cast_mut().cast();
        }
        at = at.wrapping_add(1);
    }
}

/// C11 7.24.5.6: how many bytes at the start are in `accept`.
///
/// # Safety
///
/// Both are C strings.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strspn(string: *const c_char, accept: *const c_char) -> usize {
    // Often there are none, for which no set need be made.
    // SAFETY: as the caller promises.
    if !unsafe { holds(accept, string.read() as u8) } {
        return 0;
    }
    // SAFETY: as the caller promises.
    let set = unsafe { ByteSet::new(accept) };
    let mut length = 1;
    // SAFETY: the set has no zero, so the loop ends at the terminating one.
    while set.contains(unsafe { string.add(length).read() } as u8) {
        length += 1;
    }
    length
}

/// Whether the string has such a byte before its terminating zero.
///
/// # Safety
///
/// `string` is a C string.
unsafe fn holds(string: *const c_char, wanted: u8) -> bool {
    let mut at = string.cast::<u8>();
    loop {
        // SAFETY: the loop ends at the terminating zero.
        let byte = unsafe { at.read() };
        if byte == 0 || byte == wanted {
            return byte != 0;
        }
        at = at.wrapping_add(1);
    }
}

/// C11 7.24.5.7: the first place where `part` stands in `string`, or null.
///
/// The two-way algorithm of Crochemore and Perrin: time in proportion to the lengths, and no memory. Scripts choose both
/// strings. What lies far behind the place found is not looked at, for Lua calls this again and again on the rest of one
/// string.
///
/// # Safety
///
/// Both are C strings.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strstr(string: *const c_char, part: *const c_char) -> *mut c_char {
    // SAFETY: a C string has as many bytes as `strlen` says.
    let part = unsafe { core::slice::from_raw_parts(part.cast::<u8>(), strlen(part)) };
    let mut text = Text { start: string, known: 0 };
    match find(&mut text, part) {
        Some(index) => string.wrapping_add(index).cast_mut(),
        None => core::ptr::null_mut(),
    }
}

/// A C string whose length is found out bit by bit.
struct Text {
    start: *const c_char,
    /// So many bytes are known not to be the terminating zero.
    known: usize,
}

impl Text {
    /// How many bytes to look ahead at least, so that the search for the end is not done in tiny steps.
    const STEP: usize = 64;

    /// Whether the string has at least this many bytes.
    fn has(&mut self, length: usize) -> bool {
        if length > self.known {
            let step = (length - self.known).max(Self::STEP);
            // SAFETY: the bytes before are not the end, so the string goes on here.
            self.known += unsafe { length_up_to(self.start.wrapping_add(self.known), step) };
        }
        length <= self.known
    }

    /// The byte, of which `has` said that it is there.
    fn byte(&self, index: usize) -> u8 {
        // SAFETY: only asked for bytes before the end.
        unsafe { self.start.wrapping_add(index).read() as u8 }
    }
}

fn find(text: &mut Text, part: &[u8]) -> Option<usize> {
    let (middle, period, repeats) = factorize(part);
    let matches =
        |text: &Text, start: usize, index: usize| part.get(index) == Some(&text.byte(start + index));
    let mut start = 0;
    // Bytes at the front of `part` that are known to match at `start`.
    let mut matched = 0;
    while text.has(start + part.len()) {
        let mut index = middle.max(matched);
        while index < part.len() && matches(text, start, index) {
            index += 1;
        }
        if index < part.len() {
            start += index - middle + 1;
            matched = 0;
            continue;
        }
        let mut index = middle;
        while index > matched && matches(text, start, index - 1) {
            index -= 1;
        }
        if index <= matched {
            return Some(start);
        }
        start += period;
        matched = if repeats { part.len() - period } else { 0 };
    }
    None
}

/// Where to split the part so that the period around the split is that of the whole; the distance by which to move after
/// the left half failed; and whether that is the period of the whole, so that what stays in place need not be compared.
fn factorize(part: &[u8]) -> (usize, usize, bool) {
    let (rising, falling) = (maximal_suffix(part, false), maximal_suffix(part, true));
    let (middle, period) = if rising.0 > falling.0 { rising } else { falling };
    let left = part.get(..middle).unwrap_or(&[]);
    if part.get(period..).is_some_and(|rest| rest.starts_with(left)) {
        (middle, period, true)
    } else {
        (middle, middle.max(part.len() - middle) + 1, false)
    }
}

/// The start and the period of the suffix that is the greatest, in the order of bytes or, if `reversed`, against it.
fn maximal_suffix(part: &[u8], reversed: bool) -> (usize, usize) {
    let (mut best, mut candidate, mut same, mut period) = (0, 1, 0, 1);
    while let (Some(challenger), Some(holder)) = (part.get(candidate + same), part.get(best + same)) {
        if challenger == holder {
            same += 1;
            if same == period {
                candidate += period;
                same = 0;
            }
        } else if (challenger < holder) != reversed {
            candidate += same + 1;
            same = 0;
            period = candidate - best;
        } else {
            best = candidate;
            candidate += 1;
            same = 0;
            period = 1;
        }
    }
    (best, period)
}
