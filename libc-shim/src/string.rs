//! string.h. Everything compares and searches bytes; the C locale has no other order.

mod block;
mod search;

#[cfg(not(feature = "mini"))]
use crate::errno;
#[cfg(not(feature = "mini"))]
use crate::single::Single;
pub use block::{memchr, memcmp, memcpy, memmove, memset};
use core::ffi::{c_char, c_int};
pub use search::{strpbrk, strspn, strstr};

/// C11 7.24.6.3: the bytes before the terminating zero.
///
/// # Safety
///
/// `string` is a C string.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strlen(string: *const c_char) -> usize {
    // SAFETY: the terminating zero ends the search.
    unsafe { length_up_to(string, usize::MAX) }
}

/// The bytes before the terminating zero, of which only `limit` are looked at.
///
/// # Safety
///
/// `string` is a C string, or `limit` bytes can be read there.
pub(crate) unsafe fn length_up_to(string: *const c_char, limit: usize) -> usize {
    // SAFETY: the search reads nothing behind the zero or the limit.
    match unsafe { block::find(string.cast(), 0, limit) } {
        Some(zero) => zero.addr() - string.addr(),
        None => limit,
    }
}

/// C11 7.24.5.2: the first such byte, which may be the terminating zero, or null.
///
/// # Safety
///
/// `string` is a C string.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strchr(string: *const c_char, c: c_int) -> *mut c_char {
    let wanted = c as u8;
    let mut at = string.cast::<u8>();
    loop {
        // SAFETY: the loop ends at the terminating zero.
        let byte = unsafe { at.read() };
        if byte == wanted {
            return at.cast_mut().cast();
        }
        if byte == 0 {
            return core::ptr::null_mut();
        }
        at = at.wrapping_add(1);
    }
}

/// C11 7.24.4.2: the order of the first bytes that differ, as a negative number, 0 or a positive one.
///
/// # Safety
///
/// Both are C strings.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strcmp(a: *const c_char, b: *const c_char) -> c_int {
    // SAFETY: the terminating zero ends the comparison.
    unsafe { strncmp(a, b, usize::MAX) }
}

/// C11 7.24.4.3: in the C locale the same as `strcmp`.
///
/// # Safety
///
/// Both are C strings.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strcoll(a: *const c_char, b: *const c_char) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { strcmp(a, b) }
}

/// C11 7.24.4.4: `strcmp` of at most `size` bytes.
///
/// # Safety
///
/// Both are C strings, or have `size` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strncmp(a: *const c_char, b: *const c_char, size: usize) -> c_int {
    let (mut a, mut b) = (a.cast::<u8>(), b.cast::<u8>());
    for _ in 0..size {
        // SAFETY: the loop ends at the first difference, at the zero of both, or after `size` bytes.
        let (left, right) = unsafe { (a.read(), b.read()) };
        if left != right || left == 0 {
            return c_int::from(left) - c_int::from(right);
        }
        a = a.wrapping_add(1);
        b = b.wrapping_add(1);
    }
    0
}

/// C11 7.24.2.3: copies the string with its terminating zero, and gives `to` back.
///
/// # Safety
///
/// `from` is a C string that fits `to`; they do not overlap.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn strcpy(to: *mut c_char, from: *const c_char) -> *mut c_char {
    // SAFETY: the caller promises the room.
    unsafe { memcpy(to.cast(), from.cast(), strlen(from) + 1) };
    to
}

/// C11 7.24.6.2: the message of an error number, in the words of glibc. Deviation: numbers that are not in errno.h are
/// unknown. The next call overwrites the text of an unknown one.
#[cfg(not(feature = "mini"))]
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn strerror(number: c_int) -> *mut c_char {
    let message = match number {
        0 => c"Success",
        errno::ENOENT => c"No such file or directory",
        errno::EBADF => c"Bad file descriptor",
        errno::ENOMEM => c"Cannot allocate memory",
        errno::EACCES => c"Permission denied",
        errno::EEXIST => c"File exists",
        errno::ENOTDIR => c"Not a directory",
        errno::EISDIR => c"Is a directory",
        errno::EINVAL => c"Invalid argument",
        errno::ENOSPC => c"No space left on device",
        errno::ESPIPE => c"Illegal seek",
        errno::EDOM => c"Numerical argument out of domain",
        errno::ERANGE => c"Numerical result out of range",
        errno::ENOSYS => c"Function not implemented",
        errno::EOVERFLOW => c"Value too large for defined data type",
        errno::ENOTSUP => c"Operation not supported",
        _ => return unknown_error(number),
    };
    message.as_ptr().cast_mut()
}

#[cfg(not(feature = "mini"))]
fn unknown_error(number: c_int) -> *mut c_char {
    const PREFIX: &[u8; 14] = b"Unknown error ";
    const SIZE: usize = PREFIX.len() + "-2147483648".len() + 1;
    static TEXT: Single<[u8; SIZE]> = Single::new([0; SIZE]);

    let mut text = [0; SIZE];
    let (start, digits) = text.split_at_mut(PREFIX.len());
    start.copy_from_slice(PREFIX);
    let mut rest = number.unsigned_abs();
    let length = rest.checked_ilog10().unwrap_or(0) as usize + 1 + usize::from(number < 0);
    for place in digits.iter_mut().take(length).rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if number < 0
        && let Some(sign) = digits.first_mut()
    {
        *sign = b'-';
    }
    TEXT.set(text);
    TEXT.as_ptr().cast()
}
