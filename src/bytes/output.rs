//! What the C files ask about the output buffer, which itself stands in `libc_shim::stdio`.

use libc_shim::stdio;

/// Whether a write found the output buffer full since the last call.
#[unsafe(no_mangle)]
extern "C" fn moonlet_take_overflow() -> i32 {
    i32::from(stdio::take_overflow())
}

/// Bytes that the output buffer still takes.
#[unsafe(no_mangle)]
extern "C" fn moonlet_output_room() -> usize {
    stdio::output_room()
}
