//! Every module in `tests/wat` behaves alike before and after lowering.

use std::path::{Path, PathBuf};

use crate::twins::{Engines, Seen};
use lower_eh::Options;

fn modules() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wat");
    let entries = std::fs::read_dir(folder).expect("the folder of modules");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn modules_behave_alike() {
    let engines = Engines::new();
    let mut all = Seen::default();
    for file in modules() {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let wasm = wat::parse_file(&file).unwrap_or_else(|error| panic!("{error}"));
        for compare_switches in [false, true] {
            let (seen, _) = engines.compare(&name, &wasm, &Options { compare_switches });
            assert!(seen.calls > 0, "{name} runs nothing");
            all.add(&seen);
        }
    }
    println!("{all:?}");
    assert!(all.returns > 500 && all.uncaught > 50, "{all:?}");
}
