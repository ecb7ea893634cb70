//! wasmtime's shared library with its C API, which PyPI's package of wasmtime for Python holds.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::Tools;
use super::process::say;
use super::python::Wheel;

const WASMTIME: Wheel = Wheel {
    name: "wasmtime",
    version: "50.0.1",
    sha256: &[
        "cc14c3a17654e0394e0225b11813532ef0cd7bd1e222a0c5494cdedaabeddac4",
        "675484e525c028dc02762b777f1db4477ea70caa3fec6775426daff4d64edfb1",
    ],
};

/// The library, and its version.
pub fn get(tools: &Tools) -> Result<(PathBuf, &'static str)> {
    let name = format!("libwasmtime-{}", WASMTIME.version);
    if let Ok(found) = check(&tools.place(&name)) {
        return Ok((found, WASMTIME.version));
    }
    say("fetching wasmtime's C API from PyPI");
    Ok((tools.install(&name, check, |partial| WASMTIME.unpack(partial))?, WASMTIME.version))
}

fn check(folder: &Path) -> Result<PathBuf> {
    let library =
        folder.join("wasmtime").join(format!("linux-{}", std::env::consts::ARCH)).join("_libwasmtime.so");
    ensure!(library.is_file(), "there is no {}", library.display());
    Ok(library)
}
