//! The numbers of ABI 1, which a test holds to `src/abi/numbers.txt`.

pub mod status {
    pub const OK: i32 = 0;
    pub const YIELD: i32 = 1;
    pub const ERRRUN: i32 = 2;
    pub const ERRSYNTAX: i32 = 3;
    pub const ERRMEM: i32 = 4;
    pub const ERRERR: i32 = 5;
    pub const PAUSED: i32 = 16;
    pub const OUTPUT: i32 = 17;
    pub const BUDGET: i32 = 18;
    pub const CANCELLED: i32 = 19;
    pub const EXIT: i32 = 20;
    pub const INPUT: i32 = 21;
    pub const RESULT: i32 = 22;
    pub const BAD_ARGUMENT: i32 = 32;
    pub const BAD_STATE: i32 = 33;
    pub const BAD_DATA: i32 = 34;
    pub const TOO_BIG: i32 = 35;
    pub const POISONED: i32 = 36;
}

pub mod option {
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

/// Where the parts of the block at `info_ptr` stand.
pub mod info {
    pub const ANSWER: u32 = 0;
    pub const STATUS: u32 = 4;
    pub const TASK: u32 = 8;
    pub const KIND: u32 = 12;
    pub const RESULT_PTR: u32 = 16;
    pub const RESULT_LEN: u32 = 20;
    pub const OUTPUT_PTR: u32 = 24;
    pub const OUTPUT_LEN: u32 = 28;
    pub const ERROR_OUTPUT_PTR: u32 = 32;
    pub const ERROR_OUTPUT_LEN: u32 = 36;
    pub const FUEL_USED: u32 = 40;
    pub const MEMORY_USED: u32 = 48;
    pub const DROPPED: u32 = 56;
    pub const TASKS: u32 = 60;
}
