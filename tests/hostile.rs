//! No script runs on after its fuel: each of tests/hostile, in every position that could shield it, is stopped by FUEL or
//! MEMORY, and `return 2+2` is 4 afterwards.
//!
//! `make hostile` does all of it and reports the time that a unit of fuel takes; `make test` does a part with less fuel.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use moonlet_tests::{Lua, Version, held_libraries, is_mini, option, status};
use wasmtime::Trap;

/// Nothing takes near as long. What does is torn down by the engine, and so fails.
const SECONDS: u64 = 60;

/// Units between two pauses of a script that runs in slices.
const SLICE: f64 = 10_000.0;

/// What an aim of the project calls soon, for the report.
const SOON: Duration = Duration::from_millis(20);

/// A script whose runs take longer is named as it goes.
const SLOW: Duration = Duration::from_secs(10);

struct Script {
    name: String,
    source: String,
    /// Statuses beside BUDGET and ERRMEM that may end it, from the end of its first line.
    ends_itself: bool,
}

/// What the mini variants leave out, as scripts name it.
const LEFT_OUT: [&str; 9] =
    ["debug", "dofile", "io.", "loadfile", "msgpack", "os.", "package", "require", "string.dump"];

/// Whether a script has what it attacks in the module under test.
fn applies(script: &Script) -> bool {
    let continues = |letter: char| letter.is_alphanumeric() || letter == '_';
    let names = |name: &&str| {
        script.source.match_indices(*name).any(|(at, _)| !script.source[..at].ends_with(continues))
    };
    !is_mini() || !script.name.starts_with("input_") && !LEFT_OUT.iter().any(names)
}

fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile");
    let mut scripts: Vec<Script> = fs::read_dir(folder)
        .expect("tests/hostile")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let source = fs::read_to_string(&path).expect("a readable script");
            let first = source.lines().next().expect("a first line");
            assert!(first.starts_with("-- "), "{}: the first line says what it attacks", path.display());
            Script {
                name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
                ends_itself: first.ends_with("(ERRRUN)"),
                source,
            }
        })
        .collect();
    scripts.retain(applies);
    scripts.sort_by(|one, other| one.name.cmp(&other.name));
    scripts
}

/// Where a script stands when it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// In a chunk of its own.
    Chunk,
    /// In slices, each a call of the host.
    Slices,
    /// In a function that the host calls.
    Call,
    Coroutine,
    /// Again and again, whatever it raises.
    Pcall,
    Handler,
    Close,
    Finalizer,
    Comparator,
    Metamethod,
}

impl Position {
    const ALL: [Self; 10] = [
        Self::Chunk,
        Self::Slices,
        Self::Call,
        Self::Coroutine,
        Self::Pcall,
        Self::Handler,
        Self::Close,
        Self::Finalizer,
        Self::Comparator,
        Self::Metamethod,
    ];

    /// The chunk that runs a script in this position; the function `attack` is the script.
    fn driver(self) -> &'static str {
        match self {
            Self::Chunk | Self::Slices | Self::Call => "",
            Self::Coroutine => "coroutine.wrap(attack)()",
            Self::Pcall => "while true do pcall(attack) end",
            Self::Handler => "while true do xpcall(error, attack) end",
            Self::Close => {
                "local meta = {__close = attack}
                while true do pcall(function() local c <close> = setmetatable({}, meta) end) end"
            }
            Self::Finalizer => {
                "local meta = {__gc = attack} while true do setmetatable({}, meta) collectgarbage() end"
            }
            Self::Comparator => "while true do pcall(table.sort, {3, 1, 2}, attack) end",
            Self::Metamethod => {
                "local t = setmetatable({}, {__index = attack})
                while true do pcall(function() return t.x end) end"
            }
        }
    }

    /// Whether an error of the script is the run's.
    fn shows_errors(self) -> bool {
        matches!(self, Self::Chunk | Self::Slices | Self::Call | Self::Coroutine)
    }
}

/// One run of a script.
#[derive(Clone, Copy, Debug)]
struct Case {
    position: Position,
    fuel: f64,
    memory: f64,
}

/// What a run took.
#[derive(Clone, Copy)]
struct Figures {
    units: f64,
    time: Duration,
    /// The longest call of the host.
    longest: Duration,
}

