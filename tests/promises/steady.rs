//! The kernels of benches/ take no more WebAssembly instructions than tests/golden says, and print what they print in native Lua.
//!
//! `make bench-steady BLESS=1` writes the figures anew; read the difference before committing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use moonlet_tests::kernels::{self, measure};
use moonlet_tests::{Lua, Version};

/// What a kernel may grow by before its golden figure must change.
const GROWTH: f64 = 1.02;

/// By kernel: WebAssembly instructions, and the output.
fn golden(version: Version) -> BTreeMap<String, (f64, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("golden/steady.{}.txt", version.name()));
    let text = fs::read_to_string(path).expect("golden figures; make bench-steady BLESS=1 writes them");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.splitn(4, ' ');
            let mut next = || parts.next().expect("a name, two numbers and an output");
            let (name, instructions, _, output) = (next(), next(), next(), next());
            (name.to_string(), (instructions.parse().expect("a number"), output.to_string()))
        })
        .collect()
}

/// Where wasmtime's code of the first function, the interpreter, reads the next instruction and jumps to what executes it, in bytes from the
/// beginning of the module's code, which begins with a page: from what most of its jumps lead to, until the jump of which a table tells the target.
#[cfg(target_arch = "x86_64")]
fn fetch(module: &wasmtime::Module) -> std::ops::Range<usize> {
    let first = module.functions().next().expect("a function");
    let code = &module.text()[first.offset..first.offset + first.len];
    let mut jumps = BTreeMap::new();
    for (place, bytes) in code.windows(5).enumerate() {
        if let [0xe9, distance @ ..] = bytes {
            let distance = i32::from_le_bytes(distance.try_into().expect("four bytes"));
            let target = usize::try_from(place as i64 + 5 + i64::from(distance));
            if let Ok(target) = target
                && target < code.len()
            {
                *jumps.entry(target).or_insert(0) += 1;
            }
        }
    }
    let (&begin, count) = jumps.iter().max_by_key(|(_, count)| **count).expect("jumps");
    assert!(*count > 40, "only {count} jumps lead to {begin:#x}");
    let jump = code[begin..].windows(2).position(|bytes| matches!(bytes, [0xff, 0xe0..=0xe7]));
    first.offset + begin..first.offset + begin + jump.expect("a jump by a table") + 2
}

for_each_version! {
    /// Of 64 bytes, which processors fetch at once: tight loops take a fifth longer with two (RATIONALE.md).
    #[cfg(target_arch = "x86_64")]
    fn the_interpreter_fetches_instructions_by_code_on_one_line(version: Version) {
        let fetch = fetch(version.module());
        assert!(fetch.len() > 20 && fetch.len() < 64, "{fetch:?}");
        assert_eq!(
            fetch.start / 64,
            (fetch.end - 1) / 64,
            "{fetch:#x?} lies on two lines: what stands before the loop of moonlet_execute_leaf (leaf.h) moves it"
        );
    }

    fn kernels_take_what_they_took(version: Version) {
        let mut golden = golden(version);
        let mut grown = Vec::new();
        for kernel in kernels::all() {
            let name = &kernel.name;
            let (expected, output) = golden
                .remove(name)
                .unwrap_or_else(|| panic!("{name} is new: make bench-steady BLESS=1 writes its figure"));
            let mut lua = Lua::metered(version);
            let measured = measure(&mut lua, Duration::default, kernel.before.as_bytes(), &kernel.source).expect("a kernel that runs");
            assert_eq!(measured.output, output, "{name} prints something else than in native Lua");
            let ratio = measured.instructions.expect("an engine that counts") as f64 / expected;
            if ratio > GROWTH {
                grown.push(format!("{name}: {ratio:.3} times"));
            }
        }
        assert!(golden.is_empty(), "without a kernel: {:?}", golden.keys());
        assert!(
            grown.is_empty(),
            "kernels of {version:?} take more WebAssembly instructions than tests/golden says: {grown:?}; \
             make them take less, or write the figures anew: make bench-steady BLESS=1"
        );
    }
}
