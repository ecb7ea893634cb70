//! Exports that no shipped module has: they let allocations fail, fill what they give, and show what leaks, for the tests (feature `faults`).

use libc_shim::faults;

use super::poison::guard;
use crate::task::state;

/// Lets the allocation of that number fail, counted from now, or all from that number on; 0 lets none fail.
#[unsafe(no_mangle)]
extern "C" fn fault(number: u32, from_then_on: u32) {
    faults::arm(number, from_then_on != 0);
}

/// Allocations since the last call of `fault`.
#[unsafe(no_mangle)]
extern "C" fn allocations() -> u32 {
    faults::count()
}

/// Lets new memory hold that byte, or with -1 what it held before.
#[unsafe(no_mangle)]
extern "C" fn fill(byte: i32) {
    faults::fill_with(byte);
}

/// Drops the state as `reset` does, block by block.
#[unsafe(no_mangle)]
extern "C" fn close() {
    guard((), state::close);
}
