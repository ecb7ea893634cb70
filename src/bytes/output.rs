//! What the C files ask about the output buffers, and write into them, which themselves stand in `libc_shim::stdio`.

use core::slice;

use libc_shim::stdio::{self, Channel};

/// The channel of that number in `moonlet.h`.
fn channel(number: i32) -> Channel {
    if number == 0 { Channel::Standard } else { Channel::Error }
}

/// The number of the channel that a stream writes to; -1 where it writes to none.
///
/// # Safety
/// `stream` is open.
#[cfg(not(feature = "mini"))]
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_channel(stream: *const stdio::FILE) -> i32 {
    // SAFETY: as the caller upholds.
    match unsafe { stdio::channel_of(stream) } {
        Some(Channel::Standard) => 0,
        Some(Channel::Error) => 1,
        None => -1,
    }
}

/// Whether the host has drained a channel's buffer.
#[unsafe(no_mangle)]
extern "C" fn moonlet_output_is_empty(number: i32) -> i32 {
    i32::from(stdio::output_is_empty(channel(number)))
}

/// Bytes that a channel's buffer takes before OUTPUT is reached.
#[unsafe(no_mangle)]
extern "C" fn moonlet_output_room(number: i32) -> usize {
    stdio::output_room(channel(number))
}

/// Appends to a channel's buffer; 0, and nothing is written, when memory is out.
///
/// # Safety
/// `text` has `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn moonlet_write_output(number: i32, text: *const u8, length: usize) -> i32 {
    // SAFETY: as the caller upholds.
    i32::from(stdio::append(channel(number), unsafe { slice::from_raw_parts(text, length) }))
}
