//! cargo-fuzz at one version, built by cargo from the registry.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Tools;
use super::process::{find, run, say};

const VERSION: &str = "0.13.2";

/// See [`Tools::cargo_fuzz`].
pub fn get(tools: &Tools) -> Result<PathBuf> {
    // libFuzzer itself is C++, and compiled with the targets.
    ensure!(
        std::env::var_os("CXX").is_some() || find("c++").is_some(),
        "there is no C++ compiler, which libFuzzer needs: install one (Debian: g++), or name it in CXX"
    );
    let name = format!("cargo-fuzz-{VERSION}");
    if let Ok(found) = check(&tools.place(&name)) {
        return Ok(found);
    }
    say(&format!("building cargo-fuzz {VERSION}: cargo install cargo-fuzz"));
    tools.install(&name, check, |partial| {
        let folder = partial.join("installed");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["install", "cargo-fuzz", "--locked", "--version", VERSION, "--root"]).arg(&folder);
        run(cargo.current_dir(&tools.root))
            .context("cargo-fuzz cannot be installed; cargo needs its registry for that")?;
        Ok(folder)
    })
}

fn check(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("bin/cargo-fuzz");
    let printed = run(Command::new(&program).arg("--version"))?;
    ensure!(printed.trim() == format!("cargo-fuzz {VERSION}"), "{} is {printed:?}", program.display());
    Ok(program)
}