/// Calls an export that runs the script; what went wrong is that the engine had to stop it.
fn timed(
    lua: &mut Lua,
    export: &str,
    task: Option<i32>,
    data: &[u8],
    figures: &mut Figures,
) -> Result<i32, String> {
    let (ptr, len) = lua.put(data);
    let start = Instant::now();
    let answer = match task {
        None => lua.try_call::<_, i32>(export, (ptr, len)),
        Some(task) => lua.try_call::<_, i32>(export, (task, ptr, len)),
    };
    let time = start.elapsed();
    figures.time += time;
    figures.longest = figures.longest.max(time);
    let answer = answer.map_err(|trap| match trap {
        Trap::Interrupt => format!("still running after {SECONDS} seconds"),
        trap => format!("a trap: {trap}"),
    })?;
    lua.take((ptr, len));
    lua.drain();
    Ok(-answer.min(0))
}

/// Runs a script to its end; the status.
fn run(lua: &mut Lua, script: &Script, position: Position, figures: &mut Figures) -> Result<i32, String> {
    let source = &script.source;
    match position {
        Position::Chunk => timed(lua, "compute", None, source.as_bytes(), figures),
        Position::Slices => {
            lua.set(option::SLICE, SLICE);
            let mut status = timed(lua, "compute", None, source.as_bytes(), figures)?;
            while status == status::PAUSED {
                let task = lua.task();
                status = timed(lua, "resume", Some(task), b"", figures)?;
            }
            lua.set(option::SLICE, 0.0);
            Ok(status)
        }
        Position::Call => {
            lua.eval(format!("function attack() {source}\nend"));
            timed(lua, "call", None, b"\x91\xa6attack", figures)
        }
        _ => {
            let chunk = format!("local function attack() {source}\nend {}", position.driver());
            timed(lua, "compute", None, chunk.as_bytes(), figures)
        }
    }
}

/// What one step may be charged beyond the fuel: work on all of memory, at its dearest.
fn residue(memory: f64) -> f64 {
    10_000.0 + memory / 8.0
}

fn try_case(version: Version, script: &Script, case: Case) -> Result<Figures, String> {
    let mut lua = Lua::with_seconds(version, SECONDS);
    if script.name.starts_with("debug_full_") {
        assert_eq!(lua.set(option::LIBRARIES, f64::from(held_libraries())), status::OK);
    }
    if script.name.starts_with("reference_") {
        lua.eval("function take(r) reference = r end");
        assert_eq!(lua.call_function(b"\x92\xa4take\xd6\x02\0\0\0\x05").status(), status::OK);
    }
    if script.name.starts_with("input_") {
        assert_eq!(lua.set(option::INPUT, 1.0), status::OK);
        assert_eq!(lua.write_input(&b"  \n-12e5 a line \n\n0x".repeat(20_000)), status::OK);
        assert_eq!(lua.write_input(b""), status::OK);
    }
    lua.set(option::MEMORY, case.memory);
    lua.set(option::FUEL, case.fuel);
    let mut figures = Figures { units: 0.0, time: Duration::ZERO, longest: Duration::ZERO };
    let status = run(&mut lua, script, case.position, &mut figures)?;
    figures.units = lua.get(option::FUEL_USED);
    let may_fail = script.ends_itself && case.position.shows_errors();
    if !(matches!(status, status::BUDGET | status::ERRMEM) || may_fail && status == status::ERRRUN) {
        return Err(format!("status {status}: {}", String::from_utf8_lossy(&lua.result())));
    }
    if figures.units > case.fuel + residue(case.memory) {
        return Err(format!("{} units used", figures.units));
    }
    let run = lua.run("return 2+2");
    if run.text() != "4" {
        return Err(format!("2+2 ends in status {}: {}", run.status(), run.text()));
    }
    lua.call::<_, i32>("reset", ());
    let used = lua.get(option::MEMORY_USED);
    if used != 0.0 && !script.name.starts_with("file_") {
        return Err(format!("{used} bytes are left after reset"));
    }
    Ok(figures)
}

/// The worst that one script did.
struct Worst<'a> {
    name: &'a str,
    /// Nanoseconds of a unit, where enough was run to tell.
    unit: f64,
    longest: Duration,
    residue: f64,
}

