#![no_std]
#![allow(non_snake_case, reason = "a Lua state is named L, as in Lua's own sources")]
//! Moonlet: reference Lua in one WebAssembly file with no imports.
//!
//! The way of one call, from room to room:
//!
//! ```text
//! host: alloc(len), writes the source         bytes      dlmalloc, counted against MEMORY
//! host: compute(ptr, len)                     abi        checks the busy mark, pointer and length
//!                                             task       starts Lua when there is none yet, loads the chunk, runs it
//!                                             lua-src    the reference interpreter in C, on libc-shim
//!                                             values     values or an error become bytes
//! host: result_ptr(), result_len()            bytes      holds them
//! ```
//!
//! A room uses those below it in this list, never one above (`tests/promises/sources.rs` looks); all use `lua`, the room of how our
//! Lua differs (`src/lua/README.md`). Everything the instance knows is in linear memory, so a copy of the memory between calls is a
//! copy of the instance.

mod abi;
mod bytes;
#[path = "lua/lua.rs"]
mod lua;
mod task;
mod values;

/// Nothing in the module panics on purpose; what LLVM cannot prove unreachable ends here, as a trap.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
