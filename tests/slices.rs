//! Preemption changes nothing: a script that is paused after every k-th unit of fuel gives the result, the output, the memory
//! use and the fuel use of a run that nobody disturbs. Nor does it matter which interpreter executes it, or what memory held before.
//!
//! `make slices` takes k = 1 to 64 over the golden scripts, random programs of the differential tests that use coroutines, and
//! files of Lua's official suites; `make test` takes a few of each.

#[path = "differential/generator.rs"]
mod generator;
#[path = "differential/holes.rs"]
mod holes;
#[path = "differential/program.rs"]
#[expect(dead_code, reason = "nothing is shrunk here")]
mod program;
#[path = "differential/templates.rs"]
mod templates;

use moonlet_tests::jobs::{self, Job, STAND_INS};
use moonlet_tests::{Lua, Version, held_libraries, option, status};
use wasmtime::StoreLimits;

use generator::Generator;

/// Random programs of the short form, and its slices.
const PROGRAMS: u64 = 20;
const SLICES: [u64; 6] = [1, 2, 3, 7, 24, 64];

/// Files of the suites that run in seconds even when they are paused after each unit. 5.5 knows all of them, too.
const FILES: [&str; 20] = [
    "bitwise.lua",
    "calls.lua",
    "closure.lua",
    "code.lua",
    "constructs.lua",
    "coroutine.lua",
    "cstack.lua",
    "db.lua",
    "errors.lua",
    "events.lua",
    "goto.lua",
    "literals.lua",
    "locals.lua",
    "math.lua",
    "nextvar.lua",
    "pm.lua",
    "strings.lua",
    "tpack.lua",
    "utf8.lua",
    "vararg.lua",
];

/// The files that `make test` takes.
const SHORT_FILES: [&str; 3] = ["events.lua", "goto.lua", "vararg.lua"];

/// A run that takes more units than this is paused that many times at most, after a multiple of the units of its slice.
const MOST_UNITS: f64 = 4e5;
const FEWER_PAUSES: f64 = 2e4;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// A script and its name in a report.
struct Script {
    name: String,
    job: Job,
}

/// All that a run leaves.
#[derive(PartialEq)]
struct Outcome {
    answer: i32,
    result: Vec<u8>,
    output: Vec<u8>,
    memory: f64,
    fuel: f64,
}

impl Outcome {
    /// What differs from an undisturbed run.
    fn differences(&self, undisturbed: &Self) -> String {
        let texts = |here: &[u8], there: &[u8]| {
            let equal = here.iter().zip(there).take_while(|(here, there)| here == there).count();
            let rest =
                |bytes: &[u8]| String::from_utf8_lossy(&bytes[equal..]).chars().take(300).collect::<String>();
            format!("from byte {equal} on {:?} in place of {:?}", rest(here), rest(there))
        };
        let mut parts = Vec::new();
        if self.answer != undisturbed.answer {
            parts.push(format!("answer {} in place of {}", self.answer, undisturbed.answer));
        }
        if self.memory != undisturbed.memory {
            parts.push(format!("{} bytes in place of {}", self.memory, undisturbed.memory));
        }
        if self.fuel != undisturbed.fuel {
            parts.push(format!("{} units in place of {}", self.fuel, undisturbed.fuel));
        }
        if self.result != undisturbed.result {
            parts.push(format!("the result {}", texts(&self.result, &undisturbed.result)));
        }
        if self.output != undisturbed.output {
            parts.push(format!("the output {}", texts(&self.output, &undisturbed.output)));
        }
        parts.join("; ")
    }
}

/// Runs a script in a fresh instance with that slice, 0 for none; what it leaves, and its pauses.
fn run(version: Version, script: &Script, slice: u64) -> (Outcome, u64) {
    run_in(Lua::new(version), script, slice)
}

