//! Binaryen's wasm-opt at one version, from npm's package `binaryen`: one program for every system, run by node.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::process::{resolve, run, say};
use super::{Tools, node};

/// What `wasm-opt --version` begins with: `wasm-opt version 132 (version_132)`.
const VERSION: &str = "wasm-opt version 132";
const VARIABLE: &str = "MOONLET_WASM_OPT";

/// Below `target/tools`: the npm package.
const FOLDER: &str = "binaryen-132.0.0";

const PACKAGE: &str = r#"{ "private": true, "dependencies": { "binaryen": "132.0.0" } }"#;

/// Names no address, so npm asks the registry it is set up for, and refuses a package of another hash.
const PACKAGE_LOCK: &str = r#"{
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": { "dependencies": { "binaryen": "132.0.0" } },
    "node_modules/binaryen": {
      "version": "132.0.0",
      "integrity": "sha512-4Usg7yEvwO3FMso3Oov6qkOOHSod1IEv+boKkh77kTljM+eNBouqCTbqWswGzbG+vDNO/b/v2C4gfEh1WgB9Lg=="
    }
  }
}
"#;

/// A wasm-opt of the pinned version.
#[derive(Debug)]
pub struct WasmOpt {
    program: PathBuf,
    /// For a wasm-opt that node runs: the path of its script.
    script: Option<PathBuf>,
}

impl WasmOpt {
    /// wasm-opt, still without arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.script);
        command
    }

    fn check(self) -> Result<Self> {
        let printed = run(self.command().arg("--version"))?;
        let line = printed.lines().next().unwrap_or_default();
        ensure!(is_pinned(line), "{} is {line:?}, not {VERSION}", self.program.display());
        Ok(self)
    }
}

/// Whether it is exactly the pinned version; an official build adds the tag, a build between releases its commit.
fn is_pinned(line: &str) -> bool {
    line.strip_prefix(VERSION).is_some_and(|rest| rest.is_empty() || rest == " (version_132)")
}

/// See [`Tools::wasm_opt`].
pub fn get(tools: &Tools) -> Result<WasmOpt> {
    if let Some(written) = env::var_os(VARIABLE) {
        return resolve(&written).and_then(|program| WasmOpt { program, script: None }.check()).with_context(
            || format!("{VARIABLE} must name a program that is {VERSION}; correct it or unset it"),
        );
    }
    let node = node::get(tools)?;
    let in_folder =
        |folder: &Path| WasmOpt { program: node.clone(), script: Some(folder.join("bin/wasm-opt")) };
    let place = tools.place(FOLDER);
    if place.is_dir() {
        // It was checked before it got there. Starting it takes a third of a second.
        return Ok(in_folder(&place));
    }
    let npm = node::npm(tools)?;
    tools.install(FOLDER, |folder| in_folder(folder).check(), |partial| unpack(npm, partial, &place)).context(
        "wasm-opt cannot be installed. Without network, copy the folder target/tools from a machine that has it, \
        or set MOONLET_WASM_OPT to the path of a wasm-opt of version 132",
    )
}

/// Lets npm put the package into `partial`, and returns the package's folder.
fn unpack(mut npm: Command, partial: &Path, place: &Path) -> Result<PathBuf> {
    say(&format!("installing wasm-opt, npm's binaryen 132.0.0 (20 MB to fetch), into {}", place.display()));
    fs::write(partial.join("package.json"), PACKAGE)?;
    fs::write(partial.join("package-lock.json"), PACKAGE_LOCK)?;
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
        .arg(partial)
        .current_dir(partial);
    run(&mut npm)?;
    Ok(partial.join("node_modules").join("binaryen"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pinned_version_counts() {
        assert!(is_pinned("wasm-opt version 132 (version_132)"));
        assert!(is_pinned("wasm-opt version 132"));
        assert!(!is_pinned("wasm-opt version 132 (version_132-7-g1a2b3c4)"));
        assert!(!is_pinned("wasm-opt version 108"));
        assert!(!is_pinned("wasm-opt version 1320"));
    }
}