impl<'a> Worst<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, unit: 0.0, longest: Duration::ZERO, residue: 0.0 }
    }

    fn add(&mut self, case: Case, figures: &Figures) {
        if figures.units > 20_000.0 {
            self.unit = self.unit.max(figures.time.as_nanos() as f64 / figures.units);
        }
        if case.position == Position::Slices {
            self.longest = self.longest.max(figures.longest);
        }
        self.residue = self.residue.max(figures.units - case.fuel);
    }
}

fn report(version: Version, mut worst: Vec<Worst<'_>>) {
    const SHOWN: usize = 10;
    worst.sort_by(|one, other| other.unit.total_cmp(&one.unit));
    let median = worst[worst.len() / 2].unit;
    println!("{version:?}: nanoseconds of a unit of fuel, median {median:.1}, worst:");
    for Worst { name, unit, .. } in worst.iter().take(SHOWN) {
        println!("  {unit:9.1}  {:6.1} times the median  {name}", unit / median);
    }
    worst.sort_by_key(|script| std::cmp::Reverse(script.longest));
    println!("{version:?}: milliseconds of the longest slice of {SLICE} units, worst:");
    for Worst { name, longest, .. } in worst.iter().take(SHOWN) {
        println!("  {:9.1}  {name}", longest.as_secs_f64() * 1e3);
    }
    worst.sort_by(|one, other| other.residue.total_cmp(&one.residue));
    println!("{version:?}: units used beyond FUEL, worst:");
    for Worst { name, residue, .. } in worst.iter().take(SHOWN) {
        println!("  {residue:9}  {name}");
    }
    let soon = worst.iter().filter(|script| script.longest <= SOON).count();
    println!(
        "{version:?}: in {soon} of {} scripts no slice of {SLICE} units took more than {} ms",
        worst.len(),
        SOON.as_millis()
    );
}

/// The runs of the script that has that number.
fn cases(number: usize) -> Vec<Case> {
    const SMALL: f64 = 4_194_304.0;
    const LARGE: f64 = 67_108_864.0;
    if std::env::var_os("FULL").is_none() {
        let other = Position::ALL[1 + number % (Position::ALL.len() - 1)];
        return [Position::Chunk, other]
            .map(|position| Case { position, fuel: 100_000.0, memory: LARGE })
            .into();
    }
    let mut cases = Vec::new();
    for position in Position::ALL {
        cases.push(Case { position, fuel: 1_000_000.0, memory: SMALL });
    }
    for (position, fuel) in [
        (Position::Chunk, 1000.0),
        (Position::Chunk, 100_000.0),
        (Position::Slices, 2_000_000.0),
        (Position::Chunk, 10_000_000.0),
    ] {
        cases.push(Case { position, fuel, memory: LARGE });
    }
    cases
}

fn every_script_is_stopped(version: Version) {
    let scripts = scripts();
    assert!(scripts.len() >= 60, "{} scripts", scripts.len());
    let only = std::env::var("SCRIPT").ok();
    let (mut failures, mut worst, mut runs) = (Vec::new(), Vec::new(), 0);
    for (number, script) in scripts.iter().enumerate() {
        if only.as_ref().is_some_and(|only| !script.name.contains(only.as_str())) {
            continue;
        }
        let mut most = Worst::new(&script.name);
        let start = Instant::now();
        for case in cases(number) {
            runs += 1;
            match try_case(version, script, case) {
                Ok(figures) => most.add(case, &figures),
                Err(failure) => failures.push(format!("{}, {case:?}: {failure}", script.name)),
            }
        }
        worst.push(most);
        if number % 50 == 49 || start.elapsed() > SLOW {
            let seconds = start.elapsed().as_secs();
            println!("{version:?}: {} of {}: {}, {seconds} s", number + 1, scripts.len(), script.name);
        }
    }
    report(version, worst);
    assert!(failures.is_empty(), "{version:?}, {} of {runs}:\n{}", failures.len(), failures.join("\n"));
    println!("{version:?}: {} scripts, {runs} runs: all stopped, and 2+2 is 4 after each", scripts.len());
}

#[test]
fn every_script_is_stopped_lua54() {
    every_script_is_stopped(Version::Lua54);
}

#[test]
fn every_script_is_stopped_lua55() {
    every_script_is_stopped(Version::Lua55);
}
