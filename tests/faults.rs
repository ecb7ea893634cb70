//! What happens when memory runs out at any one place: for each script of tests/faults, the n-th allocation fails, once
//! and from then on, for every n; and the engine refuses to grow memory beyond every page.
//!
//! `make faults` does all of it, `make test` a sample.

use std::fs;
use std::path::Path;

use moonlet_tests::{Lua, Random, Version, held_libraries, option, status};
use wasmtime::{Module, StoreLimits, StoreLimitsBuilder};

/// Faults of `make test`, for each version.
const SAMPLE: u64 = 1500;

/// What the scripts may leave behind.
const FILES: &[&str] = &["one", "two", "three", "dir/module.lua"];

struct Script {
    name: String,
    source: Vec<u8>,
}

fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults");
    let mut scripts: Vec<Script> = fs::read_dir(folder)
        .expect("tests/faults")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| Script {
            name: path.file_name().expect("a name").to_string_lossy().into_owned(),
            source: fs::read(&path).expect("a readable script"),
        })
        .collect();
    scripts.sort_by(|one, other| one.name.cmp(&other.name));
    scripts
}

/// How many runs ended in which way.
#[derive(Debug, Default)]
struct Counts {
    faults: u64,
    out_of_memory: u64,
    other_errors: u64,
    seen_by_the_script: u64,
    without_effect: u64,
}

/// What a run left: the answer, the output and the result.
#[derive(PartialEq)]
struct Ending {
    answer: i32,
    output: Vec<u8>,
    result: Vec<u8>,
}

fn run(lua: &mut Lua, source: (u32, u32)) -> Result<Ending, String> {
    let answer: i32 = lua.try_call("compute", source).map_err(|trap| format!("a trap: {trap}"))?;
    Ok(Ending { answer, output: lua.drain(), result: lua.result() })
}

/// Removes what stays when the state ends, and tells whether all memory was given back. `reset` would forget what was not,
/// so the module for these tests has an export that gives back block by block.
fn all_freed(lua: &mut Lua) -> Result<(), String> {
    const MEMORY_USED: u32 = moonlet_tests::option::MEMORY_USED;
    lua.call::<_, ()>("close", ());
    if lua.get(MEMORY_USED) != 0.0 {
        for name in FILES {
            lua.eval(format!("os.remove('{name}')"));
        }
        lua.call::<_, ()>("close", ());
    }
    match lua.get(MEMORY_USED) {
        0.0 => Ok(()),
        bytes => Err(format!("{bytes} bytes leaked")),
    }
}

impl Counts {
    /// Judges how a run with a fault ended, beside one without.
    fn add(&mut self, ending: &Ending, undisturbed: &Ending) -> Result<(), String> {
        self.faults += 1;
        let text = String::from_utf8_lossy(&ending.result);
        match -ending.answer.min(0) {
            status::ERRMEM if !text.contains("not enough memory") => {
                return Err(format!("status 4, but {text}"));
            }
            status::ERRMEM => self.out_of_memory += 1,
            _ if ending == undisturbed => self.without_effect += 1,
            status::OK => self.seen_by_the_script += 1,
            status::ERRRUN | status::ERRERR => self.other_errors += 1,
            other => return Err(format!("status {other}: {text}")),
        }
        Ok(())
    }

    fn line(&self, version: Version, what: &str) -> String {
        let Self { faults, out_of_memory, other_errors, seen_by_the_script, without_effect } = self;
        format!(
            "{version:?}: {faults} {what}: {out_of_memory} ended in status 4, {other_errors} in another error, the script saw \
             {seen_by_the_script}, {without_effect} changed nothing; no trap, no leak, and 2+2 is 4 after each"
        )
    }
}

