//! The host's data, which becomes values on the main thread's stack.

use core::ffi::c_int;

use libc_shim::single::Single;

use crate::bytes::{answer, status};
use crate::lua::{self, State, meter};
use crate::values::msgpack::{self, Failure};
use crate::values::references;

/// Data whose references were announced by the call that runs.
static GIVEN: Single<&'static [u8]> = Single::new(&[]);

/// Which memory it was that was out.
const NO_MEMORY: &[u8] = b"not enough memory for the values\0";

/// What the host gave.
#[derive(Clone, Copy)]
pub enum Data {
    /// An array of values.
    Array(&'static [u8]),
    /// A single value.
    Value(&'static [u8]),
}

impl Data {
    /// How many values it holds, or the answer that refuses it.
    ///
    /// # Safety
    /// `L` is the main thread.
    pub unsafe fn check(self, L: *mut State) -> Result<c_int, i32> {
        references::begin();
        // SAFETY: as the caller upholds.
        let checked = unsafe {
            match self {
                Self::Array(bytes) => msgpack::check_array(L, bytes),
                Self::Value(bytes) => msgpack::check_value(L, bytes).map(|()| 1),
            }
        };
        checked.map_err(refuse)
    }

    /// Pushes the values, and tells how many there are; or the answer that refuses the data, with nothing pushed.
    ///
    /// # Safety
    /// `L` is the main thread.
    pub unsafe fn push(self, L: *mut State) -> Result<c_int, i32> {
        // SAFETY: as the caller upholds.
        unsafe {
            if let Some(values) = self.push_free(L) {
                return Ok(values);
            }
            let values = self.check(L)?;
            self.push_checked(L).map(|()| values)
        }
    }

    /// The same where no memory has to be had for the values; `None`, and nothing pushed, where it has, or where something is wrong with
    /// the data.
    ///
    /// # Safety
    /// `L` is the main thread.
    pub unsafe fn push_free(self, L: *mut State) -> Option<c_int> {
        match self {
            // SAFETY: as the caller upholds.
            Self::Array(bytes) => unsafe { msgpack::push_free_array(L, bytes) },
            Self::Value(_) => None,
        }
    }

    /// Pushes the values of data that was checked, or the answer that refuses it, with nothing pushed.
    ///
    /// # Safety
    /// `L` is the main thread, and [`Self::check`] refused nothing.
    pub unsafe fn push_checked(self, L: *mut State) -> Result<(), i32> {
        if references::expected() > 0 {
            let (Self::Array(bytes) | Self::Value(bytes)) = self;
            if !references::announce(msgpack::references_in(bytes)) {
                return Err(refuse(Failure::Memory));
            }
            GIVEN.set(bytes);
        }
        let mut way = (self, None);
        // SAFETY: as the caller upholds; `push` takes what the pointer points to.
        let called = unsafe { lua::protected(L, push, (&raw mut way).cast(), lua::MULTRET) };
        match way.1 {
            // What it raises itself is that memory is out.
            _ if called != status::OK => Err(refuse(Failure::Memory)),
            Some(failure) => Err(refuse(failure)),
            None => Ok(()),
        }
    }
}

/// A C function that pushes the values of data and returns them.
///
/// # Safety
/// Called by Lua with a pointer to a [`Data`] and the place of a failure.
unsafe extern "C" fn push(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let (data, failure) = &mut *lua::lua_touserdata(L, 1).cast::<(Data, Option<Failure>)>();
        let pushed = match *data {
            Data::Array(bytes) => msgpack::push_array(L, bytes),
            Data::Value(bytes) => msgpack::push_value(L, bytes),
        };
        *failure = pushed.err();
        lua::lua_gettop(L) - 1
    }
}

/// Makes room for so many values on a thread's stack, or the answer that refuses them.
///
/// # Safety
/// `thread` is live.
pub unsafe fn make_room(thread: *mut State, values: c_int) -> Result<(), i32> {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_checkstack(thread, values) != 0 {
            Ok(())
        } else if lua::moonlet_stack_used(thread) + values > lua::MAXSTACK as c_int {
            Err(refuse(Failure::TooMany))
        } else {
            Err(refuse(Failure::Memory))
        }
    }
}

fn refuse(failure: Failure) -> i32 {
    let message = if failure == Failure::Memory { NO_MEMORY } else { failure.message() };
    answer::fail(failure.refusal(), message)
}

/// The call ends that the values were for. Where its answer is a refusal the references among them never were in Lua.
///
/// # Safety
/// `L` is the main thread, with none of the values on its stack.
pub unsafe fn end(L: *mut State, answer: i32) {
    let is_refused = -answer >= status::BAD_ARGUMENT;
    for number in msgpack::references_in(GIVEN.get()) {
        // SAFETY: as the caller upholds.
        meter::uncounted(|| unsafe { references::settle(L, number, is_refused) });
    }
    GIVEN.set(&[]);
}
