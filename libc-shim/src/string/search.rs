//! Searching strings for sets of bytes and for strings.

use super::strlen;
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

/// C17 7.24.5.4: the first byte that is in `accept`, or null.
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

/// C17 7.24.5.6: how many bytes at the start are in `accept`.
///
/// # Safety
///
/// Both are C strings.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strspn(string: *const c_char, accept: *const c_char) -> usize {
    // SAFETY: as the caller promises.
    let set = unsafe { ByteSet::new(accept) };
    let mut length = 0;
    // SAFETY: the set has no zero, so the loop ends at the terminating one.
    while set.contains(unsafe { string.add(length).read() } as u8) {
        length += 1;
    }
    length
}

/// C17 7.24.5.7: the first place where `part` stands in `string`, or null.
///
/// # Safety
///
/// Both are C strings.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strstr(string: *const c_char, part: *const c_char) -> *mut c_char {
    // SAFETY: both are C strings, so they have as many bytes as `strlen` says.
    let (text, part) = unsafe {
        (
            core::slice::from_raw_parts(string.cast::<u8>(), strlen(string)),
            core::slice::from_raw_parts(part.cast::<u8>(), strlen(part)),
        )
    };
    match find(text, part) {
        Some(index) => string.wrapping_add(index).cast_mut(),
        None => core::ptr::null_mut(),
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    (0..=text.len().checked_sub(part.len())?).find(|&index| text.get(index..index + part.len()) == Some(part))
}
