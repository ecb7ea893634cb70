//! A growable list whose growth can fail.

use core::marker::PhantomData;
use core::mem::size_of;
use core::slice;

use libc_shim::heap::Buffer;

/// Plain values in a row. `T` has an alignment of 8 at most, as the heap's blocks have.
pub struct List<T: Copy> {
    bytes: Buffer,
    items: PhantomData<T>,
}

impl<T: Copy> List<T> {
    /// An empty list; allocates nothing.
    pub const fn new() -> Self {
        Self { bytes: Buffer::new(), items: PhantomData }
    }

    pub fn as_slice(&self) -> &[T] {
        // SAFETY: the buffer holds whole values of T only, aligned as the heap aligns.
        unsafe { slice::from_raw_parts(self.start(), self.bytes.len() / size_of::<T>()) }
    }

    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as above, and the list is borrowed mutably.
        unsafe { slice::from_raw_parts_mut(self.start().cast_mut(), self.bytes.len() / size_of::<T>()) }
    }

    fn start(&self) -> *const T {
        if self.bytes.is_empty() {
            core::ptr::NonNull::dangling().as_ptr()
        } else {
            self.bytes.as_ptr().cast()
        }
    }

    /// Makes room for one more; false, and nothing changed, when memory is out.
    #[must_use]
    pub fn reserve(&mut self) -> bool {
        self.reserve_many(1)
    }

    /// Makes room for so many more; false, and nothing changed, when memory is out.
    #[must_use]
    pub fn reserve_many(&mut self, items: usize) -> bool {
        items.checked_mul(size_of::<T>()).is_some_and(|bytes| self.bytes.reserve(bytes))
    }

    /// Appends `item`; false, and nothing changed, when memory is out.
    #[must_use]
    pub fn push(&mut self, item: T) -> bool {
        // SAFETY: `item` is as many initialised bytes, padding aside, which nobody reads.
        self.bytes.push(unsafe { slice::from_raw_parts((&raw const item).cast(), size_of::<T>()) })
    }

    /// Takes the last item off.
    pub fn pop(&mut self) -> Option<T> {
        let item = *self.as_slice().last()?;
        self.bytes.truncate(self.bytes.len() - size_of::<T>());
        Some(item)
    }

    /// Takes the item at `index` out, if there is one; the others keep their order.
    pub fn remove(&mut self, index: usize) {
        let items = self.as_mut_slice();
        if index < items.len() {
            items.copy_within(index + 1.., index);
            self.bytes.truncate(self.bytes.len() - size_of::<T>());
        }
    }

    /// Drops all items and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.truncate(0);
    }

    /// Gives all memory back.
    pub fn free(&mut self) {
        self.bytes.free();
    }

    /// Gives back the memory that the items do not need.
    pub fn fit(&mut self) {
        self.bytes.fit();
    }

    /// Forgets the items and the memory, which is gone already.
    pub fn forget(&mut self) {
        self.bytes.forget();
    }
}
