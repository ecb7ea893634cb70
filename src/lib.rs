#![no_std]
#![allow(non_snake_case, reason = "a Lua state is named L, as in Lua's own sources")]
//! Moonlet: reference Lua in one WebAssembly file with no imports.
//!
//! The way of one call:
//!
//! ```text
//! host: alloc(len), writes the source         alloc      dlmalloc, counted against MEMORY
//! host: compute(ptr, len)                     abi        checks the busy mark, pointer and length
//!                                             state      starts Lua when there is none yet
//!                                             task       loads the chunk and runs it, protected
//!                                             lua-src    the reference interpreter in C, on libc-shim
//!                                             result     values or an error become bytes
//! host: result_ptr(), result_len()            reads them
//! ```
//!
//! Everything the instance knows is in linear memory, so a copy of the memory between calls is a copy of the instance.

mod abi;
mod alloc;
mod compact;
#[cfg(feature = "faults")]
mod faults;
mod files;
mod handler;
mod handles;
mod host;
mod libraries;
mod list;
mod lua;
mod meter;
mod msgpack;
mod options;
mod output;
mod poison;
mod result;
mod state;
mod status;
mod task;
mod tasks;

/// Nothing in the module panics on purpose; what LLVM cannot prove unreachable ends here, as a trap.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
