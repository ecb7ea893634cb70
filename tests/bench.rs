//! What the budget costs: the kernels of benches/ in the modules as they are shipped and in ones without a budget, in turn,
//! on wasmtime and on Node; what a host call takes; and how the first run of a long script on Node, which starts in the
//! engine's baseline code, compares with the second. `make bench` builds both and runs this; nothing is asserted about time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use moonlet_tests::{Lua, Version, option, status};
use wasmtime::{Module, StoreLimits};

/// The least time of so many runs counts.
const ROUNDS: usize = 7;

const HOST_CALLS: u32 = 100_000;

fn benches() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches")
}

fn chunks(folder: &str) -> Vec<PathBuf> {
    let mut chunks: Vec<PathBuf> = fs::read_dir(benches().join(folder))
        .expect("a folder of benches/")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    chunks.sort();
    chunks
}

fn kernels() -> Vec<PathBuf> {
    chunks("kernels")
}

fn name(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// A program of benches/ on Node, with its arguments still to come.
fn node(program: &str) -> Command {
    let node =
        std::env::var_os("MOONLET_NODE").expect("MOONLET_NODE names the program; make bench sets this");
    let mut command = Command::new(node);
    command.arg(benches().join(program));
    command
}

/// The pairs of numbers that a program prints, one in a line.
fn pairs(command: &mut Command) -> Vec<(f64, f64)> {
    let output = command.output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let number = |text: &str| text.parse().expect("a number");
    String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .map(|line| line.split_once(' ').expect("two numbers"))
        .map(|(one, other)| (number(one), number(other)))
        .collect()
}

fn unmetered(version: Version) -> PathBuf {
    version.path().with_extension("unmetered.wasm")
}

/// The least milliseconds that a kernel takes with a budget and without.
struct Times {
    metered: f64,
    unmetered: f64,
}

fn milliseconds(lua: &mut Lua, source: &[u8]) -> f64 {
    let buffer = lua.put(source);
    let start = Instant::now();
    let answer: i32 = lua.call("compute", buffer);
    let time = start.elapsed();
    lua.take(buffer);
    assert!(answer >= 0, "status {}", -answer);
    time.as_secs_f64() * 1e3
}

fn on_wasmtime(version: Version) -> Vec<Times> {
    let bytes = fs::read(unmetered(version)).expect("the module without a budget; build it: make bench");
    let other = Module::new(version.module().engine(), bytes).expect("a valid module");
    let mut metered = Lua::new(version);
    let mut unmetered = Lua::from_module(&other, StoreLimits::default());
    metered.set(option::FUEL, 1e15);
    kernels()
        .iter()
        .map(|path| {
            let source = fs::read(path).expect("a readable kernel");
            let mut times = Times { metered: f64::INFINITY, unmetered: f64::INFINITY };
            for _ in 0..ROUNDS {
                times.metered = times.metered.min(milliseconds(&mut metered, &source));
                times.unmetered = times.unmetered.min(milliseconds(&mut unmetered, &source));
            }
            times
        })
        .collect()
}

fn on_node(version: Version) -> Vec<Times> {
    let mut command = node("run.mjs");
    command.arg(ROUNDS.to_string()).args([version.path(), unmetered(version)]).args(kernels());
    pairs(&mut command).into_iter().map(|(metered, unmetered)| Times { metered, unmetered }).collect()
}

/// The first run of a long script and the second, in fresh processes; the median ratio counts.
fn first_runs(version: Version) {
    for chunk in chunks("long") {
        let mut ratios: Vec<f64> = (0..ROUNDS)
            .flat_map(|_| pairs(node("tiers.mjs").arg(version.path()).arg(&chunk)))
            .map(|(first, second)| first / second)
            .collect();
        ratios.sort_by(f64::total_cmp);
        let (least, median, most) = (ratios[0], ratios[ROUNDS / 2], ratios[ROUNDS - 1]);
        println!(
            "{version:?} on Node: the first run of {} takes {median:.2} times the second ({least:.2} to {most:.2})",
            name(&chunk)
        );
    }
}

fn report(engine: &str, version: Version, times: &[Times]) {
    println!("{version:?} on {engine}: milliseconds with a budget, without, and their ratio");
    let mut logarithms = 0.0;
    for (path, Times { metered, unmetered }) in kernels().iter().zip(times) {
        let name = name(path);
        let ratio = metered / unmetered;
        logarithms += ratio.ln();
        println!("  {name:12} {metered:9.2} {unmetered:9.2} {ratio:7.3}");
    }
    let mean = (logarithms / times.len() as f64).exp();
    println!("{version:?} on {engine}: geometric mean of {} ratios {mean:.3}", times.len());
}

fn host_calls(version: Version) {
    let mut lua = Lua::new(version);
    lua.set(option::FUEL, 1e15);
    let source = lua.put(format!("for i = 1, {HOST_CALLS} do host.call('f') end").as_bytes());
    let resume =
        lua.instance.get_typed_func::<(i32, u32, u32), i32>(&mut lua.store, "resume").expect("an export");
    let start = Instant::now();
    let mut answer: i32 = lua.call("compute", source);
    let task = lua.task();
    let mut calls = 0;
    while answer == -status::YIELD {
        calls += 1;
        answer = resume.call(&mut lua.store, (task, 0, 0)).expect("no trap");
    }
    let time = start.elapsed();
    assert_eq!((answer, calls), (0, HOST_CALLS));
    let each = time.as_secs_f64() * 1e6 / f64::from(HOST_CALLS);
    println!("{version:?} on wasmtime: {each:.2} microseconds for a host call that is answered at once");
}

#[test]
#[ignore = "make bench runs it, on a machine that does nothing else"]
fn bench() {
    for version in Version::ALL {
        report("wasmtime", version, &on_wasmtime(version));
        report("Node", version, &on_node(version));
        host_calls(version);
        first_runs(version);
    }
}
