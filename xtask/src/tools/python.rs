//! Unpacking a wheel from PyPI: the one way to a compiled program that needs no root and no URL of ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::apt;
use super::process::{find, run};

/// A package of PyPI at one version, with the hashes of its wheels, one for each system that we support.
pub struct Wheel {
    pub name: &'static str,
    pub version: &'static str,
    pub sha256: &'static [&'static str],
}

impl Wheel {
    /// Puts the wheel's files into `partial/wheel` and returns that folder. pip refuses a wheel of another hash, and
    /// a system for which there is no wheel.
    pub fn unpack(&self, partial: &Path) -> Result<PathBuf> {
        let python = python_with_pip(partial)?;
        let requirements = partial.join("requirements.txt");
        fs::write(&requirements, self.requirement())?;
        let wheel = partial.join("wheel");
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--only-binary", ":all:"])
            .args(["--require-hashes", "--requirement"])
            .arg(requirements)
            .arg("--target")
            .arg(&wheel)
            // A user's settings about where pip may install; this install goes to a folder of its own.
            .envs([
                ("PIP_USER", "0"),
                ("PIP_REQUIRE_VIRTUALENV", "0"),
                ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
            ]);
        run(&mut pip)
            .with_context(|| format!("PyPI's {} {} cannot be installed", self.name, self.version))?;
        Ok(wheel)
    }

    fn requirement(&self) -> String {
        let hashes: String = self.sha256.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
        format!("{}=={}{hashes}\n", self.name, self.version)
    }
}

/// A python that has pip: the system's, or a virtual environment of it in `partial/venv`, which brings its own pip.
fn python_with_pip(partial: &Path) -> Result<PathBuf> {
    let system = find("python3");
    if let Some(python) = &system
        && run(Command::new(python).args(["-m", "pip", "--version"])).is_ok()
    {
        return Ok(python.clone());
    }
    if let Some(python) = &system
        && let Ok(python) = virtual_environment(python, partial)
    {
        return Ok(python);
    }
    // Debian ships Python in parts. This one depends on python3 itself.
    apt::install("python3-venv").context("PyPI needs python3 with its module pip or venv")?;
    virtual_environment(&find("python3").context("python3 is not on PATH")?, partial)
}

fn virtual_environment(python: &Path, partial: &Path) -> Result<PathBuf> {
    let folder = partial.join("venv");
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(&folder))?;
    Ok(folder.join("bin").join("python3"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_names_every_hash() {
        let wheel = Wheel { name: "ziglang", version: "0.17.1", sha256: &["aa", "bb"] };
        assert_eq!(wheel.requirement(), "ziglang==0.17.1 --hash=sha256:aa --hash=sha256:bb\n");
    }
}
