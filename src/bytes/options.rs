//! Options that more than one room reads.

use libc_shim::single::Single;

/// What FORMAT can be, beside 1, MessagePack.
const TEXT: i32 = 0;

/// The option FORMAT, and the form of the task that runs, which is the option's when it starts.
static FORMAT: Single<i32> = Single::new(TEXT);
static RUNNING_FORMAT: Single<i32> = Single::new(TEXT);
/// Whether strings that go to the host say by their type only that they are bytes.
static STRINGS: Single<bool> = Single::new(false);
/// Whether nil within arrays and maps is a value to scripts.
static NULLS: Single<bool> = Single::new(false);
/// Bytes that a result may have; 0 is no limit.
static RESULT: Single<f64> = Single::new(0.0);
/// The mask of libraries that a new state opens.
static LIBRARIES: Single<u32> = Single::new(SAFE_LIBRARIES);

/// Every library that there is (`libraries.rs` has their bits).
pub const ALL_LIBRARIES: u32 = (1 << 13) - 1;
/// Those that this module holds. The mini variant has base, coroutine, math, string, table, utf8 and host.
pub const HELD_LIBRARIES: u32 =
    if cfg!(feature = "mini") { 1 | 4 | 32 | 128 | 256 | 512 | 2048 } else { ALL_LIBRARIES };
/// Those with which no script can break the instance: without the last one, all of `debug`.
const SAFE_LIBRARIES: u32 = HELD_LIBRARIES & ALL_LIBRARIES >> 1;

/// The option FORMAT.
pub fn format() -> i32 {
    FORMAT.get()
}

pub fn set_format(format: i32) {
    FORMAT.set(format);
}

/// Chooses the form of the results to come.
pub fn run_with_format(format: i32) {
    RUNNING_FORMAT.set(format);
}

/// Whether the running task has the form of text.
pub fn is_text() -> bool {
    RUNNING_FORMAT.get() == TEXT
}

/// The option STRINGS: whether every string that goes to the host is `bin`.
pub fn strings_are_bytes() -> bool {
    STRINGS.get()
}

pub fn set_strings(bytes: bool) {
    STRINGS.set(bytes);
}

/// The option NULLS: whether nil within arrays and maps arrives as `host.null`.
pub fn nulls() -> bool {
    NULLS.get()
}

pub fn set_nulls(nulls: bool) {
    NULLS.set(nulls);
}

/// The option RESULT.
pub fn result() -> f64 {
    RESULT.get()
}

pub fn set_result(bytes: f64) {
    RESULT.set(bytes);
}

/// Bytes that a result may have.
pub fn result_limit() -> usize {
    limit(RESULT.get())
}

/// The option LIBRARIES.
pub fn libraries() -> u32 {
    LIBRARIES.get()
}

pub fn set_libraries(mask: u32) {
    LIBRARIES.set(mask);
}

/// 0 means no limit, and none is larger than memory.
pub fn limit(bytes: f64) -> usize {
    if bytes == 0.0 { usize::MAX } else { bytes as usize }
}