fn run_in(mut lua: Lua, script: &Script, slice: u64) -> (Outcome, u64) {
    lua.prepare(&script.job);
    assert_eq!(lua.set(option::SLICE, slice as f64), status::OK);
    let resume = lua.instance.get_typed_func::<(i32, u32, u32), i32>(&mut lua.store, "resume");
    let resume = resume.expect("resume");
    let buffer = lua.put(script.job.chunk.as_bytes());
    let mut answer: i32 = lua.call("compute", buffer);
    let task = lua.task();
    let mut pauses = 0;
    while answer == -status::PAUSED {
        pauses += 1;
        answer = resume.call(&mut lua.store, (task, 0, 0)).expect("resume does not trap");
    }
    lua.take(buffer);
    let (result, output) = (lua.result(), lua.drain());
    let fuel = lua.get(option::FUEL_USED);
    let outcome = Outcome { answer, result, output, memory: lua.get(option::MEMORY_USED), fuel };
    assert_eq!(lua.get(option::TASKS), 0.0, "{}", script.name);
    (outcome, pauses)
}

fn golden_scripts() -> Vec<Script> {
    let scripts = jobs::scripts();
    scripts
        .iter()
        .map(|path| Script {
            name: path.file_name().expect("a name").to_string_lossy().into(),
            job: Job::script(path),
        })
        .collect()
}

/// Programs of the differential tests, of which each makes coroutines.
fn programs(count: u64) -> Vec<Script> {
    let uses_coroutines = |source: &str| {
        let own = source.replace(program::PRELUDE, "");
        own.contains("coroutine.wrap") || own.contains("coroutine.create")
    };
    (1..)
        .map(|seed| (seed, Generator::new(seed).program()))
        .filter(|(_, program)| program.text.is_none())
        .map(|(seed, program)| (seed, String::from_utf8_lossy(&program.source()).into_owned()))
        .filter(|(_, source)| uses_coroutines(source))
        .take(count as usize)
        .map(|(seed, chunk)| Script {
            name: format!("program {seed}"),
            job: Job {
                options: vec![(option::LIBRARIES, f64::from(held_libraries())), (option::BINARY_CHUNKS, 1.0)],
                files: Vec::new(),
                chunk,
            },
        })
        .collect()
}

/// A file of the suite as all.lua prepares it in its form for users.
fn suite_script(version: Version, name: &str) -> Script {
    let mut job = Job::suite(version, "");
    let needed = [name, "tracegc.lua", "bwcoercion.lua"];
    job.files.retain(|(file, _)| needed.contains(&file.as_str()));
    job.chunk = format!(
        "{STAND_INS} _U, _soft, _port, _nomsg = true, true, true, true Message, arg = print, {{[0] = 'lua'}} \
         return dofile('{name}')"
    );
    Script { name: name.into(), job }
}

/// What was compared.
#[derive(Default)]
struct Counts {
    scripts: u64,
    files: u64,
    stretched: u64,
    runs: u64,
    pauses: u64,
    differences: Vec<String>,
}

impl Counts {
    /// Runs one script undisturbed and with each slice.
    fn compare(&mut self, version: Version, script: &Script, slices: &[u64]) {
        let (undisturbed, _) = run(version, script, 0);
        let stretch = if undisturbed.fuel > MOST_UNITS {
            self.stretched += 1;
            (undisturbed.fuel / FEWER_PAUSES).ceil() as u64
        } else {
            1
        };
        self.scripts += 1;
        for &slice in slices {
            let (outcome, pauses) = run(version, script, slice * stretch);
            self.runs += 1;
            self.pauses += pauses;
            if outcome != undisturbed {
                let differences = outcome.differences(&undisturbed);
                self.differences.push(format!("{} with slice {slice}: {differences}", script.name));
                return;
            }
        }
    }
}

