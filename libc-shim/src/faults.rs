//! Makes allocations fail, to test that everything survives it, and fills what they give, to test that nothing depends on it. Only a
//! build with the feature `faults` has this file.

use crate::single::Single;

/// Which allocation fails, counted from 1 since [`arm`]; 0 for none.
static CHOSEN: Single<u32> = Single::new(0);
static FROM_THEN_ON: Single<bool> = Single::new(false);
static COUNT: Single<u32> = Single::new(0);

/// Lets the allocation of that number fail, counted from now, or all from that number on; 0 lets none fail.
pub fn arm(number: u32, from_then_on: bool) {
    CHOSEN.set(number);
    FROM_THEN_ON.set(from_then_on);
    COUNT.set(0);
}

/// Allocations since [`arm`].
pub fn count() -> u32 {
    COUNT.get()
}

/// Counts an allocation, and tells whether it fails.
pub(crate) fn strikes() -> bool {
    let count = COUNT.get().wrapping_add(1);
    COUNT.set(count);
    let chosen = CHOSEN.get();
    chosen != 0 && (count == chosen || FROM_THEN_ON.get() && count > chosen)
}

/// What new memory holds, -1 for what it held before.
static FILL: Single<i32> = Single::new(-1);

/// Lets new memory hold that byte, or with -1 what it held before.
pub fn fill_with(byte: i32) {
    FILL.set(byte);
}

/// Fills the bytes of a block from `from` on.
///
/// # Safety
/// `block` is null, or has `size` bytes.
pub(crate) unsafe fn fill(block: *mut u8, from: usize, size: usize) {
    if let (false, Ok(byte)) = (block.is_null(), u8::try_from(FILL.get())) {
        // SAFETY: as the caller upholds.
        unsafe { block.add(from).write_bytes(byte, size - from) }
    }
}
