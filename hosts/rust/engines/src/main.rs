//! The vectors and the programs on every engine, and what costs what beside mlua.

mod bench;
mod embed;
mod exports;
#[path = "../../tests/host/programs.rs"]
mod programs;
mod tinywasm;
#[path = "../../tests/host/vectors.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are those of the crate")]
mod vectors;
mod wasmer;

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use moonlet::engine::{Engine, EngineBuilder, Runtime};
use moonlet::{Libraries, Lua, Result, Version};
use serde_json::json;

/// Prints a line of JSON for each engine: its version, how many vectors and programs passed of how many, or why not.
#[derive(Parser)]
struct Arguments {
    /// The row of one engine alone; or `bench`: the ten tasks beside mlua, `embed`: what the bare exports cost, in lines of JSON.
    #[arg(value_parser = names())]
    what: Option<String>,
    /// Of `embed`: a host, and how many of its states to measure the memory of.
    #[arg(num_args = 2)]
    states: Vec<String>,
}

fn names() -> PossibleValuesParser {
    ENGINES.iter().map(|(name, _)| *name).chain(["bench", "embed"]).into()
}

/// An engine: its name, and what makes it.
type Candidate = (&'static str, fn(Version) -> Result<Engine>);

const ENGINES: &[Candidate] = &[
    ("wasmtime, Cranelift", |version| builder(version).build()),
    ("wasmtime, Winch", |version| {
        let mut config = ::wasmtime::Config::new();
        config.strategy(::wasmtime::Strategy::Winch);
        builder(version).wasmtime_config(config).build()
    }),
    ("wasmtime, Pulley", |version| {
        let mut config = ::wasmtime::Config::new();
        config.target("pulley64").expect("a target that was compiled in");
        builder(version).wasmtime_config(config).build()
    }),
    ("wasmtime, pooling", |version| builder(version).pooling(64, 256 << 20).build()),
    ("wasmi", |version| builder(version).runtime(Runtime::Wasmi).build()),
    ("wasmer, Singlepass", wasmer::engine),
    ("tinywasm", tinywasm::engine),
];

fn builder(version: Version) -> EngineBuilder {
    Engine::builder().version(version)
}

/// The version of an engine, which the manifest pins.
fn version(engine: &str) -> &'static str {
    let name = engine.split(',').next().unwrap_or(engine);
    let mut lines = include_str!("../Cargo.toml").lines();
    let line = lines.find(|line| line.starts_with(&format!("{name} = ")));
    let version = line.and_then(|line| line.split("version = ").nth(1).or(line.split(" = ").nth(1)));
    version.and_then(|rest| rest.split('"').nth(1)).map_or("?", |version| version.trim_start_matches('='))
}

/// Levels of C calls, and milliseconds at best of a new state with its first result, of fib(24), and of 10,000 texts formatted and joined.
fn figures(engine: &Engine) -> Result<serde_json::Value> {
    fn shortest(mut work: impl FnMut() -> Result<()>) -> Result<f64> {
        let mut best = f64::INFINITY;
        for _ in 0..9 {
            let began = Instant::now();
            work()?;
            best = best.min(began.elapsed().as_secs_f64() * 1e3);
        }
        Ok(best)
    }
    let new = || Lua::builder().engine(engine).build();
    let lua = new()?;
    let depth: i64 = lua.eval(include_str!("../../../programs/figures/depth.lua"))?;
    let timed = |script: &str| shortest(|| lua.eval::<i64>(script).map(drop));
    Ok(json!({
        "depth": depth,
        "start_ms": shortest(|| new()?.eval::<i64>("return 1").map(drop))?,
        "fib_ms": timed(include_str!("../../../programs/figures/fib.lua"))?,
        "strings_ms": timed(include_str!("../../../programs/figures/strings.lua"))?,
    }))
}

