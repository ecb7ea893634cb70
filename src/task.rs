//! Tasks: what runs in the persistent Lua state, and is suspended and ended there.

pub mod compact;
pub mod host;
pub mod libraries;
pub mod run;
pub mod state;
pub mod suspended;
