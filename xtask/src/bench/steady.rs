//! `make bench-steady`: how many instructions the kernels take, which no noise changes.
//!
//! WebAssembly instructions are counted by wasmtime's fuel: one for each that does something. Machine instructions are counted by
//! valgrind, for native Lua and for the code that wasmtime compiles for x86-64-v2, in a whole process less those of a process whose
//! kernel is empty.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::hosts;
use super::kernels::{self, Kernel};
use super::opcodes;
use super::statistics::geometric_mean;
use crate::tools::Tools;
use crate::{Lua, module, native, root};

/// What a figure may grow by before its golden one must change.
const GROWTH: f64 = 1.02;

/// glibc's functions for memory and strings as every x86-64 machine has them.
const TUNABLES: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM,-AVX_Fast_Unaligned_Load,-BMI2,-RTM",
);

#[derive(Args)]
pub struct Options {
    /// Only this one
    #[arg(long)]
    lua: Option<Lua>,
    /// Only kernels with one of these words in their names
    #[arg(long, value_delimiter = ' ')]
    kernel: Vec<String>,
    /// Another module, beside the golden figures, which then only inform
    #[arg(long)]
    module: Option<PathBuf>,
}

/// What a kernel takes.
struct Figures {
    wasm: f64,
    compiled: f64,
    native: f64,
    output: String,
}

/// The programs that are measured.
struct Subjects {
    wasmtime: PathBuf,
    native: PathBuf,
    module: PathBuf,
    valgrind: PathBuf,
}

/// Measures, compares with `tests/golden`, or writes it where BLESS is set.
pub fn steady(options: &Options) -> Result<()> {
    let blessing = std::env::var_os("BLESS").is_some();
    ensure!(
        !blessing || options.module.is_none() && options.kernel.is_empty(),
        "BLESS=1 writes the figures of all kernels in the modules as built: leave out KERNEL and MODULE"
    );
    let mut grown = Vec::new();
    for lua in Lua::ALL.into_iter().filter(|lua| options.lua.is_none_or(|only| only == *lua)) {
        let module = match &options.module {
            Some(path) => std::path::absolute(path)?,
            None => module::build(lua)?,
        };
        let subjects = Subjects {
            wasmtime: hosts::wasmtime()?,
            native: native::build_by_clang(lua, &root().join("benches/hosts/native.c"))?,
            module,
            valgrind: Tools::new(root()).valgrind()?,
        };
        grown.extend(kernels_of(lua, &subjects, &options.kernel, blessing)?);
        if options.kernel.is_empty() {
            opcodes::print(lua, &subjects.wasmtime, &subjects.module)?;
        }
    }
    ensure!(
        grown.is_empty() || options.module.is_some(),
        "more instructions than tests/golden says: {}; make it less, or write the figures anew: make bench-steady BLESS=1",
        grown.join(", ")
    );
    Ok(())
}

fn golden_path(lua: Lua) -> PathBuf {
    root().join("tests/golden").join(format!("steady.{}.txt", lua.name()))
}

/// By kernel: WebAssembly instructions, and machine instructions of wasmtime's code.
fn golden(lua: Lua) -> BTreeMap<String, [f64; 2]> {
    let text = fs::read_to_string(golden_path(lua)).unwrap_or_default();
    let line = |line: &str| {
        let mut parts = line.split(' ');
        let name = parts.next()?.to_string();
        Some((name, [parts.next()?.parse().ok()?, parts.next()?.parse().ok()?]))
    };
    text.lines().filter_map(line).collect()
}

/// Prints the kernels' figures; those that grew too much.
fn kernels_of(lua: Lua, subjects: &Subjects, words: &[String], blessing: bool) -> Result<Vec<String>> {
    let golden = golden(lua);
    let kernels = kernels::find(&kernels::folder(), words, |_, arguments| arguments.short)?;
    let empty = subjects.of_nothing(&kernels[0])?;
    println!("{}: thousands of instructions, and growth over the golden figures", lua.title());
    println!(
        "{:<14}{:>12}{:>9}{:>12}{:>9}{:>12}{:>14}",
        "kernel", "WebAssembly", "", "wasmtime's", "", "native", "against it"
    );
    let (mut grown, mut file, mut ratios) = (Vec::new(), String::from(HEAD), Vec::new());
    for kernel in &kernels {
        let figures = subjects.measure(kernel, empty)?;
        let growth = golden
            .get(&kernel.name)
            .map(|[wasm, compiled]| [figures.wasm / wasm, figures.compiled / compiled]);
        let percent =
            |at: usize| growth.map_or("new".into(), |growth| format!("{:+.1} %", (growth[at] - 1.0) * 100.0));
        let ratio = figures.compiled / figures.native;
        println!(
            "{:<14}{:>12.0}{:>9}{:>12.0}{:>9}{:>12.0}{ratio:>14.3}",
            kernel.name,
            figures.wasm / 1e3,
            percent(0),
            figures.compiled / 1e3,
            percent(1),
            figures.native / 1e3
        );
        ratios.push(ratio);
        if !blessing && growth.is_none_or(|growth| growth.iter().any(|growth| *growth > GROWTH)) {
            grown.push(format!("{} ({}, {}) of {}", kernel.name, percent(0), percent(1), lua.name()));
        }
        let _ = writeln!(file, "{} {} {} {}", kernel.name, figures.wasm, figures.compiled, figures.output);
    }
    println!("geometric mean against native Lua's instructions: {:.3}\n", geometric_mean(ratios));
    if blessing {
        fs::write(golden_path(lua), file)?;
    }
    Ok(grown)
}

