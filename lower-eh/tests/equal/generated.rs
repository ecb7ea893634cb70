//! Random programs behave alike before and after lowering.
//!
//! `LOWER_EH_PROGRAMS` sets how many, `LOWER_EH_SEED` the first seed.

use crate::programs::{self, Random};
use crate::twins::{Engines, Seen};
use lower_eh::{Error, Options};

#[test]
fn programs_behave_alike() {
    let engines = Engines::new();
    let programs = programs::setting("LOWER_EH_PROGRAMS", if cfg!(debug_assertions) { 60 } else { 1000 });
    let first = programs::setting("LOWER_EH_SEED", 1);
    let mut all = Seen::default();
    let (mut catching, mut limited, mut refused) = (0, 0, 0);
    for seed in first..first + programs {
        let wasm = programs::generate(Random::from_seed(seed));
        let options = Options { compare_switches: seed.is_multiple_of(2) };
        // Flat signatures may coincide by chance, see `refusals.rs`.
        if let Err(Error::Refused(refusal)) = lower_eh::lower(&wasm, &options) {
            assert!(refusal.instruction.contains("call_indirect"), "program {seed}: {refusal:?}");
            refused += 1;
            continue;
        }
        let (seen, _) = engines.compare(&format!("program {seed}"), &wasm, &options);
        catching += u64::from(seen.caught > 0);
        limited += u64::from(seen.limited);
        all.add(&seen);
    }
    println!(
        "{programs} programs, {catching} of them caught, {limited} ended early, {refused} refused; {all:?}"
    );
    assert!(catching * 2 > programs, "only {catching} of {programs} programs caught an exception");
    assert!(refused * 20 < programs, "{refused} of {programs} programs were refused");
    assert!(limited * 20 < programs, "{limited} of {programs} programs ran into a limit");
    assert!(all.thrown > all.calls as u64 && all.caught > all.calls as u64 / 2, "{all:?}");
    assert!(all.returns > all.calls / 10 && all.uncaught > all.calls / 10, "{all:?}");
}
