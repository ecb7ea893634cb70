//! Values on their way between Lua and the host.

pub mod dropped;
mod encoding;
pub mod error;
pub mod handles;
#[cfg(not(feature = "mini"))]
pub mod listing;
pub mod msgpack;
pub mod references;
pub mod result;
