//! Functions of Lua in the host.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::state::State;
use crate::{Error, ErrorKind, FromLuaMulti, IntoLuaMulti, Lua, Result};

/// A function of a Lua state, or a coroutine or userdata, that the host holds.
///
/// Clones are the same one. When the last is dropped the state lets go of it. It does not keep the state alive.
#[derive(Clone)]
pub struct Function(Arc<Handle>);

struct Handle {
    state: Weak<State>,
    /// Which of the lives of the state it belongs to: a restore begins another.
    life: u64,
    id: u32,
    /// Whether it was received, and so is to be released, or only read once more.
    received: bool,
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(state) = self.state.upgrade()
            && self.received
        {
            state.release_later(self.life, self.id);
        }
    }
}

impl Function {
    pub(crate) fn new(state: &Arc<State>, life: u64, id: u32, received: bool) -> Self {
        Self(Arc::new(Handle { state: Arc::downgrade(state), life, id, received }))
    }

    /// The handle, for the state `state` in the life `life`.
    pub(crate) fn handle(&self, state: &Arc<State>, life: u64) -> Result<u32> {
        if Weak::as_ptr(&self.0.state) != Arc::as_ptr(state) {
            let message = "the function belongs to another Lua state; call it there";
            return Err(Error::new(ErrorKind::Conversion, message));
        }
        if self.0.life != life {
            let message = "the function belongs to the state before its restore or reset; get it again";
            return Err(Error::new(ErrorKind::Conversion, message));
        }
        Ok(self.0.id)
    }

    /// What tells it from others: its state, which of the lives of that, and its number there.
    pub(crate) fn key(&self) -> (*const State, u64, u32) {
        (self.0.state.as_ptr(), self.0.life, self.0.id)
    }

    pub(crate) fn lua(&self) -> Result<Lua> {
        self.0.state.upgrade().map(Lua::from_state).ok_or_else(Error::closed)
    }

    /// Calls it, and waits for its results.
    ///
    /// # Errors
    /// As [`Lua::call`].
    pub fn call<R: FromLuaMulti>(&self, arguments: impl IntoLuaMulti) -> Result<R> {
        self.lua()?.call_function(self, arguments)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.0.id)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Function {}