fn slices(version: Version) {
    let long = setting("PROGRAMS");
    let slices: Vec<u64> = match setting("SLICES") {
        Some(most) => (1..=most).collect(),
        None => SLICES.to_vec(),
    };
    let files: &[&str] = if long.is_some() { &FILES } else { &SHORT_FILES };
    let mut scripts = golden_scripts();
    scripts.extend(programs(long.unwrap_or(PROGRAMS)));
    let own = scripts.len();
    scripts.extend(files.iter().map(|name| suite_script(version, name)));
    let mut counts = Counts::default();
    for (number, script) in scripts.iter().enumerate() {
        let before = counts.scripts;
        counts.compare(version, script, &slices);
        if number >= own {
            counts.files += counts.scripts - before;
        }
        if long.is_some() && (number % 20 == 19 || number >= own) {
            println!("{version:?}: {} of {}: {}", number + 1, scripts.len(), script.name);
        }
    }
    let Counts { scripts, files, stretched, runs, pauses, differences } = counts;
    assert!(
        differences.is_empty(),
        "{version:?}: {} scripts differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert!(pauses > 100 * runs, "{pauses} pauses in {runs} runs are too few");
    println!(
        "{version:?}: {scripts} scripts, {files} of them official test files, in {runs} runs with slices of {} to {} units \
         ({stretched} long ones with multiples of that): {pauses} pauses, equal results, output, memory and fuel",
        slices[0],
        slices[slices.len() - 1]
    );
}

/// Runs a script under a hook that never comes, or without; what it leaves. Where a hook is set, lvm.c's own interpreter executes
/// everything (src/lua/execute.c).
fn hooked(version: Version, script: &Script, is: bool) -> Outcome {
    let which = if is { "1 < 2" } else { "2 < 1" };
    // The first line names the chunk.
    let prologue = format!(
        "local hook = function() end\n\
         if {which} then debug.sethook(hook, '', 1 << 30) else debug.sethook(hook, '', 0) end"
    );
    let mut job = script.job.clone();
    job.chunk = format!("{prologue} {}", script.job.chunk);
    run(version, &Script { name: script.name.clone(), job }, 0).0
}

/// Both interpreters charge alike, and leave the same.
fn interpreters(version: Version) {
    let knows_hooks = |script: &Script| script.job.chunk.contains("sethook") || script.name == "db.lua";
    let mut scripts: Vec<_> =
        golden_scripts().into_iter().chain(programs(setting("PROGRAMS").unwrap_or(PROGRAMS))).collect();
    scripts.extend(FILES.iter().map(|name| suite_script(version, name)));
    let job = Job { options: scripts[0].job.options.clone(), files: Vec::new(), chunk: String::new() };
    let empty = Script { name: "nothing".into(), job };
    let own = hooked(version, &empty, true).fuel - hooked(version, &empty, false).fuel;
    let mut differences = Vec::new();
    let mut compared = 0;
    for script in scripts.iter().filter(|script| !knows_hooks(script)) {
        let plain = hooked(version, script, false);
        if plain.answer == -status::ERRSYNTAX {
            continue;
        }
        let mut outcome = hooked(version, script, true);
        outcome.fuel -= own;
        compared += 1;
        if outcome != plain {
            differences.push(format!("{}: {}", script.name, outcome.differences(&plain)));
        }
    }
    assert!(
        differences.is_empty(),
        "{version:?}: of {compared} scripts, {} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert!(compared > 30, "{compared} scripts are too few");
}

/// What new memory holds changes nothing, the units least of all: nothing is read that was not written.
fn fills(version: Version) {
    let filled = |script: &Script, byte: i32| {
        let mut lua = Lua::from_module(version.faults_module(), StoreLimits::default());
        lua.call::<_, ()>("fill", byte);
        run_in(lua, script, 0).0
    };
    let mut scripts = golden_scripts();
    scripts.extend(programs(setting("PROGRAMS").unwrap_or(PROGRAMS)));
    scripts.extend(FILES.iter().map(|name| suite_script(version, name)));
    let mut differences = Vec::new();
    for script in &scripts {
        let zeros = filled(script, 0);
        for byte in [1, 0x5a, 0xff] {
            let outcome = filled(script, byte);
            if outcome != zeros {
                differences.push(format!(
                    "{} in bytes {byte:#x}: {}",
                    script.name,
                    outcome.differences(&zeros)
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{version:?}: {}", differences.join("\n"));
}

#[test]
fn what_new_memory_holds_changes_nothing_in_lua54() {
    fills(Version::Lua54);
}

#[test]
fn what_new_memory_holds_changes_nothing_in_lua55() {
    fills(Version::Lua55);
}

#[test]
fn both_interpreters_charge_alike_in_lua54() {
    interpreters(Version::Lua54);
}

#[test]
fn both_interpreters_charge_alike_in_lua55() {
    interpreters(Version::Lua55);
}

#[test]
fn pauses_change_nothing_in_lua54() {
    slices(Version::Lua54);
}

#[test]
fn pauses_change_nothing_in_lua55() {
    slices(Version::Lua55);
}
