//! The persistent Lua state: started at the first run, dropped by `reset`.

use core::ffi::c_int;
use core::ptr;

use libc_shim::single::Single;
use libc_shim::stdio;

use super::{host, libraries, suspended};
use crate::bytes::{alloc, answer, options, status};
use crate::lua::{self, State, meter};
use crate::values::references;

static STATE: Single<*mut State> = Single::new(ptr::null_mut());

/// Slots that the main thread's stack always holds (see `suspended.rs`).
pub const BOTTOM: c_int = 1;

/// The state, when there is one.
pub fn started() -> Option<*mut State> {
    if STATE.get().is_null() { None } else { Some(STATE.get()) }
}

/// The state, which is started when there is none; `None` when memory does not suffice for it.
pub fn get() -> Option<*mut State> {
    if let Some(state) = started() {
        return Some(state);
    }
    host::prepare_references();
    let mut mask = options::libraries();
    // SAFETY: a new state has stack for a call; a state that could not open its libraries holds no script's values.
    unsafe {
        let state = lua::luaL_newstate();
        if state.is_null() {
            return None;
        }
        lua::moonlet_prepare_thread(state, 1);
        let prepared = lua::protected(state, prepare, (&raw mut mask).cast(), BOTTOM);
        if prepared != status::OK {
            lua::lua_close(state);
            return None;
        }
        STATE.set(state);
        Some(state)
    }
}

/// A C function that opens the libraries and returns the table of anchors.
///
/// # Safety
/// Called by Lua with a pointer to the mask of libraries.
unsafe extern "C" fn prepare(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        libraries::open(L);
        suspended::push_anchors(L);
    }
    1
}

/// Drops the state, its tasks, its streams, the output and the result, without looking at any of them, as a script with the
/// whole library `debug` may have left nothing whole. Options, files and the host's buffers stay. False when memory is so
/// broken that they cannot be kept.
pub fn reset() -> bool {
    STATE.set(ptr::null_mut());
    // SAFETY: variables of suspend.c, on the module's only thread.
    unsafe {
        lua::moonlet_waiting = ptr::null_mut();
        lua::moonlet_place_taken = 0;
    }
    meter::end_stop();
    suspended::forget();
    references::forget();
    stdio::forget_output();
    #[cfg(not(feature = "mini"))]
    stdio::forget_streams();
    answer::forget();
    alloc::restart()
}

/// As [`reset`], but each block is given back by who owns it, so that the tests see one that was forgotten. Finalizers and
/// `__close` handlers of the script are entered with the interrupt raised, so they get nowhere.
#[cfg(feature = "faults")]
pub fn close() {
    if let Some(state) = started() {
        suspended::drop_parked();
        meter::interrupt(status::EXIT);
        // SAFETY: the state is live, and nothing refers to it afterwards.
        unsafe { lua::lua_close(state) }
        meter::end_stop();
        STATE.set(ptr::null_mut());
    }
    suspended::free();
    references::free();
    #[cfg(not(feature = "mini"))]
    stdio::close_all();
    stdio::output().free();
    stdio::error_output().free();
    answer::drop();
}
