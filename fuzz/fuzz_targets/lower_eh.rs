//! Modules by wasm-smith, before and after lower-eh: the first byte chooses what a module may use, the others the module.
//! Modules without an equivalent are refused; at the end stands how many.

#![no_main]

#[path = "../../lower-eh/tests/equal/modules.rs"]
mod modules;
#[path = "../../lower-eh/tests/equal/twins.rs"]
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
        let counted = match modules::check(&ENGINES, "the input", u64::from(*variant), bytes) {
            Verdict::None => [false; 4],
            Verdict::Refused => [false, false, false, true],
            Verdict::Alike(report) => [true, report.try_tables > 0, report.throws > 0, false],
        };
        for (count, counted) in COUNTS.iter().zip(counted) {
            count.fetch_add(u64::from(counted), Ordering::Relaxed);
        }
    }
);
