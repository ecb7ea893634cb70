//! What runs the modules: no engine, by several compilers, and engines with a C API. Each has to pass tests, vectors and programs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use super::compile::Compiler;
use super::{PROGRAMS, c_files, check_program, package, run_vectors, translated_all};
use crate::finish;
use crate::root;
use crate::tools::Tools;

/// A back end as a compiler is told of it.
pub struct Backend {
    pub name: &'static str,
    pub version: String,
    compiler: Compiler,
    /// What answers `test_module`, and the back end itself.
    sources: Vec<PathBuf>,
    objects: Vec<PathBuf>,
    flags: Vec<String>,
    last: Vec<String>,
}

/// The first words of a program's `--version`.
pub fn version(program: &str) -> Result<String> {
    let output =
        Command::new(program).arg("--version").output().with_context(|| format!("there is no {program}"))?;
    let line = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_string();
    let number = line
        .split(' ')
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()) && word.contains('.'));
    Ok(number.unwrap_or(&line).trim_end_matches(')').to_string())
}

/// The modules whose suites are run.
const SUITES: [&str; 2] = ["lua54", "lua55"];

/// Names of all back ends, in the order of the table.
pub const ALL: [&str; 5] = ["wasm2c, gcc", "wasm2c, clang", GUARDED, "wasmtime", "wasm3"];

/// The back end whose accesses of memory are checked by pages that nobody may touch, and what asks for it.
const GUARDED: &str = "wasm2c, gcc, guard pages";
const GUARD_PAGES: &str = "-DMOONLET_GUARD_PAGES";

/// The tests and Lua's official suites with guard pages, compiled as by [`super::test`]: the sanitizers' programs do without such pages.
pub fn test_guard_pages() -> Result<()> {
    let host = Compiler::host()?.program;
    let backend = compiled(GUARDED, &host.to_string_lossy(), "guard-pages", "-O1", &[GUARD_PAGES])?;
    backend.tests()?;
    let mut failed = Vec::new();
    backend.suites(&mut failed)?;
    anyhow::ensure!(failed.is_empty(), "with guard pages: {}", failed.join("; "));
    Ok(())
}

fn compiled(
    name: &'static str,
    program: &str,
    folder: &str,
    optimization: &str,
    flags: &[&str],
) -> Result<Backend> {
    let mut compiler = Compiler::named(folder, program, "ar")?;
    compiler.flags = flags.iter().map(ToString::to_string).collect();
    let objects = compiler.objects(&translated_all()?, optimization)?;
    Ok(Backend {
        name,
        version: format!("1.0.32, {} {}", program.rsplit('/').next().unwrap_or(program), version(program)?),
        compiler,
        sources: vec![package().join("tests/translated_modules.c")],
        objects,
        flags: Vec::new(),
        last: Vec::new(),
    })
}

fn on_engine(
    name: &'static str,
    version: &str,
    sources: &[PathBuf],
    flags: Vec<String>,
    last: Vec<String>,
) -> Result<Backend> {
    let mut all =
        vec![package().join("engines/modules.c"), package().join(format!("engines/moonlet_{name}.c"))];
    all.extend(sources.iter().cloned());
    let mut flags = flags;
    flags.extend([format!("-DENGINE={name}"), "-DWITH_ENGINE".to_string()]);
    let compiler = Compiler::named(name, &Compiler::host()?.program.to_string_lossy(), "ar")?;
    Ok(Backend {
        name,
        version: version.to_string(),
        compiler,
        sources: all,
        objects: Vec::new(),
        flags,
        last,
    })
}

impl Backend {
    /// One of [`ALL`], with what it takes compiled.
    pub fn get(name: &str) -> Result<Self> {
        let tools = Tools::new(root());
        match name {
            "wasm2c, gcc" => compiled("wasm2c, gcc", "gcc", "gcc", "-O2", &[]),
            "wasm2c, clang" => {
                // The pinned one may come from a package that has settings of its own.
                let pinned = || anyhow::Ok((tools.clang()?.program, &["--no-default-config"][..]));
                let (program, flags) =
                    tools.on_path("clang").map_or_else(pinned, |program| Ok((program, &[][..])))?;
                compiled("wasm2c, clang", &program.to_string_lossy(), "clang", "-O2", flags)
            }
            GUARDED => compiled(GUARDED, "gcc", "guard-pages", "-O2", &[GUARD_PAGES]),
            "wasmtime" => {
                let (library, version) = tools.libwasmtime()?;
                let folder = library.parent().context("a library lies in a folder")?;
                let last = vec![library.display().to_string(), format!("-Wl,-rpath,{}", folder.display())];
                on_engine("wasmtime", version, &[], Vec::new(), last)
            }
            _ => {
                let (folder, version) = tools.wasm3()?;
                let mut sources: Vec<PathBuf> =
                    std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
                sources.retain(|file| {
                    file.extension().is_some_and(|extension| extension == "c")
                        && !file.ends_with("m3_bind_wasi.c")
                });
                sources.sort();
                on_engine("wasm3", version, &sources, vec![format!("-I{}", folder.display())], Vec::new())
            }
        }
    }

