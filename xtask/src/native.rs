//! The same C files as a native program, to compare with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::tools::Tools;
use crate::{Lua, finish, root};

/// What native Lua of the benches is compiled with.
pub const CLANG_FLAGS: [&str; 6] =
    ["-O2", "-std=gnu11", "-w", "-DLUA_COMPAT_5_3", "-DLUA_USE_POSIX", "--no-default-config"];

/// Where cargo keeps the files of `lua-src`.
pub fn lua_src() -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(root())
        .other_options(["--offline".to_string(), "--locked".to_string()])
        .exec()
        .context("cargo cannot tell where lua-src is; fetch the packages first: cargo fetch --locked")?;
    let package = metadata.packages.into_iter().find(|package| package.name.as_str() == "lua-src");
    let manifest = package.context("lua-src is a build dependency")?.manifest_path;
    Ok(manifest.parent().context("a manifest lies in a folder")?.into())
}

fn c_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "c") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Compiles `tests/native/testes.c` with Lua's internal test library, which lies in `ltests`.
pub fn build_testes_internal(lua: Lua, ltests: &Path) -> Result<PathBuf> {
    compile(lua, "testes", Some(ltests))
}

/// Compiles `tests/native/<program>.c` with all of Lua by the host's C compiler, which Rust needs for linking anyway; answers
/// where the program is. A header of that name is Lua's `LUA_USER_H`.
pub fn build(lua: Lua, program: &str) -> Result<PathBuf> {
    compile(lua, program, None)
}

/// Compiles a program with all of Lua by the pinned clang, at the optimization that Lua's makefile asks for; answers where it is.
pub fn build_by_clang(lua: Lua, main: &Path) -> Result<PathBuf> {
    let name = main.file_stem().context("a C file has a name")?.to_string_lossy().into_owned();
    let path = root().join("target/native").join(format!("bench-{name}-{}", lua.name()));
    if newer(&path) > newer(main) {
        return Ok(path);
    }
    fs::create_dir_all(root().join("target/native"))?;
    let sources = lua_src()?.join(lua.source_folder());
    let mut clang = Command::new(Tools::new(root()).clang()?.program);
    clang.args(CLANG_FLAGS).arg("-I").arg(&sources).arg(main).args(c_files(&sources)?);
    finish(clang.arg("-o").arg(&path).args(["-lm", "-Wl,-E"]))?;
    Ok(path)
}

fn newer(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

fn compile(lua: Lua, program: &str, ltests: Option<&Path>) -> Result<PathBuf> {
    let sources = lua_src()?.join(lua.source_folder());
    let folder = root().join("target/native");
    fs::create_dir_all(&folder)?;
    let main = root().join("tests/native").join(program).with_extension("c");
    let internal = if ltests.is_some() { "-internal" } else { "" };
    let path = folder.join(format!("{program}{internal}-{}", lua.name()));
    let header = main.with_extension("h");
    if newer(&path) > newer(&main).max(newer(&header)) {
        return Ok(path);
    }
    let mut compiler = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    if header.exists() {
        compiler.arg(format!("-DLUA_USER_H=\"{}\"", header.display()));
    }
    if let Some(ltests) = ltests {
        compiler.arg("-DWITH_LTESTS").arg("-I").arg(ltests).arg(ltests.join("ltests.c"));
    }
    // Not fortified: glibc's checked functions would stand between Lua and those that the program replaces.
    compiler
        .args(["-O2", "-std=gnu11", "-w", "-U_FORTIFY_SOURCE", "-DLUA_COMPAT_5_3", "-DLUA_USE_POSIX", "-I"])
        .arg(&sources)
        .arg(&main)
        .args(c_files(&sources)?)
        .arg("-o")
        .arg(&path)
        .args(["-lm", "-Wl,-E"]);
    finish(&mut compiler)?;
    Ok(path)
}
