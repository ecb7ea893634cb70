//! wasm2c of wabt, which turns a module into C.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::process::{find, resolve, run, say};
use super::{Tools, list};

/// The version whose output `xtask/src/hosts/c/translate.rs` reads. Debian has had it from version 12 on.
const VERSION: &str = "1.0.32";

/// See [`Tools::wasm2c`](super::Tools::wasm2c).
pub fn get(tools: &Tools) -> Result<PathBuf> {
    if let Some(written) = std::env::var_os("MOONLET_WASM2C") {
        return check(resolve(&written)?).context("MOONLET_WASM2C names no usable wasm2c");
    }
    let name = format!("wabt-{VERSION}");
    let mut reasons = Vec::new();
    match find("wasm2c").context("there is none").and_then(check) {
        Ok(found) => return Ok(found),
        Err(error) => reasons.push(format!("wasm2c on PATH: {error:#}")),
    }
    let installed = tools.install(
        &name,
        |place| check(place.join("usr/bin/wasm2c")),
        |folder| {
            // apt checks what it fetches; unpacking it takes no root.
            say(&format!("installing wabt {VERSION} into target/tools: apt-get download wabt, dpkg -x"));
            run(Command::new("apt-get").args(["download", "wabt"]).current_dir(folder))?;
            let package = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
            let package = package
                .into_iter()
                .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
                .context("apt-get fetched no package")?;
            let tool = folder.join("tool");
            run(Command::new("dpkg").arg("-x").arg(package).arg(&tool))?;
            Ok(tool)
        },
    );
    installed.or_else(|error| {
        reasons.push(format!("Debian's package: {error:#}"));
        anyhow::bail!(
            "wasm2c {VERSION} is needed:\n{}install Debian's package wabt, or set MOONLET_WASM2C to the program",
            list(&reasons)
        )
    })
}

fn check(program: PathBuf) -> Result<PathBuf> {
    let version = run(Command::new(&program).arg("--version"))?;
    ensure!(version.trim() == VERSION, "{} has version {}", program.display(), version.trim());
    Ok(program)
}
