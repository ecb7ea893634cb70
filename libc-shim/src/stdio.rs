//! `stdio.h`: the output buffers, and streams on the in-memory file system.
//!
//! Unless `setvbuf` asks for a buffer, each write is in the file, or in an output buffer, when the call returns. Standard output
//! and standard error go to output buffers that the host drains; standard input reads the file `/dev/stdin`,
//! or a stream that the host adds to.

mod output;
#[cfg(not(feature = "mini"))]
mod streams;

pub use output::*;
#[cfg(not(feature = "mini"))]
pub use streams::*;
