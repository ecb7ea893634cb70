//! The same file on other engines: Lua's official suite in its form for users (`_U`) and the golden scripts, on Node, on wasmi and on the C
//! interpreter behind pywasm3, through the ABI alone.
//!
//! What the suite prints and how many assertions it runs must be what it is on wasmtime, to the byte. `make test` takes Node and, without
//! the counting, wasmi; `make engines` takes all three. What an engine's limits ask for stands in engines/limits.toml.

#[path = "conformance/counted.rs"]
mod counted;
#[path = "engines/external.rs"]
mod external;
#[path = "engines/limits.rs"]
mod limits;
#[path = "engines/wasmi.rs"]
mod wasmi;

use std::path::{Path, PathBuf};
use std::process::Command;

use limits::Limit;
use moonlet_tests::jobs::{self, Job};
use moonlet_tests::{Lua, Run, Version, status};
use wasmtime::{Module, StoreLimits};

/// After each job the instance must give 4 for this, or say POISONED.
const USABLE: &str = "return 2+2";

/// What a job left.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    /// The engine's words where it tore the run down; `run` then holds what the next call of `compute` answered.
    trap: Option<String>,
    run: Run,
    /// The run of [`USABLE`].
    after: Run,
    /// How many assertions ran, in the counting form of the module.
    assertions: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Node,
    Wasmi,
    Pywasm3,
}

/// A command from an environment variable that the build driver sets.
fn command(variable: &str) -> Command {
    let program = std::env::var_os(variable).unwrap_or_else(|| {
        panic!("{variable} names a program; `cargo xtask test engines` and `cargo xtask engines` set it")
    });
    Command::new(program)
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

impl Engine {
    const ALL: [Self; 3] = [Self::Node, Self::Wasmi, Self::Pywasm3];

    fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Wasmi => "wasmi",
            Self::Pywasm3 => "pywasm3",
        }
    }

    /// Its name with its version.
    fn version(self) -> String {
        let version = match self {
            Self::Node => command("MOONLET_NODE").arg("--version").output().expect("node").stdout,
            Self::Wasmi => {
                let lock = include_str!("../Cargo.lock").split_once("name = \"wasmi\"\nversion = \"");
                lock.and_then(|(_, rest)| rest.split('"').next()).expect("wasmi is locked").into()
            }
            Self::Pywasm3 => {
                let print = "import wasm3; print(wasm3.M3_VERSION)";
                command("MOONLET_PYWASM3").args(["-c", print]).output().expect("pywasm3").stdout
            }
        };
        format!("{} {}", self.name(), String::from_utf8_lossy(&version).trim())
    }

    /// What limits.toml says of it.
    fn limits(self) -> Vec<Limit> {
        let mut limits = limits::limits();
        limits.retain(|limit| limit.engine == self.name());
        limits
    }

    /// What the tests set.
    fn settings(self) -> Vec<(String, u32)> {
        self.limits().into_iter().filter_map(|limit| Some((limit.setting, limit.value?))).collect()
    }

    /// What is just enough.
    fn least_settings(self) -> Vec<(String, u32)> {
        self.limits().into_iter().map(|limit| (limit.setting, limit.enough)).collect()
    }

    /// Does the jobs, each in a fresh instance of `module`. `name` is a folder for the files that this takes.
    fn outcomes(self, name: &str, module: &[u8], jobs: &[Job], settings: &[(String, u32)]) -> Vec<Outcome> {
        let work = folder("../target/engines").join(self.name()).join(name);
        match self {
            Self::Node => {
                let mut node = command("MOONLET_NODE");
                node.args(settings.iter().map(|(setting, value)| format!("{setting}={value}")));
                node.arg(folder("engines/host.mjs"));
                external::outcomes(node, &work, module, jobs, &[])
            }
            Self::Wasmi => wasmi::outcomes(module, jobs, settings),
            Self::Pywasm3 => {
                let mut python = command("MOONLET_PYWASM3");
                python.arg(folder("engines/host.py"));
                let stack: Vec<u32> = settings.iter().map(|(_, value)| *value).collect();
                external::outcomes(python, &work, module, jobs, &stack)
            }
        }
    }
}

/// The same job on wasmtime.
fn on_wasmtime(version: Version, module: &[u8], job: &Job) -> Outcome {
    let module = Module::new(version.module().engine(), module).expect("a valid module");
    let mut lua = Lua::from_module(&module, StoreLimits::default());
    lua.prepare(job);
    let (run, after) = (lua.run(&job.chunk), lua.run(USABLE));
    let counter = lua.instance.get_global(&mut lua.store, counted::COUNTER);
    let assertions = counter.map_or(0, |counter| counter.get(&mut lua.store).unwrap_i32() as u32 as u64);
    Outcome { trap: None, run, after, assertions }
}

/// How many files and assertions ran, and how many scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    files: usize,
    assertions: u64,
    scripts: usize,
}

