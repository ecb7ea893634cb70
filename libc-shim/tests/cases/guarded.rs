//! Memory behind which no byte can be touched.

use std::ffi::c_char;

const SIZE: usize = 8192;
const PAGE: usize = 4096;

/// Two pages followed by one without any rights.
pub struct Guarded {
    start: *mut u8,
}

impl Guarded {
    pub fn new() -> Self {
        // SAFETY: a new mapping, of which the last page is closed.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let rights = libc::PROT_READ | libc::PROT_WRITE;
            let start = libc::mmap(std::ptr::null_mut(), SIZE + PAGE, rights, flags, -1, 0).cast::<u8>();
            assert_ne!(start.addr(), usize::MAX, "mmap failed");
            assert_eq!(libc::mprotect(start.add(SIZE).cast(), PAGE, libc::PROT_NONE), 0);
            Guarded { start }
        }
    }

    /// The bytes at the very end; the next call overwrites them.
    pub fn block(&self, bytes: &[u8]) -> *mut u8 {
        assert!(bytes.len() <= SIZE);
        // SAFETY: the bytes fit, and nothing else refers to the memory.
        unsafe {
            let place = self.start.add(SIZE - bytes.len());
            place.copy_from(bytes.as_ptr(), bytes.len());
            place
        }
    }

    /// The same with a terminating zero.
    pub fn text(&self, bytes: &[u8]) -> *const c_char {
        self.block(&[bytes, b"\0"].concat()).cast_const().cast()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // SAFETY: the mapping of `new`.
        unsafe { libc::munmap(self.start.cast(), SIZE + PAGE) };
    }
}
