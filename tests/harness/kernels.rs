//! The kernels of `benches/kernels` in an instance: what `make bench` and `make bench-steady` time and count, and a test too.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{Lua, option, status};

/// What a run of a kernel took, and what it printed.
#[derive(Clone, Debug)]
pub struct Measured {
    pub time: Duration,
    /// WebAssembly instructions, where the engine counts them.
    pub instructions: Option<u64>,
    pub output: String,
}

/// A kernel, with its argument for a short run.
#[derive(Clone, Debug)]
pub struct Kernel {
    pub name: String,
    /// The chunk that runs before it.
    pub before: String,
    pub source: Vec<u8>,
}

/// All kernels of ours, ordered by name.
pub fn all() -> Vec<Kernel> {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches");
    let rest = fs::read_to_string(benches.join("before.lua")).expect("a readable file");
    let mut paths: Vec<PathBuf> = fs::read_dir(benches.join("kernels"))
        .expect("a folder of kernels")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let kernel = |path: PathBuf| {
        let source = fs::read_to_string(&path).expect("a readable kernel");
        let short = source.split_once(", short ").and_then(|(_, rest)| rest.split_once(':'));
        let (short, _) = short.expect("a first line with an argument for a short run");
        Kernel {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            before: format!("arg = {{ [0] = \"kernel\", \"{short}\" }}\n{rest}"),
            source: source.into_bytes(),
        }
    };
    paths.into_iter().map(kernel).collect()
}

fn run(lua: &mut Lua, source: &[u8]) -> Result<String, String> {
    let buffer = lua.put(source);
    let answer: i32 = lua.call("compute", buffer);
    lua.take(buffer);
    let result = String::from_utf8_lossy(&lua.result()).into_owned();
    if answer < 0 { Err(format!("status {}: {result}", -answer)) } else { Ok(result) }
}

/// Runs a kernel in a fresh state of the instance, with a budget that it does not use up; `clock` says what time it is.
pub fn measure(
    lua: &mut Lua,
    clock: fn() -> Duration,
    before: &[u8],
    kernel: &[u8],
) -> Result<Measured, String> {
    assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
    lua.set(option::FUEL, 1e15);
    run(lua, before)?;
    let counts = lua.store.set_fuel(u64::MAX).is_ok();
    let start = clock();
    run(lua, kernel)?;
    let time = clock() - start;
    let instructions = lua.store.get_fuel().ok().filter(|_| counts).map(|left| u64::MAX - left);
    Ok(Measured { time, instructions, output: run(lua, b"return OUTPUT()")? })
}
