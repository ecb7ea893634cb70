//! clang at one version for everybody. Debian's clang-22 and the clang inside PyPI's ziglang are builds of the same
//! LLVM release: with [`Clang::base_arguments`] they write the same bytes for every file of Lua.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::process::{find, resolve, run, say};
use super::python::Wheel;
use super::{Tools, apt, list};

const VERSION: &str = "22.1.8";
const VARIABLE: &str = "MOONLET_CLANG";

/// Below `target/tools`: ziglang's files with the script `clang` added.
const FOLDER: &str = "clang-22.1.8";

/// The Zig whose clang is of our version, for x86-64 and ARM64 Linux (glibc and musl) and macOS.
const ZIGLANG: Wheel = Wheel {
    name: "ziglang",
    version: "0.17.1",
    sha256: &[
        "ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54",
        "b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e",
        "4e0b4b9c02b8d0d220e9948010f860b62ff11d96abb39762eca5fa2ef3f7bc97",
        "09953b6af7f64168b915180a42774f520f92d86ef6331b28e33915c7e1f0bb23",
    ],
};

/// `zig clang` is the plain clang driver, without the defaults that `zig cc` adds (freestanding, frame pointers,
/// unwind tables, NDEBUG) and without its cache. Only clang's own headers are elsewhere than it thinks. A script
/// instead of arguments, because the `cc` crate takes one program, whose path may contain spaces.
const SCRIPT: &str = r#"#!/bin/sh
here="${0%/*}"
exec "$here/zig" clang -resource-dir "$here/lib" "$@"
"#;

/// A clang of the pinned version.
#[derive(Debug)]
pub struct Clang {
    /// An absolute path. It is the whole compiler: no leading arguments are needed.
    pub program: PathBuf,
}

impl Clang {
    /// Environment variables by which clang, and the `cc` crate in front of it, take another compiler, further
    /// flags and folders of headers. A build that gives the same bytes everywhere runs cargo without them.
    pub const DISTURBING_VARIABLES: &[&str] = &[
        // cc reads this one before CC_wasm32_unknown_unknown.
        "CC_wasm32-unknown-unknown",
        "CFLAGS_wasm32-unknown-unknown",
        "CFLAGS_wasm32_unknown_unknown",
        "TARGET_CFLAGS",
        "CFLAGS",
        "CPATH",
        "C_INCLUDE_PATH",
        "CCC_OVERRIDE_OPTIONS",
    ];

    /// What makes the object files equal on all machines: no configuration file of the system, no debug information
    /// (it holds paths), and no note of the compiler's name (`Debian clang` here, `clang` there).
    pub fn base_arguments() -> &'static [&'static str] {
        &["--no-default-config", "--target=wasm32-unknown-unknown", "-g0", "-fno-ident"]
    }
}

/// See [`Tools::clang`].
pub fn get(tools: &Tools) -> Result<Clang> {
    if let Some(written) = env::var_os(VARIABLE) {
        return resolve(&written).and_then(|program| check(&program)).with_context(|| {
            format!("{VARIABLE} must name a clang {VERSION} that compiles for wasm; correct it or unset it")
        });
    }
    if let Ok(clang) = check_folder(&tools.place(FOLDER)) {
        return Ok(clang);
    }
    let mut reasons = Vec::new();
    for way in [from_path, from_apt, from_pypi] {
        match way(tools) {
            Ok(clang) => return Ok(clang),
            Err(reason) => reasons.push(format!("{reason:#}")),
        }
    }
    bail!(
        "clang {VERSION} is not here and cannot be installed:\n{}Do one of these, then run again:\n\
        - if a download failed: check the network, and pip's settings for a proxy or an index of your own\n\
        - install python3 with pip or venv (on Debian, as root: apt-get install python3-venv)\n\
        - on Debian 12, as root: apt-get install clang-22\n\
        - set {VARIABLE} to the path of a clang {VERSION}",
        list(&reasons)
    )
}

/// A clang on `PATH` of exactly our version.
fn from_path(_: &Tools) -> Result<Clang> {
    let mut reasons = Vec::new();
    for program in ["clang-22", "clang"].iter().filter_map(|name| find(name)) {
        match check(&program) {
            Ok(clang) => return Ok(clang),
            Err(reason) => reasons.push(format!("{reason:#}")),
        }
    }
    ensure!(!reasons.is_empty(), "neither clang-22 nor clang is on PATH");
    bail!(reasons.join("\n"))
}

/// Debian's package, pinned: where another version has replaced it, nothing is installed in vain.
fn from_apt(_: &Tools) -> Result<Clang> {
    apt::install(&format!("clang-22=1:{VERSION}*"))?;
    check(&find("clang-22").context("apt-get installed clang-22, but it is not on PATH")?)
}

/// The clang inside PyPI's ziglang, in our own folder.
fn from_pypi(tools: &Tools) -> Result<Clang> {
    tools.install(FOLDER, check_folder, |partial| {
        say(&format!(
            "installing clang {VERSION}, from PyPI's {} {} (100 MB to fetch), into {}",
            ZIGLANG.name,
            ZIGLANG.version,
            tools.place(FOLDER).display()
        ));
        let folder = ZIGLANG.unpack(partial)?.join("ziglang");
        write_script(&folder.join("clang"))?;
        Ok(folder)
    })
}

fn write_script(path: &Path) -> Result<()> {
    fs::write(path, SCRIPT)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

fn check_folder(folder: &Path) -> Result<Clang> {
    check(&folder.join("clang"))
}

/// The clang at `program`, if it is the pinned version, was built with the wasm backend, and finds its headers.
fn check(program: &Path) -> Result<Clang> {
    let printed = run(Command::new(program).arg("--version"))?;
    let version = printed.lines().next().unwrap_or_default();
    ensure!(is_pinned(version), "{} is {version:?}, not clang {VERSION}", program.display());
    let mut compile = Command::new(program);
    compile.args(Clang::base_arguments()).args(["-mexception-handling", "-include", "stddef.h", "-x", "c"]);
    let object = run(compile.args(["-c", "/dev/null", "-o", "-"]))?;
    ensure!(object.starts_with("\0asm"), "{} does not compile for wasm", program.display());
    Ok(Clang { program: program.to_path_buf() })
}

/// Whether the first line of `--version` is of the pinned version: `Debian clang version 22.1.8 (1~deb12u1)`.
/// Apple's clang counts versions of its own.
fn is_pinned(line: &str) -> bool {
    let version = line.split_once("clang version ").and_then(|(_, rest)| rest.split_whitespace().next());
    version == Some(VERSION) && !line.starts_with("Apple")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pinned_version_counts() {
        assert!(is_pinned("Debian clang version 22.1.8 (1~deb12u1)"));
        assert!(is_pinned("clang version 22.1.8"));
        assert!(!is_pinned("clang version 22.1.80"));
        assert!(!is_pinned("Debian clang version 14.0.6"));
        assert!(!is_pinned("Apple clang version 22.1.8 (clang-2200.0.1)"));
        assert!(!is_pinned(""));
    }

    #[test]
    fn another_program_is_refused_by_name() {
        let error = check(&find("echo").unwrap()).unwrap_err().to_string();
        assert!(error.contains("echo is ") && error.ends_with("not clang 22.1.8"), "{error}");
    }
}
