//! Modules before and after lower-eh: the first byte chooses their kind and what they may use, the others the module. Half
//! are wasm-smith's, half programs that throw and catch a lot. Those without an equivalent are refused; at the end stands how
//! many.

#![no_main]

#[path = "../../../lower-eh/tests/equal/modules.rs"]
mod modules;
#[path = "../../../lower-eh/tests/equal/programs/mod.rs"]
#[allow(dead_code, reason = "this target uses a part of it")]
mod programs;
#[path = "../../../lower-eh/tests/equal/twins.rs"]
#[allow(dead_code, reason = "this target uses a part of it")]
mod twins;

use modules::Verdict;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

static ENGINES: LazyLock<twins::Engines> = LazyLock::new(twins::Engines::new);
static COUNTS: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];

extern "C" fn print_counts() {
    let [alike, tried, threw, refused] = [0, 1, 2, 3].map(|index| COUNTS[index].load(Ordering::Relaxed));
    eprintln!("{alike} modules lowered ({tried} with try_table, {threw} with throw), {refused} refused");
}

libfuzzer_sys::fuzz_target!(
    init: {
        // SAFETY: the function takes nothing and stays.
        unsafe { libc::atexit(print_counts) };
    },
    |bytes: &[u8]| {
        let Some((variant, bytes)) = bytes.split_first() else { return };
        let wasm = match variant % 2 {
            0 => modules::arbitrary(u64::from(variant / 2), bytes),
            _ => Some(programs::generate(programs::Random::from_bytes(bytes))),
        };
        let Some(wasm) = wasm else { return };
        let counted = match modules::check(&ENGINES, "the input", &wasm, variant % 4 < 2) {
            Verdict::Refused => [false, false, false, true],
            Verdict::Alike(report) => [true, report.try_tables > 0, report.throws > 0, false],
        };
        for (count, counted) in COUNTS.iter().zip(counted) {
            count.fetch_add(u64::from(counted), Ordering::Relaxed);
        }
    }
);
