//! A host of the benches on wasmtime: `wasmtime MODULE BEFORE KERNEL [once | count]`.
//!
//! For each line of standard input it runs both chunks in a fresh state of the one instance, and prints the milliseconds of the
//! kernel and what it printed. `once` runs at once, with code for the same instruction set on every machine, for valgrind; `count`
//! prints the WebAssembly instructions of the kernel in the place of its milliseconds. What an engine compiles is kept in
//! `target/bench/compiled`.

use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use moonlet_tests::Lua;
use moonlet_tests::kernels::measure;
use wasmtime::{Config, Engine, Module, StoreLimits};

/// What x86-64-v2 has, which every machine of the last fifteen years has too.
const STEADY_FEATURES: [&str; 6] =
    ["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt", "has_cmpxchg16b"];

/// The time on the wall, or with CLOCK=cpu the processor's, which other programs do not add to.
fn clock() -> Duration {
    let which = if std::env::var_os("CLOCK").is_some_and(|clock| clock == "cpu") {
        libc::CLOCK_PROCESS_CPUTIME_ID
    } else {
        libc::CLOCK_MONOTONIC
    };
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock is one that Linux has, and the time is this function's own.
    assert_eq!(unsafe { libc::clock_gettime(which, &mut time) }, 0);
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec as u32)
}

/// How a kernel is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Serve,
    Once,
    Count,
}

fn engine(mode: Mode) -> Result<Engine, Box<dyn Error>> {
    let mut config = Config::new();
    config.consume_fuel(mode == Mode::Count);
    if mode == Mode::Once {
        config.target("x86_64-unknown-linux-gnu")?;
        for feature in STEADY_FEATURES {
            // SAFETY: the flags name instructions that the machine has; a machine without them is no host of the benches.
            unsafe { config.cranelift_flag_enable(feature) };
        }
        // Small enough for valgrind, and the same on every machine.
        config.memory_reservation(1 << 32);
    }
    Ok(Engine::new(&config)?)
}

/// The module's code, from an earlier run where there was one.
fn module(engine: &Engine, path: &Path) -> Result<Module, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench/compiled");
    let compiled = folder.join(format!("{:016x}.cwasm", hasher.finish()));
    if !compiled.exists() {
        fs::create_dir_all(&folder)?;
        let partial = compiled.with_extension(std::process::id().to_string());
        fs::write(&partial, engine.precompile_module(&bytes)?)?;
        fs::rename(&partial, &compiled)?;
    }
    // SAFETY: only this program writes into the folder, whole files, each by what `precompile_module` answered.
    Ok(unsafe { Module::deserialize_file(engine, &compiled)? })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [path, before, kernel, rest @ ..] = arguments.as_slice() else {
        return Err("usage: wasmtime MODULE BEFORE KERNEL [once | count]".into());
    };
    let mode = match rest.first().and_then(|word| word.to_str()) {
        Some("once") => Mode::Once,
        Some("count") => Mode::Count,
        _ => Mode::Serve,
    };
    let (before, kernel) = (fs::read(before)?, fs::read(kernel)?);
    let engine = engine(mode)?;
    let mut lua = Lua::from_module(&module(&engine, path)?, StoreLimits::default());
    let mut once = || -> Result<(), Box<dyn Error>> {
        let measured = measure(&mut lua, clock, &before, &kernel)?;
        match measured.instructions {
            Some(count) => println!("{count} {}", measured.output),
            None => println!("{:.4} {}", measured.time.as_secs_f64() * 1e3, measured.output),
        }
        Ok(std::io::stdout().flush()?)
    };
    if mode != Mode::Serve {
        return once();
    }
    for line in std::io::stdin().lock().lines() {
        line?;
        once()?;
    }
    Ok(())
}
