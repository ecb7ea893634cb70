//! pywasm3, the C interpreter wasm3 with its binding for Python, for `make engines`. PyPI has it as C only.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Tools;
use super::process::{run, say};
use super::python::{Source, Wheel};

/// Below `target/tools`: a virtual environment of the system's Python.
const FOLDER: &str = "pywasm3-0.5.0";

const PYWASM3: Source = Source {
    name: "pywasm3",
    version: "0.5.0",
    sha256: "5a47c8a39f7f6ae71b3316b2e5d86c9d0db6e771a65f09a86e4d4aa3a19aefcc",
    environment: &[],
};

/// What compiles it; Python stopped shipping it with 3.12.
const SETUPTOOLS: Wheel = Wheel {
    name: "setuptools",
    version: "80.9.0",
    sha256: &["062d34222ad13e0cc312a4c02d73f059e86a4acbfbdea8f8f76b28c99f306922"],
};

/// See [`Tools::pywasm3`].
pub fn get(tools: &Tools) -> Result<PathBuf> {
    let place = tools.place(FOLDER);
    if let Ok(python) = check(&place) {
        return Ok(python);
    }
    say(&format!("compiling pywasm3, PyPI's {} {}, into {}", PYWASM3.name, PYWASM3.version, place.display()));
    tools.install(FOLDER, check, |partial| PYWASM3.compile(&SETUPTOOLS, partial)).context(
        "pywasm3 cannot be installed. It is compiled here, which takes python3 with its module venv and its headers, and a C \
        compiler: install them (on Debian, as root: apt-get install python3-venv python3-dev gcc libc6-dev), then run again",
    )
}

/// See [`Tools::wasm3`].
pub fn sources(tools: &Tools) -> Result<(PathBuf, &'static str)> {
    let check = |folder: &Path| -> Result<PathBuf> {
        let sources = folder.join("wasm3");
        ensure!(sources.join("m3_env.c").is_file(), "there is no m3_env.c in {}", sources.display());
        Ok(sources)
    };
    let name = format!("wasm3-of-{FOLDER}");
    if let Ok(found) = check(&tools.place(&name)) {
        return Ok((found, PYWASM3.version));
    }
    say("fetching wasm3's sources from PyPI's pywasm3");
    Ok((tools.install(&name, check, |partial| PYWASM3.unpack(partial))?, PYWASM3.version))
}

/// The Python of the environment in `folder`, if it has pywasm3.
fn check(folder: &Path) -> Result<PathBuf> {
    let python = folder.join("bin").join("python3");
    let version = run(Command::new(&python).args(["-c", "import wasm3; print(wasm3.M3_VERSION)"]))?;
    ensure!(version.trim() == PYWASM3.version, "{} has pywasm3 {}", python.display(), version.trim());
    Ok(python)
}
