//! The host packages of `hosts/`: their tests, their artifacts, their runs on real engines, their figures. Each package has commands
//! of its own for these; here stands only what they need: the modules in `dist/`, node with npm, python3 with venv, go, Java with Maven.

pub mod c;
mod java;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::tools::Tools;
use crate::{Lua, cargo, check, dist, finish, native, root, tables};

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
    finish(&mut go("test")?)?;
    java::test()?;
    c::test()?;
    chain()
}

/// A computation that starts in JavaScript, goes on in Python and in Rust, and ends in JavaScript (hosts/programs/README.md).
fn chain() -> Result<()> {
    const END: &str = "python, rust, javascript; closed 3 times\n";
    let folder = root().join("target/chain");
    fs::create_dir_all(&folder)?;
    let place = |number: u32| folder.join(format!("{number}.snapshot"));
    let step = |mut command: Command, arguments: &[&str], files: &[PathBuf]| -> Result<String> {
        let output = command.args(arguments).args(files).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the chain breaks at {arguments:?}: {said}");
        Ok(String::from_utf8(output.stdout)?)
    };
    let javascript = || -> Result<Command> {
        let mut command = Command::new(Tools::new(root()).node()?);
        command.arg(root().join("hosts/js/examples/chain.mjs"));
        Ok(command)
    };
    let mut python = Command::new(root().join("hosts/python/.venv/bin/python"));
    python
        .arg(root().join("hosts/python/examples/chain.py"))
        .env("PYTHONPATH", root().join("hosts/python/src"));
    // With all packages, so that no engine is built anew.
    finish(check::all_packages("test").args(["--no-run", "--quiet"]))?;
    let rust = || Command::new(root().join("target/release/examples/chain"));
    step(javascript()?, &["start"], &[place(0)])?;
    step(python, &["go", "python"], &[place(0), place(1)])?;
    step(rust(), &["go", "rust"], &[place(1), place(2)])?;
    let end = step(javascript()?, &["go", "javascript"], &[place(2), place(3)])?;
    ensure!(end == END, "the chain ends in {end:?}");
    println!("chain through JavaScript, Python, Rust, JavaScript: {end}");
    let program = root().join("target/moonlet-go-chain");
    finish(go_tool("hosts/go")?.arg("build").arg("-o").arg(&program).arg("./examples/chain"))?;
    let go = |engine: &str| {
        let mut command = Command::new(&program);
        command.env("MOONLET_ENGINE", engine);
        command
    };
    step(javascript()?, &["start"], &[place(0)])?;
    step(go("compiler"), &["go", "go"], &[place(0), place(1)])?;
    step(go("interpreter"), &["go", "go interpreted"], &[place(1), place(2)])?;
    let end = step(javascript()?, &["go", "javascript"], &[place(2), place(3)])?;
    ensure!(
        end == "go, go interpreted, javascript; closed 3 times\n",
        "the chain through Go ends in {end:?}"
    );
    println!("chain through JavaScript, Go, Go interpreted, JavaScript: {end}");
    let (before, after) = (place(0).display().to_string(), place(1).display().to_string());
    step(javascript()?, &["start"], &[place(0)])?;
    step(java::program("examples.Chain", &["go", "java", &before, &after])?, &[], &[])?;
    step(go("compiler"), &["go", "go"], &[place(1), place(2)])?;
    let end = step(javascript()?, &["go", "javascript"], &[place(2), place(3)])?;
    ensure!(end == "java, go, javascript; closed 3 times\n", "the chain through Java ends in {end:?}");
    println!("chain through JavaScript, Java, Go, JavaScript: {end}");
    step(javascript()?, &["start"], &[place(0)])?;
    step(c::chain(), &["go", "c"], &[place(0), place(1)])?;
    step(rust(), &["go", "rust"], &[place(1), place(2)])?;
    let end = step(javascript()?, &["go", "javascript"], &[place(2), place(3)])?;
    ensure!(end == "c, rust, javascript; closed 3 times\n", "the chain through C ends in {end:?}");
    println!("chain through JavaScript, C without an engine, Rust, JavaScript: {end}");
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

/// Installs engines and browsers, and runs each package's vectors and programs on them: one table of all.
pub fn hosts() -> Result<()> {
    packages()?;
    let mut go_engines = go("engines")?;
    let native = native::build_by_clang(Lua::Lua54, &root().join("benches/hosts/native.c"))?;
    go_engines.env("MOONLET_TESTES", Tools::new(root()).testes()?).env("MOONLET_NATIVE", native);
    let commands = [
        ("js", javascript("hosts")?),
        ("python", python("engines")?),
        ("go", go_engines),
        ("c", c::engines()),
        ("java", java::program("moonlet.Engines", &[])?),
        ("rust", rust_engines()),
    ];
    let rows = lines(commands)?;
    print!("{}", tables::engines(&rows.lines));
    ensure!(rows.failed.is_empty(), "not all passed: {}", rows.failed.join(", "));
    Ok(())
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
            if let Ok(row @ Value::Object(_)) = serde_json::from_str(&line) {
                rows.lines.push((package, row));
            }
        }
        if !child.wait()?.success() {
            rows.failed.push(package);
        }
    }
    Ok(rows)
}
