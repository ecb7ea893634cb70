//! Options that the host sets, and figures that it reads, by number.

use libc_shim::single::Single;
#[cfg(not(feature = "mini"))]
use libc_shim::time;
use libc_shim::{heap, stdio};

use crate::bytes::options::limit;
use crate::bytes::{options, status};
use crate::lua::{self, meter};
use crate::task::{host, state, suspended};
use crate::values::handles;

mod key {
    pub const MEMORY: u32 = 1;
    pub const FUEL: u32 = 2;
    pub const SLICE: u32 = 3;
    pub const OUTPUT: u32 = 4;
    pub const RESULT: u32 = 5;
    pub const HOST_CALLS: u32 = 6;
    pub const LIBRARIES: u32 = 7;
    pub const BINARY_CHUNKS: u32 = 8;
    pub const FORMAT: u32 = 9;
    pub const FINALIZERS: u32 = 10;
    pub const TASKS_LIMIT: u32 = 11;
    pub const STRINGS: u32 = 12;
    pub const PAGES: u32 = 13;
    pub const NULLS: u32 = 14;
    pub const INPUT: u32 = 15;
    pub const CLOCK: u32 = 16;
    pub const MONOTONIC: u32 = 17;
    pub const TIME_ZONE: u32 = 18;
    pub const SEED_LOW: u32 = 19;
    pub const SEED_HIGH: u32 = 20;
    pub const ERROR_OUTPUT: u32 = 21;
    pub const MEMORY_USED: u32 = 32;
    pub const MEMORY_PEAK: u32 = 33;
    pub const FUEL_USED: u32 = 34;
    pub const TASKS: u32 = 35;
    pub const HANDLES: u32 = 36;
    pub const EXIT_CODE: u32 = 37;
    pub const LUA_VERSION_NUM: u32 = 38;
    pub const HELD_LIBRARIES: u32 = 39;
}

/// No offset from UTC is larger, in minutes.
const DAY: f64 = 1440.0;

/// Seconds beyond which a double no longer counts whole ones.
const LAST_SECOND: f64 = 9_007_199_254_740_992.0;

unsafe extern "C" {
    static mut moonlet_seed: u64;
    static mut moonlet_binary_chunks: i32;
    static mut moonlet_finalizers: i32;
    static moonlet_exit_code: i32;
}

static MEMORY: Single<f64> = Single::new(0.0);
static PAGES: Single<f64> = Single::new(0.0);
static OUTPUT: Single<f64> = Single::new(0.0);

fn whole(value: f64, least: f64, most: f64) -> bool {
    (least..=most).contains(&value) && value as i64 as f64 == value
}

/// Sets an option; a status.
pub fn set(key: u32, value: f64) -> i32 {
    if !allowed(key, value) {
        return status::BAD_ARGUMENT;
    }
    if is_left_out(key) && value != 0.0
        || key == key::LIBRARIES && value as u32 & !options::HELD_LIBRARIES != 0
    {
        return status::BAD_STATE;
    }
    if matches!(key, key::LIBRARIES | key::SEED_LOW | key::SEED_HIGH) && state::started().is_some() {
        return status::BAD_STATE;
    }
    match key {
        key::MEMORY => {
            MEMORY.set(value);
            heap::set_limit(limit(value));
        }
        key::PAGES => {
            PAGES.set(value);
            heap::set_page_limit(limit(value));
        }
        key::FUEL => meter::set_fuel(value as u64),
        key::SLICE => meter::set_slice(value as u64),
        key::HOST_CALLS => host::set_limit(value as u64),
        key::TASKS_LIMIT => suspended::set_limit(value as u64),
        key::FORMAT => options::set_format(value as i32),
        key::STRINGS => options::set_strings(value == 1.0),
        key::NULLS => options::set_nulls(value == 1.0),
        key::OUTPUT => {
            OUTPUT.set(value);
            stdio::set_output_limit(limit(value));
        }
        #[cfg(not(feature = "mini"))]
        key::INPUT => stdio::choose_input_stream(value == 1.0),
        key::ERROR_OUTPUT => stdio::set_error_output_apart(value == 1.0),
        key::RESULT => options::set_result(value),
        key::LIBRARIES => options::set_libraries(value as u32),
        #[cfg(not(feature = "mini"))]
        key::CLOCK => time::set_clock(value),
        #[cfg(not(feature = "mini"))]
        key::MONOTONIC => time::set_monotonic(value),
        #[cfg(not(feature = "mini"))]
        key::TIME_ZONE => time::set_time_zone(value as i32),
        _ => set_guard(key, value),
    }
    status::OK
}

