//! Tasks: what runs in the persistent Lua state, and is suspended and ended there.

pub mod call;
pub mod cancel;
mod chunk;
pub mod compact;
pub mod compute;
mod data;
pub mod eval;
pub mod host;
mod libraries;
pub mod release;
pub mod resume;
mod run;
pub mod state;
pub mod suspended;
pub mod tasks;
