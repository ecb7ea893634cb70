//! The module against native Lua, built from the same C files: random programs give the same output, results, errors and
//! tracebacks, byte for byte.
//!
//! `make differential PROGRAMS=n SEED=s` runs any number of them.

#[path = "differential/generator.rs"]
mod generator;
#[path = "differential/holes.rs"]
mod holes;
#[path = "differential/native.rs"]
mod native;
#[path = "differential/program.rs"]
mod program;
#[path = "differential/templates.rs"]
mod templates;

use moonlet_tests::{Lua, Version, held_libraries, option, status};

use generator::Generator;
use native::Native;
use program::Program;

const PROGRAMS: u64 = 10_000;
const SEED: u64 = 20_260_101;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// A run of the module in the form of the native program's transcript.
fn module_transcript(version: Version, source: &[u8]) -> Vec<u8> {
    let mut lua = Lua::new(version);
    // As in native Lua, `debug` is whole, and `load` takes precompiled chunks.
    assert_eq!(lua.set(option::LIBRARIES, f64::from(held_libraries())), status::OK);
    assert_eq!(lua.set(option::BINARY_CHUNKS, 1.0), status::OK);
    let buffer = lua.put(source);
    if let Err(trap) = lua.try_call::<_, i32>("compute", buffer) {
        return format!("{trap}").into_bytes();
    }
    let status: i32 = lua.call("status", ());
    let (output, result) = (lua.drain(), lua.result());
    [format!("{status}\n{}\n", output.len()).as_bytes(), &output, &result].concat()
}

/// What the programs did, so that nobody takes a run for a test that tested nothing.
#[derive(Debug, Default)]
struct Counts {
    finished: u64,
    failed: u64,
    refused: u64,
    tracebacks: u64,
    bytes: u64,
}

impl Counts {
    fn add(&mut self, transcript: &[u8]) {
        let status: i32 =
            String::from_utf8_lossy(transcript).lines().next().unwrap_or_default().parse().unwrap_or(-1);
        match status {
            status::OK => self.finished += 1,
            status::ERRSYNTAX => self.refused += 1,
            _ => self.failed += 1,
        }
        self.tracebacks += u64::from(transcript.windows(15).any(|window| window == b"stack traceback"));
        self.bytes += transcript.len() as u64;
    }
}

/// Panics with the smallest program found that shows the difference.
fn report(version: Version, seed: u64, program: &Program, native: &mut Native) -> String {
    let mut differs = |program: &Program| {
        let source = program.source();
        module_transcript(version, &source) != native.run(&source)
    };
    let small = program.shrink(&mut differs);
    let source = small.source();
    let (here, there) = (module_transcript(version, &source), native.run(&source));
    let first = here.iter().zip(&there).take_while(|(here, there)| here == there).count();
    let prelude = (if small.prelude { program::PRELUDE.len() } else { 0 }) + small.title.len();
    format!(
        "{version:?} differs from native Lua, SEED={seed} PROGRAMS=1, at byte {first} of\n{}{}\n-- module:\n{}\n-- native:\n{}\n",
        if small.prelude { "(prelude.lua)\n" } else { "" },
        String::from_utf8_lossy(&source[prelude..]),
        String::from_utf8_lossy(&here),
        String::from_utf8_lossy(&there),
    )
}

fn compare(version: Version) {
    let (programs, seed) = (setting("PROGRAMS", PROGRAMS), setting("SEED", SEED));
    let mut native = Native::start(version);
    let mut counts = Counts::default();
    let mut differences = Vec::new();
    for seed in seed..seed + programs {
        let program = Generator::new(seed).program();
        let source = program.source();
        let expected = native.run(&source);
        counts.add(&expected);
        if module_transcript(version, &source) != expected {
            differences.push(report(version, seed, &program, &mut native));
            if differences.len() == 5 {
                break;
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let Counts { finished, failed, refused, tracebacks, bytes } = counts;
    println!(
        "{version:?}: {programs} programs as in native Lua: {finished} ended, {failed} raised an error, \
         {refused} did not compile; {tracebacks} tracebacks, {bytes} bytes compared"
    );
    if programs >= 1000 {
        let tenth = programs / 20;
        assert!(
            finished > 4 * tenth && failed > 2 * tenth && refused > tenth / 2,
            "the programs are one-sided"
        );
        assert!(bytes / programs > 500, "the programs print next to nothing");
    }
}

#[test]
fn programs_run_as_in_native_lua_54() {
    compare(Version::Lua54);
}

#[test]
fn programs_run_as_in_native_lua_55() {
    compare(Version::Lua55);
}