/// How many of Lua's official suites pass in their form for users, and what is wrong with the others; none where MOONLET_TESTES does not name their folder.
fn suites(make: fn(Version) -> Result<Engine>) -> Result<Option<(usize, Vec<String>)>> {
    let Some(testes) = std::env::var_os("MOONLET_TESTES") else { return Ok(None) };
    let (mut passed, mut failed) = (0, Vec::new());
    for (version, name) in SUITES {
        let printed = Arc::new(Mutex::new(Vec::new()));
        let sink = || {
            let printed = printed.clone();
            move |bytes: &[u8]| printed.lock().expect("no panic").extend_from_slice(bytes)
        };
        let builder = Lua::builder()
            .engine(&make(version)?)
            .memory(0)
            .seed(0)
            .clock(1_767_225_600.0)
            .binary_chunks(true);
        let builder =
            builder.libraries(Libraries::SAFE | Libraries::DEBUG_FULL).output(sink()).error_output(sink());
        let lua = builder.build()?;
        lua.files().write("a", "")?;
        for file in
            std::fs::read_dir(Path::new(&testes).join(name).join("testes")).expect("a folder of the suites")
        {
            let path = file.expect("a file").path();
            if path.extension().is_some_and(|extension| extension == "lua") {
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                lua.files().write(name, std::fs::read(path).expect("a file of the suite"))?;
            }
        }
        let ended = lua.eval::<()>(include_str!("../../../programs/figures/conformance.lua"));
        let printed = String::from_utf8_lossy(&printed.lock().expect("no panic")).into_owned();
        match ended {
            Ok(()) if printed.contains("final OK") => passed += 1,
            Ok(()) => failed.push(format!("the suite of {name} does not end well")),
            Err(error) => failed.push(format!("the suite of {name}: {error}")),
        }
    }
    Ok(Some((passed, failed)))
}

const SUITES: [(Version, &str); 2] = [(Version::Lua54, "lua54"), (Version::Lua55, "lua55")];

/// What one engine passes, printed; whether that is all. Each runs in a process of its own, which a crash would end alone.
fn row(name: &str) -> Result<bool> {
    let (_, make) = ENGINES.iter().find(|(known, _)| *known == name).expect("an engine of the list");
    let mut vectors = 0;
    for version in [Version::Lua54, Version::Lua55] {
        vectors += self::vectors::run(&make(version)?);
    }
    make(Version::Lua54)?.share(Version::Lua54)?;
    let (all, mut failed) = programs::run();
    let programs = [all - failed.len(), all];
    let suites = suites(*make)?;
    if let Some((_, wrong)) = &suites {
        failed.extend(wrong.iter().cloned());
    }
    let is_well = failed.is_empty();
    let mut row = json!({"engine": name, "version": version(name), "vectors": [vectors, vectors], "programs": programs, "failed": failed});
    if let (Some(row), serde_json::Value::Object(figures)) =
        (row.as_object_mut(), figures(&make(Version::Lua54)?)?)
    {
        row.extend(figures);
        if let Some((passed, _)) = suites {
            row.insert("conformance".into(), json!([passed, SUITES.len()]));
        }
    }
    println!("{row}");
    Ok(is_well)
}

/// The rows of all; whether each passed all.
fn rows() -> bool {
    let mut well = true;
    for (name, _) in ENGINES {
        let program = std::env::current_exe().expect("this program has a path");
        let output = Command::new(program).arg(name).output().expect("this program starts");
        print!("{}", String::from_utf8_lossy(&output.stdout));
        well &= output.status.success();
        if output.stdout.is_empty() {
            let told = String::from_utf8_lossy(&output.stderr);
            let why = told.lines().find(|line| !line.trim().is_empty()).unwrap_or("it crashed");
            println!("{}", json!({"engine": name, "version": version(name), "failed": [why]}));
        }
    }
    well
}

fn main() {
    let arguments = Arguments::parse();
    let well = match arguments.what.as_deref() {
        None => rows(),
        Some("bench") => {
            bench::run();
            true
        }
        Some("embed") => {
            embed::run(&arguments.states);
            true
        }
        Some(name) => match row(name) {
            Ok(is_well) => is_well,
            Err(error) => {
                eprintln!("{error}");
                false
            }
        },
    };
    std::process::exit(i32::from(!well));
}
