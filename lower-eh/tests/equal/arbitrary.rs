//! Arbitrary valid modules (by wasm-smith): each is either refused or lowered to a valid module that behaves alike.

use crate::programs::{self, Random};
use crate::twins::Engines;
use lower_eh::{Error, Options};
use wasm_smith::{Config, Module};

fn module(seed: u64) -> Option<Vec<u8>> {
    let mut random = Random(seed);
    let bytes: Vec<u8> = (0..4096).map(|_| random.below(256) as u8).collect();
    let config = Config {
        exceptions_enabled: true,
        gc_enabled: seed.is_multiple_of(2),
        reference_types_enabled: true,
        tail_call_enabled: true,
        simd_enabled: seed.is_multiple_of(3),
        relaxed_simd_enabled: false,
        threads_enabled: false,
        shared_everything_threads_enabled: false,
        canonicalize_nans: true,
        min_tags: 1,
        max_tags: 4,
        min_funcs: 2,
        max_funcs: 12,
        max_instructions: 200,
        max_imports: 0,
        export_everything: seed.is_multiple_of(4),
        max_memory32_bytes: 1 << 16,
        max_memory64_bytes: 1 << 16,
        max_table_elements: 100,
        table_max_size_required: true,
        memory_max_size_required: true,
        ..Config::default()
    };
    let mut module = Module::new(config, &mut ::arbitrary::Unstructured::new(&bytes)).ok()?;
    // Endless loops and recursion end in `unreachable`, at the same place in both.
    module.ensure_termination(1000).ok()?;
    Some(module.to_bytes())
}

#[test]
fn modules_are_refused_or_lowered() {
    let engines = Engines::new();
    let modules = programs::setting("LOWER_EH_MODULES", if cfg!(debug_assertions) { 100 } else { 1000 });
    let (mut lowered, mut refused, mut tried, mut threw) = (0, 0, 0, 0);
    for seed in 0..modules {
        let Some(wasm) = module(seed) else { continue };
        let name = format!("module {seed}");
        let options = Options { compare_switches: !seed.is_multiple_of(2) };
        match lower_eh::lower(&wasm, &options) {
            Err(Error::Refused(_)) => refused += 1,
            Err(error) => panic!("{name}: {error}"),
            Ok((_, report)) => {
                lowered += 1;
                tried += u64::from(report.try_tables > 0);
                threw += u64::from(report.throws > 0);
                engines.compare_some(&name, &wasm, &options, 4);
            }
        }
    }
    println!("{lowered} lowered ({tried} with try_table, {threw} with throw), {refused} refused");
    assert!(lowered * 3 > modules, "only {lowered} of {modules} modules were lowered");
    assert!(tried * 10 > lowered && threw * 50 > lowered, "{tried} with try_table, {threw} with throw");
}
