//! Values on their way between Lua and the host.

mod encoding;
pub mod error;
pub mod handles;
pub mod listing;
pub mod msgpack;
pub mod references;
pub mod result;
