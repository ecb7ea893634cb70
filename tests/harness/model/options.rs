//! The options and figures, and what `set` answers.

use crate::{held_libraries, is_mini, option, status};

/// Values at which an option changes its mind.
#[rustfmt::skip]
pub const VALUES: [f64; 32] = [
    f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, 1023.0, 1024.0, 1440.0, -1440.0, 1441.0,
    -1441.0, 2_147_483_647.0, 2_147_483_648.0, -2_147_483_648.0, 4_294_967_295.0, 4_294_967_296.0, 9_007_199_254_740_992.0,
    9_007_199_254_740_994.0, -9_007_199_254_740_994.0, 9_223_372_036_854_775_808.0, 18_446_744_073_709_551_616.0, 1e308, -1e308,
    f64::MIN_POSITIVE, f64::EPSILON, f64::MAX,
];

/// The options, and what they are in a fresh instance.
pub const OPTIONS: [(u32, f64); 21] = [
    (option::MEMORY, 0.0),
    (option::FUEL, 0.0),
    (option::SLICE, 0.0),
    (option::OUTPUT, 0.0),
    (option::RESULT, 0.0),
    (option::HOST_CALLS, 0.0),
    (option::LIBRARIES, 4095.0),
    (option::BINARY_CHUNKS, 0.0),
    (option::FORMAT, 0.0),
    (option::FINALIZERS, 1.0),
    (option::TASKS_LIMIT, 0.0),
    (option::STRINGS, 0.0),
    (option::PAGES, 0.0),
    (option::NULLS, 0.0),
    (option::CLOCK, 0.0),
    (option::MONOTONIC, 0.0),
    (option::TIME_ZONE, 0.0),
    (option::SEED_LOW, 0.0),
    (option::SEED_HIGH, 0.0),
    (option::INPUT, 0.0),
    (option::ERROR_OUTPUT, 0.0),
];

/// The figures: numbers that can be read only.
pub const FIGURES: [u32; 8] = [
    option::MEMORY_USED,
    option::MEMORY_PEAK,
    option::FUEL_USED,
    option::TASKS,
    option::HANDLES,
    option::EXIT_CODE,
    option::LUA_VERSION_NUM,
    option::HELD_LIBRARIES,
];

/// What `set` must answer, and so whether the option then has that value; `started` says whether there is a Lua state.
pub fn set_answer(key: u32, value: f64, started: bool) -> i32 {
    let whole = |least: f64, most: f64| value >= least && value <= most && value.fract() == 0.0;
    let allowed = match key {
        option::MEMORY
        | option::FUEL
        | option::SLICE
        | option::OUTPUT
        | option::RESULT
        | option::HOST_CALLS
        | option::PAGES
        | option::TASKS_LIMIT => whole(0.0, 2f64.powi(53)),
        option::LIBRARIES => whole(0.0, 8191.0),
        option::BINARY_CHUNKS | option::FINALIZERS => whole(0.0, 1.0),
        option::FORMAT | option::STRINGS | option::NULLS | option::INPUT | option::ERROR_OUTPUT => {
            whole(0.0, 1.0)
        }
        option::CLOCK | option::MONOTONIC => value.abs() <= 2f64.powi(53),
        option::TIME_ZONE => whole(-1440.0, 1440.0),
        option::SEED_LOW | option::SEED_HIGH => whole(0.0, 4_294_967_295.0),
        _ => return status::BAD_ARGUMENT,
    };
    let left_out = match key {
        option::BINARY_CHUNKS | option::INPUT | option::CLOCK | option::MONOTONIC | option::TIME_ZONE => {
            is_mini() && value != 0.0
        }
        option::LIBRARIES => value as u32 & !held_libraries() != 0,
        _ => false,
    };
    match key {
        _ if !allowed => status::BAD_ARGUMENT,
        _ if left_out => status::BAD_STATE,
        option::LIBRARIES | option::SEED_LOW | option::SEED_HIGH if started => status::BAD_STATE,
        _ => status::OK,
    }
}
