//! The host packages of `hosts/`: their tests, their artifacts, their runs on real engines, their figures. Each package has commands
//! of its own for these; here stands only what they need: the modules in `dist/`, node with npm, python3 with venv, go, Java with Maven.

pub mod c;
mod chain;
pub mod engines;
mod java;

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::tools::Tools;
use crate::{cargo, check, dist, finish, root, tables};

/// The packages that `make hosts` runs.
pub const PACKAGES: [&str; 6] = ["js", "python", "go", "c", "java", "rust"];

/// A command of the JavaScript package, for which a node is found first on `PATH`.
fn javascript(command: &str) -> Result<Command> {
    let mut npm = npm("hosts/js")?;
    npm.args(["run", "--silent", command]);
    Ok(npm)
}

/// npm in a folder of the project.
pub fn npm(folder: &str) -> Result<Command> {
    let tools = Tools::new(root());
    let node = tools.node()?;
    let mut npm = tools.npm()?;
    npm.current_dir(root().join(folder)).env("PATH", path_with(&node)?);
    Ok(npm)
}

/// Installs what a folder's manifest names, at the versions that it names.
pub fn install(folder: &str) -> Result<()> {
    finish(npm(folder)?.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--ignore-scripts",
        "--silent",
    ]))
}

/// Builds the JavaScript package, from the modules in `dist/`.
pub fn build_javascript() -> Result<()> {
    install("hosts/js")?;
    finish(&mut javascript("build")?)
}

/// A command of the Python package.
fn python(command: &str) -> Result<Command> {
    let mut python = Command::new(Tools::new(root()).python()?);
    python.arg(root().join("hosts/python/make.py")).arg(command);
    Ok(python)
}

/// The program's folder, before those of `PATH`.
fn path_with(program: &Path) -> Result<OsString> {
    let mut folders = vec![program.parent().context("a program lies in a folder")?.to_path_buf()];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    Ok(env::join_paths(folders)?)
}

/// Go in a folder of the project.
fn go_tool(folder: &str) -> Result<Command> {
    let program = Tools::new(root()).go()?;
    let mut go = Command::new(&program);
    go.current_dir(root().join(folder)).env("PATH", path_with(&program)?);
    Ok(go)
}

/// A command of the Go package. Its program is built first, and started without `go run` between, so that signals reach it.
fn go(command: &str) -> Result<Command> {
    let program = root().join("target/moonlet-go-make");
    finish(go_tool("hosts/go")?.arg("build").arg("-o").arg(&program).arg("./internal/make"))?;
    let mut run = Command::new(program);
    run.arg(command).current_dir(root().join("hosts/go")).env("PATH", path_with(&Tools::new(root()).go()?)?);
    Ok(run)
}

/// The fast tests of the packages that are not Rust's.
pub fn test() -> Result<()> {
    dist::dist()?;
    install("hosts/js")?;
    finish(&mut javascript("test")?)?;
    finish(&mut python("test")?)?;
    finish(go("test")?.env("MOONLET_TESTES", Tools::new(root()).testes()?))?;
    java::test()?;
    c::test()?;
    chain::run()
}

/// One computation through the packages of all languages, which are built first.
pub fn chain() -> Result<()> {
    dist::dist()?;
    build_javascript()?;
    finish(python("test")?.args(["--collect-only", "--quiet"]).stdout(Stdio::null()))?;
    finish(&mut go("modules")?)?;
    chain::run()
}

/// A million evaluations and many states by each package: memory stays flat.
pub fn soak() -> Result<()> {
    dist::dist()?;
    build_javascript()?;
    let mut rust = check::all_packages("test");
    rust.args(["--test", "flat"]).env("COUNT", "100000");
    let commands = [
        ("js", javascript("soak")?),
        ("python", python("soak")?),
        ("go", go("soak")?),
        ("java", java::program("moonlet.Soak", &[])?),
        ("c", c::soak(1_000_000)?),
        ("rust", rust),
    ];
    let rows = lines(commands)?;
    ensure!(rows.failed.is_empty(), "memory is not flat, or another failure, in {}", rows.failed.join(", "));
    Ok(())
}

/// Puts the packages into `dist/`, beside the modules.
pub fn packages() -> Result<()> {
    dist::dist()?;
    install("hosts/js")?;
    finish(&mut javascript("pack")?)?;
    finish(&mut python("pack")?)?;
    finish(&mut go("pack")?)?;
    java::pack()?;
    c::pack()?;
    finish(Command::new("sh").arg(root().join("hosts/rust/pack.sh")))
}

/// The program that runs the vectors and programs on other engines of Rust, in a workspace of its own.
pub fn rust_engines() -> Command {
    let mut command = cargo();
    command.args(["run", "--release", "--quiet"]).current_dir(root().join("hosts/rust/engines"));
    command
}

/// The ten tasks of each package beside other Luas of its language: one table of all.
pub fn bench() -> Result<()> {
    dist::dist()?;
    install("hosts/js")?;
    let mut rust = rust_engines();
    rust.args(["--", "bench"]);
    let commands = [
        ("js", javascript("bench")?),
        ("python", python("bench")?),
        ("go", go("bench")?),
        ("java", java::program("moonlet.Bench", &[])?),
        ("rust", rust),
        ("c", c::bench()?),
    ];
    let rows = lines(commands)?;
    ensure!(rows.failed.is_empty(), "{} failed", rows.failed.join(", "));
    print!("{}", tables::figures(&rows.lines));
    Ok(())
}

/// What the packages' commands printed, and the packages whose command failed.
pub struct Rows {
    pub lines: Vec<(&'static str, Value)>,
    pub failed: Vec<&'static str>,
}

/// Runs the commands one after the other, showing what they print as it comes. Their lines of JSON are the rows.
pub fn lines<const N: usize>(commands: [(&'static str, Command); N]) -> Result<Rows> {
    let mut rows = Rows { lines: Vec::new(), failed: Vec::new() };
    for (package, mut command) in commands {
        let mut child =
            command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {command:?}"))?;
        for line in BufReader::new(child.stdout.take().context("a pipe")?).lines() {
            let line = line?;
            eprintln!("{package}: {line}");
            // Maven puts a colour back before what it runs prints its first line.
            let row = line.find('{').map_or("", |start| &line[start..]);
            if let Ok(row @ Value::Object(_)) = serde_json::from_str(row) {
                rows.lines.push((package, row));
            }
        }
        if !child.wait()?.success() {
            rows.failed.push(package);
        }
    }
    Ok(rows)
}
