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

for_each_version! {
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
