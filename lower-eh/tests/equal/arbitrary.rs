//! Modules from seeds.

use crate::modules::{self, Verdict};
use crate::programs::{self, Random};
use crate::twins::Engines;

#[test]
fn modules_are_refused_or_lowered() {
    let engines = Engines::new();
    let modules = programs::setting("LOWER_EH_MODULES", if cfg!(debug_assertions) { 100 } else { 1000 });
    let (mut lowered, mut refused, mut tried, mut threw) = (0, 0, 0, 0);
    for seed in 0..modules {
        let mut random = Random::from_seed(seed);
        let bytes: Vec<u8> = (0..4096).map(|_| random.below(256) as u8).collect();
        let Some(wasm) = modules::arbitrary(seed, &bytes) else { continue };
        match modules::check(&engines, &format!("module {seed}"), &wasm, seed % 2 == 1) {
            Verdict::Refused => refused += 1,
            Verdict::Alike(report) => {
                lowered += 1;
                tried += u64::from(report.try_tables > 0);
                threw += u64::from(report.throws > 0);
            }
        }
    }
    println!("{lowered} lowered ({tried} with try_table, {threw} with throw), {refused} refused");
    assert!(lowered * 3 > modules, "only {lowered} of {modules} modules were lowered");
    assert!(tried * 10 > lowered && threw * 50 > lowered, "{tried} with try_table, {threw} with throw");
}
