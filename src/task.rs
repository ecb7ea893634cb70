//! Tasks: what runs in the persistent Lua state, and is suspended and ended there.

pub mod call;
pub mod cancel;
pub mod compact;
pub mod compute;
mod data;
pub mod host;
mod libraries;
pub mod resume;
mod run;
pub mod state;
pub mod suspended;
