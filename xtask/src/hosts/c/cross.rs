//! Other processors, whose programs qemu runs here: vectors, programs, and the official suite with the hashes of memory that it leaves, which
//! are those of this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use super::compile::{Compiler, Target};
use super::{PROGRAMS, check_program, package, run_vectors, translated_all, vector_files};
use crate::root;
use crate::tools::Tools;

/// Debian's names: of the machine, of the compiler's package, of what runs its programs.
const TARGETS: [(&str, &str, &str); 3] = [
    ("aarch64-linux-gnu", "gcc-aarch64-linux-gnu", "qemu-aarch64"),
    ("riscv64-linux-gnu", "gcc-riscv64-linux-gnu", "qemu-riscv64"),
    ("arm-linux-gnueabihf", "gcc-arm-linux-gnueabihf", "qemu-arm"),
];

/// Compiles for each, and compares what its programs print with what this machine's do.
pub fn cross() -> Result<()> {
    let tools = Tools::new(root());
    let mut missing: Vec<&str> = Vec::new();
    for (target, package, runner) in TARGETS {
        if tools.on_path(&format!("{target}-gcc")).is_none() {
            missing.push(package);
        }
        if tools.on_path(runner).is_none() {
            missing.push("qemu-user");
        }
    }
    missing.dedup();
    ensure!(
        missing.is_empty(),
        "compilers and qemu are needed; on Debian, as root: apt-get install {}",
        missing.join(" ")
    );
    let modules = translated_all()?;
    let host = suites(&Compiler::host()?, &modules, "")?;
    for (target, _, runner) in TARGETS {
        let mut compiler = Compiler::named(target, &format!("{target}-gcc"), &format!("{target}-ar"))?;
        compiler.flags = vec!["-static".into()];
        let objects = compiler.objects(&modules, "-O1")?;
        let vectors = compiler.program("vectors", "-O1", &vector_files(), &objects)?;
        run_vectors(&vectors, runner)?;
        for (program, expected) in PROGRAMS {
            let source = package().join("examples").join(program).with_extension("c");
            let built = compiler.program(program, "-O1", &[source], &objects[..1])?;
            check_program(Target::command(runner, &built), expected)?;
        }
        let found = suites(&compiler, &modules, runner)?;
        if found != host {
            let differs = found.lines().zip(host.lines()).find(|(one, other)| one != other);
            bail!("{target} prints otherwise: {differs:?}");
        }
        println!(
            "{target}: vectors, programs, the official suites of 5.4 and 5.5 and all of memory as on this machine"
        );
    }
    Ok(())
}

/// What the suites of both versions print, with the hashes.
fn suites(compiler: &Compiler, modules: &[PathBuf], runner: &str) -> Result<String> {
    let objects = compiler.objects(modules, "-O1")?;
    let sources = [package().join("tests/cross/suite.c"), package().join("tests/translated_modules.c")];
    let program = compiler.program("suite", "-O1", &sources, &objects)?;
    let testes = Tools::new(root()).testes()?;
    let mut printed = String::new();
    for module in ["lua54", "lua55"] {
        printed += &suite(&program, runner, module, &testes.join(module).join("testes"))?;
    }
    fs::write(super::folder().join("suite.txt"), &printed)?;
    Ok(printed)
}

fn suite(program: &Path, runner: &str, module: &str, testes: &Path) -> Result<String> {
    let mut command = Target::command(runner, program);
    command.arg(module).arg(testes).arg(package().join("tests/cross/numbers.lua"));
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {command:?}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success() && text.contains("final OK !!!"), "{command:?}: {text}");
    Ok(text)
}
