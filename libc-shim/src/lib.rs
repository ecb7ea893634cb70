//! Just enough C library for Lua: one module per C header, plus what several of them stand on.
//!
//! On wasm32 the functions carry their C names, and the headers in `include/` declare them for Lua's C. On every other
//! target they are plain Rust functions, so that tests can compare them with the C library of the host. README.md says for
//! each function who calls it and where it deviates.

#![no_std]

pub mod ctype;
pub mod errno;
#[cfg(not(feature = "mini"))]
pub mod locale;
pub mod math;
pub mod stdio;
pub mod stdlib;
pub mod string;
#[cfg(not(feature = "mini"))]
pub mod time;

pub mod format;

pub mod decimal;
#[cfg(not(feature = "mini"))]
pub mod devices;
#[cfg(feature = "faults")]
pub mod faults;
#[cfg(not(feature = "mini"))]
pub mod filesystem;
pub mod heap;
pub mod single;
pub mod work;
