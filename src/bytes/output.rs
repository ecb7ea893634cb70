//! What the C files ask about the output buffer, which itself stands in `libc_shim::stdio`.

use libc_shim::stdio;

/// Whether the host has drained the output buffer.
#[unsafe(no_mangle)]
extern "C" fn moonlet_output_is_empty() -> i32 {
    i32::from(stdio::output().is_empty())
}

/// Bytes that the output buffer takes before OUTPUT is reached.
#[unsafe(no_mangle)]
extern "C" fn moonlet_output_room() -> usize {
    stdio::output_room()
}