const HEAD: &str = "# Written by make bench-steady BLESS=1: of each kernel, with its argument for a short run, the WebAssembly instructions, the\n\
                    # machine instructions of wasmtime's code, and what native Lua prints.\n";

impl Subjects {
    fn arguments(&self, kernel: &Kernel) -> [PathBuf; 2] {
        [kernel.before.clone(), kernel.path.clone()]
    }

    fn measure(&self, kernel: &Kernel, empty: [f64; 2]) -> Result<Figures> {
        let paths = self.arguments(kernel);
        let (native, expected) = self.machine_instructions(Command::new(&self.native).args(&paths))?;
        let mut wasmtime = Command::new(&self.wasmtime);
        let (compiled, output) = self.machine_instructions(wasmtime.arg(&self.module).args(&paths))?;
        ensure!(output == expected, "{} prints {output:?}, native Lua {expected:?}", kernel.name);
        let wasm = count(&self.wasmtime, &self.module, &kernel.before, &kernel.path)?;
        Ok(Figures { wasm, compiled: compiled - empty[0], native: native - empty[1], output })
    }

    /// What the processes take that run an empty kernel: wasmtime's and native Lua's.
    fn of_nothing(&self, kernel: &Kernel) -> Result<[f64; 2]> {
        let path = root().join("target/bench/empty.lua");
        fs::write(&path, "")?;
        let empty = Kernel { name: "empty".into(), path, before: kernel.before.clone() };
        let paths = self.arguments(&empty);
        // The first run compiles the module, which later ones find.
        run(Command::new(&self.wasmtime).arg(&self.module).args(&paths).arg("once"))?;
        let mut wasmtime = Command::new(&self.wasmtime);
        let (compiled, _) = self.machine_instructions(wasmtime.arg(&self.module).args(&paths))?;
        let (native, _) = self.machine_instructions(Command::new(&self.native).args(&paths))?;
        Ok([compiled, native])
    }

    /// The instructions of a whole process that runs once, and what the kernel printed.
    fn machine_instructions(&self, command: &mut Command) -> Result<(f64, String)> {
        let mut valgrind = Command::new(&self.valgrind);
        valgrind
            .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
            .arg(command.get_program())
            .args(command.get_args())
            .arg("once")
            .env(TUNABLES.0, TUNABLES.1);
        let (printed, said) = run(&mut valgrind)?;
        let refs = said.split_once("I   refs:").and_then(|(_, rest)| rest.lines().next());
        let refs: String = refs.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        let count = refs.parse().with_context(|| format!("valgrind counts no instructions:\n{said}"))?;
        Ok((count, output(&printed)))
    }
}

/// After the number in a host's line.
fn output(line: &str) -> String {
    line.split_once(' ').map_or("", |(_, output)| output).trim_end().into()
}

/// The WebAssembly instructions of a kernel.
pub fn count(wasmtime: &Path, module: &Path, before: &Path, kernel: &Path) -> Result<f64> {
    let (printed, _) = run(Command::new(wasmtime).args([module, before, kernel]).arg("count"))?;
    let count = printed.split(' ').next().unwrap_or_default();
    count.parse().with_context(|| format!("no count of instructions: {printed}"))
}

/// What a command printed, and said on standard error.
fn run(command: &mut Command) -> Result<(String, String)> {
    let result = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let said = String::from_utf8_lossy(&result.stderr).into_owned();
    ensure!(result.status.success(), "{command:?} failed: {said}");
    Ok((String::from_utf8_lossy(&result.stdout).into_owned(), said))
}
