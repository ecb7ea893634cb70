//! The hosts that run kernels: each a program of `benches/hosts`, which runs one kernel each time it is asked to.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::kernels::Kernel;
use super::{Clock, peers};
use crate::tools::Tools;
use crate::{Lua, check, finish, module, native, root};

/// A run that takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(180);

/// Something that runs Lua.
#[derive(Clone, Debug)]
pub struct Host {
    /// A column's title.
    pub name: String,
    program: PathBuf,
    arguments: Vec<String>,
}

impl Host {
    /// A module on a program that runs it.
    pub fn of_module(name: &str, program: &Path, module: &str) -> Self {
        Self { name: name.into(), program: program.into(), arguments: vec![module.into()] }
    }

    /// What its program takes before the kernel: a module, for those that run one.
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }
}

/// The names of the hosts that figures are made of.
pub const NATIVE: &str = "native";
pub const WASMTIME: &str = "wasmtime";
pub const NODE: &str = "Node";
pub const WASMTIME_UNMETERED: &str = "wasmtime, no budget";
pub const NODE_UNMETERED: &str = "Node, no budget";
pub const WASMOON: &str = "wasmoon";
pub const FENGARI: &str = "fengari";
pub const BINDINGS: &str = "lua-wasm-bindings";

/// Builds and installs what is needed, and answers all hosts, or native Lua and the modules on both engines where some are named.
pub fn all(lua: Lua, modules: &[PathBuf], words: &[String]) -> Result<Vec<Host>> {
    let native = native::build_by_clang(lua, &root().join("benches/hosts/native.c"))?;
    let mut hosts = vec![Host { name: NATIVE.into(), program: native, arguments: Vec::new() }];
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let mut files: Vec<(String, String, PathBuf)> = Vec::new();
    if modules.is_empty() {
        let shipped = module::build(lua)?;
        for (wasmtime, node, unmetered) in
            [(WASMTIME, NODE, false), (WASMTIME_UNMETERED, NODE_UNMETERED, true)]
        {
            if wanted(wasmtime) || wanted(node) {
                let path = if unmetered { module::build_unmetered(lua)? } else { shipped.clone() };
                files.push((wasmtime.into(), node.into(), path));
            }
        }
    }
    for (name, path) in names(modules)?.into_iter().zip(modules) {
        let path = std::path::absolute(path)?;
        ensure!(path.is_file(), "{} is no file; MODULE names modules", path.display());
        files.push((format!("{WASMTIME} {name}"), format!("{NODE} {name}"), path));
    }
    let wasmtime = wasmtime()?;
    for (on_wasmtime, _, path) in files.iter().filter(|(name, ..)| wanted(name)) {
        hosts.push(Host::of_module(on_wasmtime, &wasmtime, &path.to_string_lossy()));
    }
    for (_, on_node, path) in files.iter().filter(|(_, name, _)| wanted(name)) {
        hosts.push(node(on_node, &path.to_string_lossy())?);
    }
    if modules.is_empty() {
        for (name, argument) in peers::hosts(lua) {
            if wanted(name) {
                peers::install()?;
                hosts.push(node(name, &argument)?);
            }
        }
    }
    Ok(hosts)
}

/// Names of modules: those of the files, with those of the folders where files have equal names.
fn names(modules: &[PathBuf]) -> Result<Vec<String>> {
    let stem = |path: &PathBuf| path.file_stem().map(|name| name.to_string_lossy().into_owned());
    let mut names = Vec::new();
    for path in modules {
        let name = stem(path).with_context(|| format!("{} is no module", path.display()))?;
        let alone = modules.iter().filter(|other| stem(other).as_ref() == Some(&name)).count() == 1;
        let folder =
            path.parent().and_then(Path::file_name).map(|folder| folder.to_string_lossy().into_owned());
        names.push(match folder {
            Some(folder) if !alone => format!("{folder}/{name}"),
            _ => name,
        });
    }
    Ok(names)
}

/// Builds the host on wasmtime, an example of the tests' package.
pub fn wasmtime() -> Result<PathBuf> {
    // With all packages, so that no engine is built anew.
    finish(check::all_packages("build").args(["--quiet", "--example", "bench-host"]))?;
    Ok(root().join("target/release/examples/bench-host"))
}

fn node(name: &str, argument: &str) -> Result<Host> {
    Ok(Host {
        name: name.into(),
        program: Tools::new(root()).node()?,
        arguments: vec![
            root().join("benches/hosts/node.mjs").to_string_lossy().into_owned(),
            argument.into(),
        ],
    })
}

/// A process that has one kernel to run. It ends with this value; it ends by itself when this program does.
pub struct Process {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    errors: PathBuf,
}

impl Process {
    pub fn start(host: &Host, kernel: &Kernel, clock: Clock) -> Result<Self> {
        let folder = root().join("target/bench");
        fs::create_dir_all(&folder)?;
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let errors = folder.join(format!("{}-{number}.errors", std::process::id()));
        let mut child = Command::new(&host.program)
            .args(&host.arguments)
            .args([&kernel.before, &kernel.path])
            .env("PEERS", peers::folder())
            .env("CLOCK", if clock == Clock::Cpu { "cpu" } else { "wall" })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&errors)?)
            .spawn()
            .with_context(|| format!("cannot start {}", host.program.display()))?;
        let input = child.stdin.take().context("a pipe")?;
        let output = BufReader::new(child.stdout.take().context("a pipe")?);
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines() {
                let Ok(line) = line else { break };
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, lines, errors })
    }

    /// Runs the kernel once more: the milliseconds, and what it printed.
    pub fn run(&mut self) -> Result<(f64, String)> {
        let asked = self.input.write_all(b"run\n").and_then(|()| self.input.flush());
        let line = match asked.map(|()| self.lines.recv_timeout(PATIENCE)) {
            Ok(Ok(line)) => line,
            _ => bail!("{}", self.why()?),
        };
        let (time, output) = line.split_once(' ').context("a host prints a time and an output")?;
        Ok((time.parse().with_context(|| format!("{time:?} is no time"))?, output.into()))
    }

    /// The line of an error's text that says what went wrong.
    fn why(&mut self) -> Result<String> {
        if self.child.try_wait()?.is_none() {
            return Ok(format!("takes more than {} s, or ends", PATIENCE.as_secs()));
        }
        let text = fs::read_to_string(&self.errors)?;
        let line = text.lines().find(|line| line.contains("rror:")).or(text.lines().last());
        Ok(line.unwrap_or("ends without a word").into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.errors);
    }
}

/// The first line that a program prints with `--version`.
pub fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_equal_names_are_told_apart() {
        let paths = ["a/lua54.wasm", "b/lua54.wasm", "b/new.wasm"].map(PathBuf::from);
        assert_eq!(names(&paths).unwrap(), ["a/lua54", "b/lua54", "new"]);
    }
}
