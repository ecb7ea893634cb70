//! What the C files ask about the output buffers, which themselves stand in `libc_shim::stdio`.

use libc_shim::stdio::{self, Channel, FILE};

/// Whether a stream writes to an output buffer.
///
/// # Safety
/// `stream` is open.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_is_output(stream: *const FILE) -> i32 {
    // SAFETY: as the caller upholds.
    i32::from(unsafe { stdio::channel_of(stream) }.is_some())
}

/// The channel of a stream that writes to an output buffer.
///
/// # Safety
/// `stream` is open.
unsafe fn channel(stream: *const FILE) -> Channel {
    // SAFETY: as the caller upholds.
    unsafe { stdio::channel_of(stream) }.unwrap_or(Channel::Standard)
}

/// Whether the host has drained the output buffer that a stream writes to.
///
/// # Safety
/// `stream` is open.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_output_is_empty(stream: *const FILE) -> i32 {
    // SAFETY: as the caller upholds.
    i32::from(stdio::output_is_empty(unsafe { channel(stream) }))
}

/// Bytes that the output buffer which a stream writes to takes before OUTPUT is reached.
///
/// # Safety
/// `stream` is open.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_output_room(stream: *const FILE) -> usize {
    // SAFETY: as the caller upholds.
    stdio::output_room(unsafe { channel(stream) })
}