/// Whether the option is of what this module leaves out; it stays 0 then.
fn is_left_out(key: u32) -> bool {
    // No array of them: it would lie on the stack, where a call that only reads leaves nothing.
    cfg!(feature = "mini")
        && matches!(key, key::BINARY_CHUNKS | key::INPUT | key::CLOCK | key::MONOTONIC | key::TIME_ZONE)
}

/// Sets the time zone by a TZ string; a status.
#[cfg(not(feature = "mini"))]
pub fn set_time_zone(text: &[u8]) -> i32 {
    if time::set_time_zone_rule(text) { status::OK } else { status::BAD_DATA }
}

/// The options that `guard.c` reads.
fn set_guard(key: u32, value: f64) {
    // SAFETY: variables of guard.c, on the module's only thread.
    unsafe {
        match key {
            key::BINARY_CHUNKS => moonlet_binary_chunks = value as i32,
            key::FINALIZERS => moonlet_finalizers = value as i32,
            key::SEED_LOW => moonlet_seed = moonlet_seed & !0xffff_ffff | value as u64,
            key::SEED_HIGH => moonlet_seed = moonlet_seed & 0xffff_ffff | (value as u64) << 32,
            _ => {}
        }
    }
}

/// Whether `value` is one that the option can have; false for a number that names no option.
fn allowed(key: u32, value: f64) -> bool {
    match key {
        key::MEMORY
        | key::FUEL
        | key::SLICE
        | key::OUTPUT
        | key::RESULT
        | key::HOST_CALLS
        | key::PAGES
        | key::TASKS_LIMIT => whole(value, 0.0, LAST_SECOND),
        key::LIBRARIES => whole(value, 0.0, f64::from(options::ALL_LIBRARIES)),
        key::BINARY_CHUNKS
        | key::FINALIZERS
        | key::FORMAT
        | key::STRINGS
        | key::NULLS
        | key::INPUT
        | key::ERROR_OUTPUT => value == 0.0 || value == 1.0,
        key::CLOCK | key::MONOTONIC => (-LAST_SECOND..=LAST_SECOND).contains(&value),
        key::TIME_ZONE => whole(value, -DAY, DAY),
        key::SEED_LOW | key::SEED_HIGH => whole(value, 0.0, f64::from(u32::MAX)),
        _ => false,
    }
}

/// An option or a figure; NaN for a number that names none.
pub fn get(key: u32) -> f64 {
    // SAFETY: variables of guard.c, on the module's only thread.
    unsafe {
        match key {
            key::MEMORY => MEMORY.get(),
            key::PAGES => PAGES.get(),
            key::FUEL => meter::fuel() as f64,
            key::SLICE => meter::slice() as f64,
            key::HOST_CALLS => host::limit() as f64,
            key::TASKS_LIMIT => suspended::limit() as f64,
            key::OUTPUT => OUTPUT.get(),
            key::RESULT => options::result(),
            key if is_left_out(key) => 0.0,
            #[cfg(not(feature = "mini"))]
            key::INPUT => f64::from(u8::from(stdio::input_is_stream())),
            key::ERROR_OUTPUT => f64::from(u8::from(stdio::error_output_is_apart())),
            key::LIBRARIES => f64::from(options::libraries()),
            key::BINARY_CHUNKS => f64::from(moonlet_binary_chunks),
            key::FORMAT => f64::from(options::format()),
            key::FINALIZERS => f64::from(moonlet_finalizers),
            key::STRINGS => f64::from(u8::from(options::strings_are_bytes())),
            key::NULLS => f64::from(u8::from(options::nulls())),
            #[cfg(not(feature = "mini"))]
            key::CLOCK => time::clock_seconds(),
            #[cfg(not(feature = "mini"))]
            key::MONOTONIC => time::monotonic_seconds(),
            #[cfg(not(feature = "mini"))]
            key::TIME_ZONE => f64::from(time::time_zone()),
            key::SEED_LOW => f64::from(moonlet_seed as u32),
            key::SEED_HIGH => f64::from((moonlet_seed >> 32) as u32),
            key::MEMORY_USED => heap::used() as f64,
            key::MEMORY_PEAK => heap::peak() as f64,
            key::FUEL_USED => meter::used() as f64,
            key::TASKS => suspended::count() as f64,
            key::HANDLES => match state::started() {
                Some(L) => f64::from(meter::uncounted(|| handles::count(L))),
                None => 0.0,
            },
            key::EXIT_CODE => f64::from(moonlet_exit_code),
            key::HELD_LIBRARIES => f64::from(options::HELD_LIBRARIES),
            key::LUA_VERSION_NUM => f64::from(lua::VERSION_NUM),
            _ => f64::NAN,
        }
    }
}
