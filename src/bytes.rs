//! Bytes that the host gives and takes, and the numbers that all rooms above read.

pub mod alloc;
pub mod answer;
#[cfg(not(feature = "mini"))]
pub mod files;
#[cfg(not(feature = "mini"))]
pub mod input;
pub mod list;
pub mod options;
pub mod output;
pub mod status;
