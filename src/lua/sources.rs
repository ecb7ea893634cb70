//! Which C files make the module: for `build.rs` alone.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The one header of Lua that ours (`src/lua/ljumptab.h`) stands in for: C looks beside the including file first.
const REPLACED: &str = "ljumptab.h";

/// The files in which scripts spend their time; the others are compiled for size, in the mini variant all.
const HOT: &[&str] = &[
    "bytes.c",
    "execute.c",
    "lapi.c",
    "ldo.c",
    "ltable.c",
    "lvm.c",
    "pattern.c",
    "resume.c",
    "sort.c",
    "table.c",
];

/// C files of Lua and of `src/lua` that the mini variant leaves out.
const NOT_IN_MINI: &[&str] = &[
    "arguments.c",
    "debug.c",
    "execute.c",
    "input.c",
    "io.c",
    "ldblib.c",
    "liolib.c",
    "linit.c",
    "loadlib.c",
    "loslib.c",
    "lundump.c",
    "ldump.c",
    "require.c",
];

/// The version of Lua that the features choose, as `lua-src` names its folder.
pub fn version() -> &'static str {
    match (env::var_os("CARGO_FEATURE_LUA54"), env::var_os("CARGO_FEATURE_LUA55")) {
        (Some(_), None) => "lua-5.4.9",
        (None, Some(_)) => "lua-5.5.1",
        _ => panic!("choose one of the features lua54 and lua55 (lua55 needs --no-default-features)"),
    }
}

/// The C files of that version, copied into the folder `to`, and those of `ours`: the hot ones, and the others. `leaf.c` is neither.
pub fn c_files(to: &Path, ours: &Path, is_mini: bool) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let is_one_of = |path: &PathBuf, names: &[&str]| names.iter().any(|name| path.ends_with(name));
    let mut files = copy_sources(&lua_src().join(version()), to);
    files.extend(c_files_of(ours));
    files.retain(|path| !(path.ends_with("leaf.c") || is_mini && is_one_of(path, NOT_IN_MINI)));
    files.into_iter().partition(|path| !is_mini && is_one_of(path, HOT))
}

/// Copies the whole standard library and the core, but for [`REPLACED`], into the folder `to`, and answers the C files; `lua.c` and
/// `luac.c`, the programs, are not in the package.
fn copy_sources(folder: &Path, to: &Path) -> Vec<PathBuf> {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).expect("a folder for Lua's sources");
    let entries = fs::read_dir(folder).expect("lua-src keeps its C files in a folder per version");
    for entry in entries {
        let path = entry.expect("readable folder entry").path();
        let name = path.file_name().expect("a file's name");
        if name != REPLACED {
            fs::copy(&path, to.join(name)).expect("room for Lua's sources");
        }
    }
    c_files_of(to)
}

/// The C files of a folder.
fn c_files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder with C files");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable folder entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    files.sort();
    files
}

/// Where cargo keeps the files of `lua-src`.
fn lua_src() -> PathBuf {
    let mut command = cargo_metadata::MetadataCommand::new();
    command.other_options(["--offline".to_string(), "--locked".to_string()]);
    let metadata = command.exec().unwrap_or_else(|error| {
        panic!("cargo cannot tell where lua-src is; fetch the packages first: cargo fetch --locked\n{error}")
    });
    let package = metadata.packages.iter().find(|package| package.name.as_str() == "lua-src");
    let manifest = &package.expect("lua-src is a build dependency").manifest_path;
    manifest.parent().expect("a manifest lies in a folder").into()
}

/// The folder of Lua's internal test library, in the module for tests that holds it (feature `ltests`).
pub fn ltests() -> Option<PathBuf> {
    env::var_os("CARGO_FEATURE_LTESTS")?;
    println!("cargo:rerun-if-env-changed=MOONLET_LTESTS");
    let folder = env::var_os("MOONLET_LTESTS");
    Some(folder.expect("MOONLET_LTESTS names the folder of ltests.c; make conformance sets it").into())
}
