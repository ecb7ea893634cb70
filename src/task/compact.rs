//! What `compact` does: an image of the memory is as small as it can be afterwards.

use core::ffi::c_int;
use core::ptr;

#[cfg(not(feature = "mini"))]
use libc_shim::filesystem;
use libc_shim::{heap, stdio};

use super::{state, suspended};
use crate::bytes::answer;
use crate::lua::{self, State, meter};
use crate::values::{handles, references};

/// Collects all garbage, gives back what is kept for later, zeroes every free byte of the heap and the stack, and tells how
/// many are in use. Finalizers run, within the fuel of a task of their own.
pub fn compact() -> f64 {
    if let Some(L) = state::started() {
        // What finalizers use is not the last task's either.
        // SAFETY: the state is live, and no task runs.
        meter::uncounted(|| unsafe {
            suspended::fit(L);
            handles::fit(L);
            collect_all(L);
            if references::fit(L) {
                collect_all(L);
            }
        });
    }
    answer::buffer().fit();
    stdio::output().fit();
    stdio::error_output().fit();
    #[cfg(not(feature = "mini"))]
    filesystem::fit();
    heap::compact();
    zero_stack();
    heap::used() as f64
}

/// Zeroes what earlier calls left in the stack below this function's frame.
#[inline(never)]
fn zero_stack() {
    /// The stack begins at address 0, which Rust has no pointer to.
    const BOTTOM: usize = 16;
    /// More than this function's frame.
    const FRAME: usize = 64;
    let mark = 0u8;
    let end = (&raw const mark).expose_provenance() - FRAME;
    // SAFETY: the stack lies below the data, from address 0 to where it starts (build.rs, and a test); below the frame of
    // the running function, which calls none that has one, nothing of it is in use.
    unsafe { ptr::with_exposed_provenance_mut::<u8>(BOTTOM).write_bytes(0, end - BOTTOM) }
}

/// Collects all garbage outside of tasks; nothing of the script can be suspended meanwhile.
///
/// # Safety
/// `L` is the main thread, and no task runs.
pub unsafe fn collect_all(L: *mut State) {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::moonlet_in_task = 1;
        lua::moonlet_blocks = 1;
        meter::begin(0);
        meter::start();
        lua::protected(L, collect, ptr::null_mut(), 0);
        meter::stop();
        meter::end_stop();
        lua::moonlet_blocks = 0;
        lua::moonlet_in_task = 0;
        lua::lua_settop(L, state::BOTTOM);
        lua::moonlet_shrink_thread(L);
    }
}

/// A C function that collects all garbage.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn collect(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe { lua::moonlet_collect(L) }
    0
}