    /// A program of the package's, for this back end.
    pub fn program(&self, name: &str, sources: &[PathBuf]) -> Result<PathBuf> {
        let mut flags = vec!["-O2", "-w"];
        flags.extend(self.flags.iter().map(String::as_str));
        let last: Vec<&str> = self.last.iter().map(String::as_str).collect();
        let all: Vec<PathBuf> = sources.iter().chain(&self.sources).cloned().collect();
        self.compiler.link(&format!("engine/{name}"), &flags, &all, &self.objects, &last)
    }

    /// Tests, vectors and programs; a row of what passed.
    fn row(&self) -> Result<serde_json::Value> {
        let mut failed = Vec::new();
        if let Err(error) = self.tests() {
            failed.push(format!("tests: {error:#}"));
        }
        let vectors = self.program("vectors", &[package().join("tests/vectors/vectors.c")])?;
        let count = super::vectors::lines()?.1;
        let passed = run_vectors(&vectors, "").unwrap_or_else(|error| {
            failed.push(format!("vectors: {error:#}"));
            0
        });
        let mut programs = 0;
        for (program, expected) in PROGRAMS {
            let built =
                self.program(program, &[package().join("examples").join(program).with_extension("c")])?;
            match check_program(Command::new(built), expected) {
                Ok(()) => programs += 1,
                Err(error) => failed.push(format!("{program}: {error:#}")),
            }
        }
        let chain = self.program("chain", &[package().join("examples/chain.c")])?;
        match super::check_chain(&chain) {
            Ok(()) => programs += 1,
            Err(error) => failed.push(format!("chain: {error:#}")),
        }
        let suites = self.suites(&mut failed)?;
        let figures = self.figures().unwrap_or_else(|error| {
            failed.push(format!("figures: {error:#}"));
            json!({})
        });
        let mut row = json!({"engine": self.name, "version": self.version, "vectors": [passed, count], "programs": [programs, PROGRAMS.len() + 1], "conformance": [suites, SUITES.len()], "failed": failed});
        if let (Some(row), serde_json::Value::Object(figures)) = (row.as_object_mut(), figures) {
            row.extend(figures);
        }
        Ok(row)
    }

    /// The tests of the package.
    fn tests(&self) -> Result<()> {
        let mut tests = c_files("tests")?;
        tests.retain(|file| !file.ends_with("translated_modules.c"));
        finish(
            Command::new(self.program("tests", &tests)?)
                .current_dir(root())
                .stdout(std::process::Stdio::null()),
        )
    }

    /// How many of Lua's official suites pass in their form for users.
    fn suites(&self, failed: &mut Vec<String>) -> Result<usize> {
        let program = self.program("suite", &[package().join("tests/cross/suite.c")])?;
        let testes = Tools::new(root()).testes()?;
        let mut passed = 0;
        for module in SUITES {
            let mut command = Command::new(&program);
            command.arg(module).arg(testes.join(module).join("testes"));
            let output = command.arg(package().join("tests/cross/numbers.lua")).output()?;
            if output.status.success() && String::from_utf8_lossy(&output.stdout).contains("final OK") {
                passed += 1;
            } else {
                failed.push(format!("the suite of {module}: {}", String::from_utf8_lossy(&output.stdout)));
            }
        }
        Ok(passed)
    }

    /// How deep calls go, and how long things take.
    fn figures(&self) -> Result<serde_json::Value> {
        let program = self.program("figures", &[package().join("bench/figures.c")])?;
        let output = Command::new(program).current_dir(root()).output()?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// A line of JSON for each back end.
pub fn rows() -> Result<()> {
    let mut failed = Vec::new();
    for name in ALL {
        let row = Backend::get(name).and_then(|backend| backend.row());
        let row = row.unwrap_or_else(|error| json!({"engine": name, "failed": [format!("{error:#}")]}));
        println!("{row}");
        if row["failed"].as_array().is_none_or(|all| !all.is_empty()) {
            failed.push(name);
        }
    }
    anyhow::ensure!(failed.is_empty(), "not all passed: {}", failed.join(", "));
    Ok(())
}
