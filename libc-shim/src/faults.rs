//! Makes allocations fail, to test that everything survives it. Only a build with the feature `faults` has this file.

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
