//! Bytes that grow.

use core::ptr::{self, NonNull};
use core::slice;

use super::{Kept, allocate, reallocate, release};

/// A growable run of bytes whose growth can fail.
pub struct Buffer {
    start: NonNull<u8>,
    len: usize,
    capacity: usize,
}

impl Buffer {
    /// An empty buffer; allocates nothing.
    pub const fn new() -> Self {
        Self { start: NonNull::dangling(), len: 0, capacity: 0 }
    }

    /// Bytes held.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Bytes that fit without growing.
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether no byte is held.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first byte's address, never null.
    pub const fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// The bytes held.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `len` bytes from `start` are initialised and owned.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// Makes room for `more` bytes past the held ones; false, and nothing changed, when memory is out.
    #[must_use]
    #[inline(always)]
    pub fn reserve(&mut self, more: usize) -> bool {
        more <= self.capacity - self.len || self.grow(more)
    }

    #[inline(never)]
    fn grow(&mut self, more: usize) -> bool {
        let Some(needed) = self.len.checked_add(more) else { return false };
        // Not doubled: what was given back before would never have room for the next.
        let larger = (self.capacity + self.capacity / 2).max(64);
        self.resize_to(needed.max(larger)) || self.resize_to(needed)
    }

    /// Gives back the memory that the bytes held do not need. They stay where they are.
    pub fn fit(&mut self) {
        if self.is_empty() {
            self.free();
        } else {
            self.resize_to(self.len);
        }
    }

    fn resize_to(&mut self, capacity: usize) -> bool {
        if capacity > isize::MAX as usize {
            return false;
        }
        let block = if self.capacity == 0 {
            allocate(capacity)
        } else {
            // SAFETY: the buffer owns `capacity` bytes at `start`.
            unsafe { reallocate(self.start.as_ptr(), self.capacity, capacity) }
        };
        match NonNull::new(block) {
            Some(start) => {
                self.start = start;
                self.capacity = capacity;
                true
            }
            None => false,
        }
    }

    /// Appends `bytes`; false, and nothing changed, when memory is out.
    #[must_use]
    #[inline(never)]
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        if !self.reserve(bytes.len()) {
            return false;
        }
        // SAFETY: `reserve` made room, and `bytes` lies outside a buffer that is borrowed mutably.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.as_ptr().add(self.len), bytes.len()) }
        self.len += bytes.len();
        true
    }

    /// Writes `bytes` at `offset`, filling a gap before it with zeros; false, and nothing changed, when memory is out.
    #[must_use]
    pub fn write_at(&mut self, offset: usize, bytes: &[u8]) -> bool {
        let Some(end) = offset.checked_add(bytes.len()) else { return false };
        if !self.reserve(end.saturating_sub(self.len)) {
            return false;
        }
        // SAFETY: `reserve` made room up to `end`, and `bytes` lies outside a buffer that is borrowed mutably.
        unsafe {
            let start = self.start.as_ptr();
            if offset > self.len {
                ptr::write_bytes(start.add(self.len), 0, offset - self.len);
            }
            ptr::copy_nonoverlapping(bytes.as_ptr(), start.add(offset), bytes.len());
        }
        self.len = self.len.max(end);
        true
    }

    /// Drops so many bytes at the front, and gives their memory back.
    pub fn drop_front(&mut self, count: usize) {
        let rest = self.len - count.min(self.len);
        if rest == 0 {
            return self.free();
        }
        // SAFETY: the bytes from `count` on are held, and move within the buffer.
        unsafe { ptr::copy(self.start.as_ptr().add(count), self.start.as_ptr(), rest) }
        self.len = rest;
        // What cannot be made smaller stays as it is.
        self.resize_to(rest);
    }

    /// Drops the bytes past `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Forgets the memory, which is gone already ([`super::restart`]).
    pub fn forget(&mut self) {
        // SAFETY: the place is valid; what it held owns nothing any more.
        unsafe { ptr::write(self, Self::new()) }
    }

    /// Enters the block into the list, in the given place, unless there is none.
    pub fn keep(&self, place: &mut Kept, list: &mut *mut Kept) {
        if self.capacity > 0 {
            *place = Kept { next: *list, start: self.start.as_ptr(), size: self.capacity };
            *list = place;
        }
    }

    /// Gives all memory back.
    pub fn free(&mut self) {
        if self.capacity > 0 {
            // SAFETY: the buffer owns `capacity` bytes at `start` and forgets them here.
            unsafe { release(self.start.as_ptr(), self.capacity) }
        }
        self.start = NonNull::dangling();
        self.len = 0;
        self.capacity = 0;
    }
}

/// A [`Buffer`] as a plain value, for where only those can be kept. It owns its bytes all the same.
#[derive(Clone, Copy)]
pub struct Parts {
    start: NonNull<u8>,
    len: usize,
    capacity: usize,
}

impl Parts {
    /// Those of an empty buffer.
    pub const EMPTY: Self = Self { start: NonNull::dangling(), len: 0, capacity: 0 };

    /// The bytes held.
    ///
    /// # Safety
    /// The parts were not made a buffer again, nor are while the bytes are used.
    pub unsafe fn as_slice<'a>(self) -> &'a [u8] {
        // SAFETY: as the caller upholds; `len` bytes from `start` are initialised.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl Buffer {
    /// Takes the buffer apart.
    pub const fn into_parts(self) -> Parts {
        let parts = Parts { start: self.start, len: self.len, capacity: self.capacity };
        core::mem::forget(self);
        parts
    }

    /// The buffer that was taken apart.
    ///
    /// # Safety
    /// The parts come from [`Buffer::into_parts`] or are [`Parts::EMPTY`], and are not used again.
    pub const unsafe fn from_parts(parts: Parts) -> Self {
        Self { start: parts.start, len: parts.len, capacity: parts.capacity }
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.free();
    }
}