/// An instance with every library, and standard input for the script that reads it.
fn fresh(module: &Module, limits: StoreLimits, script: &Script) -> Lua {
    let mut lua = Lua::from_module(module, limits);
    assert_eq!(lua.set(option::LIBRARIES, f64::from(held_libraries())), status::OK);
    if script.name == "input.lua" {
        assert_eq!(lua.set(option::INPUT, 1.0), status::OK);
        assert_eq!(
            lua.write_input(&b"a line of some length, which is read\n 12.5 rest\n\n".repeat(20)),
            status::OK
        );
        assert_eq!(lua.write_input(b""), status::OK);
    }
    lua
}

/// One script with one fault; what went wrong.
fn one_fault(
    module: &Module,
    script: &Script,
    number: u32,
    from_then_on: bool,
    undisturbed: &Ending,
    counts: &mut Counts,
) -> Result<(), String> {
    let mut lua = fresh(module, StoreLimits::default(), script);
    let source = lua.put(&script.source);
    lua.call::<_, ()>("fault", (number, u32::from(from_then_on)));
    let ending = run(&mut lua, source);
    if ending.is_ok() {
        lua.call::<_, ()>("fault", (0, 0));
    }
    counts.add(&ending?, undisturbed)?;
    lua.take(source);
    lua.assert_usable();
    // The state that saw the fault goes on: the same script ends as it should, and then all memory comes back.
    let source = lua.put(&script.source);
    let again = run(&mut lua, source)?;
    lua.take(source);
    if again.answer < 0 && again.answer != undisturbed.answer {
        return Err(format!("a second run failed: {}", String::from_utf8_lossy(&again.result)));
    }
    all_freed(&mut lua)
}

fn undisturbed(module: &Module, script: &Script) -> (Ending, u32) {
    let mut lua = fresh(module, StoreLimits::default(), script);
    let source = lua.put(&script.source);
    lua.call::<_, ()>("fault", (0, 0));
    let ending = run(&mut lua, source).expect("no trap");
    let allocations = lua.call("allocations", ());
    assert!(ending.answer >= 0 || script.name == "errors.lua", "{}", String::from_utf8_lossy(&ending.result));
    (ending, allocations)
}

fn allocations_fail(version: Version) {
    let most: u64 = std::env::var("FAULTS").map_or(SAMPLE, |text| text.parse().expect("FAULTS is a number"));
    let (module, scripts) = (version.faults_module(), scripts());
    let mut faults = Vec::new();
    let calm: Vec<_> = scripts.iter().map(|script| undisturbed(module, script)).collect();
    for (script, (_, allocations)) in calm.iter().enumerate() {
        faults
            .extend((1..=*allocations).flat_map(|number| [(script, number, false), (script, number, true)]));
    }
    let mut random = Random(5);
    while faults.len() as u64 > most {
        let place = random.below(faults.len() as u64) as usize;
        faults.swap_remove(place);
    }
    let mut counts = Counts::default();
    let mut failures = Vec::new();
    for (script, number, from_then_on) in faults {
        let result = one_fault(module, &scripts[script], number, from_then_on, &calm[script].0, &mut counts);
        if let Err(failure) = result {
            let mode = if from_then_on { "from then on" } else { "once" };
            failures.push(format!("{}, allocation {number}, {mode}: {failure}", scripts[script].name));
        }
    }
    assert!(
        failures.is_empty(),
        "{version:?}, {}:\n{}",
        failures.len(),
        failures[..failures.len().min(20)].join("\n")
    );
    println!("{}", counts.line(version, "allocations failed"));
    assert!(counts.out_of_memory > counts.faults / 10, "status 4 is what most faults end in");
    assert!(counts.seen_by_the_script > 0 && counts.without_effect > 0, "{counts:?}");
}

