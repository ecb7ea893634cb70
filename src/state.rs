//! The persistent Lua state: started at the first run, dropped by `reset`.

use core::ptr;

use libc_shim::heap;
use libc_shim::single::Single;
use libc_shim::stdio;

use crate::lua::{self, State};
use crate::{libraries, options, result, status};

static STATE: Single<*mut State> = Single::new(ptr::null_mut());

unsafe extern "C" {
    static mut moonlet_interrupt: i32;
}

/// Lets every instruction and API call of a script raise, or ends that.
pub fn interrupt(on: bool) {
    // SAFETY: an int of lua_guard.c, on the module's only thread.
    unsafe { moonlet_interrupt = i32::from(on) }
}

/// Whether a script is being stopped.
pub fn interrupted() -> bool {
    // SAFETY: an int of lua_guard.c, on the module's only thread.
    unsafe { moonlet_interrupt != 0 }
}

/// Whether there is a state.
pub fn started() -> bool {
    !STATE.get().is_null()
}

/// The state, which is started when there is none; `None` when memory does not suffice for it.
pub fn get() -> Option<*mut State> {
    if started() {
        return Some(STATE.get());
    }
    let mut mask = options::libraries();
    // SAFETY: a new state has stack for a call; a state that could not open its libraries holds no script's values.
    unsafe {
        let state = lua::luaL_newstate();
        if state.is_null() {
            return None;
        }
        if lua::protected(state, libraries::open, (&raw mut mask).cast(), 0) != status::OK {
            lua::lua_close(state);
            return None;
        }
        STATE.set(state);
        Some(state)
    }
}

/// Drops the state, its streams, the output and the result. Options and files stay.
///
/// Finalizers and `__close` handlers of the script are entered with the interrupt raised, so they get nowhere.
pub fn reset() {
    interrupt(true);
    if started() {
        // SAFETY: the state is live, and nothing refers to it afterwards.
        unsafe { lua::lua_close(STATE.get()) }
        STATE.set(ptr::null_mut());
    }
    interrupt(false);
    heap::open_reserve(false);
    stdio::close_all();
    stdio::output().free();
    result::drop();
}
