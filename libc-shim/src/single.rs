//! Statics of a module that has one thread.

use core::cell::UnsafeCell;

/// A static value that is read and written as a whole.
///
/// WebAssembly runs this library on one thread, and no value is borrowed across a call. Tests on the host hold a lock.
pub struct Single<T>(UnsafeCell<T>);

// SAFETY: the module has no threads (see the type's documentation).
unsafe impl<T> Sync for Single<T> {}

impl<T> Single<T> {
    /// A static that starts as `value`.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// The value's address, for code that changes it in place.
    pub const fn as_ptr(&self) -> *mut T {
        self.0.get()
    }

    /// Stores `value`; the old one is dropped in place.
    pub fn set(&self, value: T) {
        // SAFETY: one thread, and nobody holds a reference into the cell.
        unsafe { *self.0.get() = value }
    }
}

impl<T: Copy> Single<T> {
    /// A copy of the value.
    pub fn get(&self) -> T {
        // SAFETY: one thread, and nobody holds a mutable reference into the cell.
        unsafe { *self.0.get() }
    }
}