/// Calls a function of the script with references; from one of its allocations on all fail. Each number that arrived is told as dropped
/// once, and none where the call was refused, also when the first attempt to tell fails.
fn a_fault_loses_no_reference(version: Version) {
    let module = version.faults_module();
    let numbers: Vec<u8> = (0..40).collect();
    let references = numbers.iter().flat_map(|number| [0xd6, 2, 0, 0, 0, *number]);
    let data: Vec<u8> = b"\xdc\0\x29\xa4drop".iter().copied().chain(references).collect();
    let told: Vec<u8> = [0xdc, 0, 40].into_iter().chain(numbers).collect();
    let (mut refused, mut ended) = (0, 0);
    for number in 1.. {
        let mut lua = Lua::from_module(module, StoreLimits::default());
        lua.eval("function drop() end");
        let buffer = lua.put(&data);
        lua.call::<_, ()>("fault", (number, 1));
        let answer: i32 = lua.call("call", buffer);
        let allocations: u32 = lua.call("allocations", ());
        lua.call::<_, ()>("fault", (0, 0));
        lua.take(buffer);
        assert!(!lua.call::<_, f64>("compact", ()).is_nan());
        lua.call::<_, ()>("fault", (1, 1));
        let again: i32 = lua.call("dropped", ());
        lua.call::<_, ()>("fault", (0, 0));
        assert_eq!(again, -status::ERRMEM, "allocation {number}");
        let mut result = lua.dropped().result;
        result.get_mut(3..).unwrap_or_default().sort_unstable();
        if -answer >= status::BAD_ARGUMENT {
            assert_eq!(result, [0x90], "allocation {number}, answer {answer}");
            refused += 1;
        } else {
            assert_eq!(result, told, "allocation {number}, answer {answer}");
            ended += 1;
        }
        lua.assert_usable();
        if allocations < number {
            break;
        }
    }
    assert!(refused > 40 && ended > 0, "{refused} calls were refused, {ended} not");
}

fn growth_is_refused(version: Version) {
    let module = version.faults_module();
    let mut counts = Counts::default();
    for script in scripts() {
        let new = |pages: u64| {
            let limits = StoreLimitsBuilder::new().memory_size((pages << 16) as usize).build();
            fresh(module, limits, &script)
        };
        let mut lua = new(1 << 14);
        let first = lua.memory.size(&lua.store);
        let source = lua.put(&script.source);
        let undisturbed = run(&mut lua, source).expect("no trap");
        let last = lua.memory.size(&lua.store);
        for pages in first..=last {
            let mut lua = new(pages);
            let context = format!("{}, {pages} pages, {version:?}", script.name);
            let Some(source) = lua.try_put(&script.source) else { continue };
            let ending = run(&mut lua, source).unwrap_or_else(|trap| panic!("{context}: {trap}"));
            counts.add(&ending, &undisturbed).unwrap_or_else(|failure| panic!("{context}: {failure}"));
            lua.take(source);
            let two = lua.run("return 2+2");
            assert_eq!(two.text(), "4", "{context}");
            // The engine gives way again.
            *lua.store.data_mut() = StoreLimits::default();
            let source = lua.put(&script.source);
            let again = run(&mut lua, source).unwrap_or_else(|trap| panic!("{context}: {trap}"));
            assert_eq!(again.answer >= 0, undisturbed.answer >= 0, "{context}, again");
            lua.take(source);
            all_freed(&mut lua).unwrap_or_else(|failure| panic!("{context}: {failure}"));
        }
    }
    println!("{}", counts.line(version, "pages refused"));
    assert!(counts.out_of_memory + counts.other_errors + counts.seen_by_the_script > 10, "{counts:?}");
}

#[test]
fn allocations_fail_lua54() {
    allocations_fail(Version::Lua54);
}

#[test]
fn allocations_fail_lua55() {
    allocations_fail(Version::Lua55);
}

#[test]
fn a_fault_loses_no_reference_lua54() {
    a_fault_loses_no_reference(Version::Lua54);
}

#[test]
fn a_fault_loses_no_reference_lua55() {
    a_fault_loses_no_reference(Version::Lua55);
}

#[test]
fn growth_is_refused_lua54() {
    growth_is_refused(Version::Lua54);
}

#[test]
fn growth_is_refused_lua55() {
    growth_is_refused(Version::Lua55);
}
