//! Arbitrary valid modules (by wasm-smith), from the bytes of a seed or of a fuzzer; and what must hold of any module: it is
//! either refused or lowered to a valid one that behaves alike.

use crate::twins::Engines;
use lower_eh::{Error, Options, Report};
use wasm_smith::{Config, Module};

/// What became of a module.
pub enum Verdict {
    Refused,
    /// It was lowered, and ran alike in both forms.
    Alike(Report),
}

/// The module that `bytes` make, if they make one; `variant` says what it may use.
pub fn arbitrary(variant: u64, bytes: &[u8]) -> Option<Vec<u8>> {
    let config = Config {
        exceptions_enabled: true,
        gc_enabled: variant.is_multiple_of(2),
        reference_types_enabled: true,
        tail_call_enabled: true,
        simd_enabled: variant.is_multiple_of(3),
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
        export_everything: variant.is_multiple_of(4),
        max_memory32_bytes: 1 << 16,
        max_memory64_bytes: 1 << 16,
        max_table_elements: 100,
        table_max_size_required: true,
        memory_max_size_required: true,
        ..Config::default()
    };
    let mut module = Module::new(config, &mut ::arbitrary::Unstructured::new(bytes)).ok()?;
    // Endless loops and recursion end in `unreachable`, at the same place in both.
    module.ensure_termination(1000).ok()?;
    Some(module.to_bytes())
}

/// Lowers a module and runs both forms; panics where they differ.
pub fn check(engines: &Engines, name: &str, wasm: &[u8], compare_switches: bool) -> Verdict {
    let options = Options { compare_switches };
    match lower_eh::lower(wasm, &options) {
        Err(Error::Refused(_)) => Verdict::Refused,
        Err(error) => panic!("{name}: {error}"),
        Ok((_, report)) => {
            engines.compare_some(name, wasm, &options, 4);
            Verdict::Alike(report)
        }
    }
}