/// Runs the suite in a form of the module.
fn suite(engine: Engine, version: Version, form: &str, module: &[u8], settings: &[(String, u32)]) -> Counts {
    let job = Job::suite(version, "_U = true");
    let expected = on_wasmtime(version, module, &job);
    let name = format!("{}-{form}", version.name());
    let found = engine.outcomes(&name, module, std::slice::from_ref(&job), settings).remove(0);
    let output = found.run.output_text();
    let context = format!("{engine:?}, {version:?}, {form}: {:?} {}", found.trap, found.run.text());
    assert!(output.trim_end().ends_with("final OK !!!"), "{context}\n{output}");
    assert!(output == expected.run.output_text(), "{context}, other than on wasmtime:\n{output}");
    assert_eq!(found, expected, "{context}");
    let files = output.matches("***** FILE '").count();
    assert!(files > 20, "{context}: {files} files are too few");
    Counts { files, assertions: found.assertions, scripts: 0 }
}

/// Runs the golden scripts; how many there are.
fn golden_scripts(engine: Engine, version: Version) -> usize {
    let scripts = jobs::scripts();
    let jobs: Vec<Job> = scripts.iter().map(|script| Job::script(script)).collect();
    let name = format!("{}-golden", version.name());
    let outcomes = engine.outcomes(&name, &version.bytes(), &jobs, &engine.settings());
    for (script, outcome) in scripts.iter().zip(&outcomes) {
        let found = jobs::transcript(&outcome.run);
        let expected = jobs::expected(script, version);
        let context = format!("{} on {engine:?}, {version:?}: {:?}", script.display(), outcome.trap);
        assert!(found == expected, "{context}\n{found}");
        assert_eq!((outcome.after.answer, outcome.after.text().as_str()), (1, "4"), "{context}");
    }
    outcomes.len()
}

/// Shows that with less stack than it needs the suite ends in a trap, and that the instance then says so.
fn too_small_a_stack_poisons(engine: Engine, version: Version) {
    let job = [Job::suite(version, "_U = true")];
    for limit in engine.limits() {
        let mut settings = engine.settings();
        settings.retain(|(setting, _)| *setting != limit.setting);
        settings.push((limit.setting.clone(), limit.too_small));
        let name = format!("{}-limit", version.name());
        let outcome = engine.outcomes(&name, &version.bytes(), &job, &settings).remove(0);
        assert!(outcome.trap.is_some(), "{limit}: it is not too small");
        assert_eq!(outcome.run.status(), status::POISONED, "{limit}: {outcome:?}");
        assert_eq!(outcome.after.status(), status::POISONED, "{limit}: {outcome:?}");
    }
}

/// The module as it is shipped, on one engine: the suite and the golden scripts.
fn check_shipped(engine: Engine, version: Version) -> Counts {
    let scripts = golden_scripts(engine, version);
    Counts { scripts, ..suite(engine, version, "shipped", &version.bytes(), &engine.settings()) }
}

/// The same, then the suite with the least settings in the module that counts, then with less.
fn check(engine: Engine, version: Version) -> Counts {
    let shipped = check_shipped(engine, version);
    let module = counted::counted(&version.bytes(), &mut Lua::new(version));
    let counting = suite(engine, version, "counting", &module, &engine.least_settings());
    assert!(counting.assertions > 100_000, "{counting:?} are too few");
    too_small_a_stack_poisons(engine, version);
    let counts = Counts { assertions: counting.assertions, ..shipped };
    let Counts { files, assertions, scripts } = counts;
    println!(
        "{}, {version:?}: {files} files and {assertions} assertions of the suite, as on wasmtime, final OK; {scripts} golden \
         scripts equal",
        engine.version()
    );
    counts
}

#[test]
fn lua54_on_node() {
    check(Engine::Node, Version::Lua54);
}

#[test]
fn lua55_on_node() {
    check(Engine::Node, Version::Lua55);
}

#[test]
fn lua54_on_wasmi() {
    check_shipped(Engine::Wasmi, Version::Lua54);
}

#[test]
fn lua55_on_wasmi() {
    check_shipped(Engine::Wasmi, Version::Lua55);
}

#[test]
fn every_limit_is_of_an_engine() {
    for limit in limits::limits() {
        assert!(Engine::ALL.iter().any(|engine| engine.name() == limit.engine), "{limit}");
    }
}

#[test]
#[ignore = "compiles a Python package: make engines"]
fn every_engine() {
    let mut total = Counts::default();
    for engine in Engine::ALL {
        for version in Version::ALL {
            let counts = check(engine, version);
            total.files += counts.files;
            total.assertions += counts.assertions;
            total.scripts += counts.scripts;
        }
    }
    for limit in limits::limits() {
        println!("{limit}");
    }
    println!(
        "{} engines, {} versions of Lua, nothing skipped for an engine: {} files, {} assertions, {} golden scripts, all as on wasmtime",
        Engine::ALL.len(),
        Version::ALL.len(),
        total.files,
        total.assertions,
        total.scripts
    );
}
