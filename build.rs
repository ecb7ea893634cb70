//! Compiles the unmodified C of `lua-src` against `libc-shim/include`, with the hooks of `src/lua`, and links it into the module.
//!
//! Downloads nothing. The compiler is clang 22 (`CC_wasm32_unknown_unknown`, else `clang-22`); `make run` sees to it.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The one header of Lua that ours (`src/lua/ljumptab.h`) stands in for: C looks beside the including file first.
const REPLACED: &str = "ljumptab.h";

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

fn version() -> &'static str {
    match (env::var_os("CARGO_FEATURE_LUA54"), env::var_os("CARGO_FEATURE_LUA55")) {
        (Some(_), None) => "lua-5.4.9",
        (None, Some(_)) => "lua-5.5.1",
        _ => panic!("choose one of the features lua54 and lua55 (lua55 needs --no-default-features)"),
    }
}

/// C files of Lua and of `src/lua` that the mini variant leaves out.
const NOT_IN_MINI: &[&str] = &[
    "arguments.c",
    "debug.c",
    "execute.c",
    "input.c",
    "io.c",
    "ldblib.c",
    "leaf.c",
    "liolib.c",
    "linit.c",
    "loadlib.c",
    "loslib.c",
    "lundump.c",
    "ldump.c",
    "require.c",
];

/// The folder of Lua's internal test library, in the module for tests that holds it (feature `ltests`).
fn ltests() -> Option<PathBuf> {
    env::var_os("CARGO_FEATURE_LTESTS")?;
    println!("cargo:rerun-if-env-changed=MOONLET_LTESTS");
    let folder = env::var_os("MOONLET_LTESTS");
    Some(folder.expect("MOONLET_LTESTS names the folder of ltests.c; make conformance sets it").into())
}

fn compiler() -> cc::Build {
    let mut build = cc::Build::new();
    if env::var_os("CC_wasm32_unknown_unknown").is_none() {
        build.compiler("clang-22");
    }
    // No configuration of the machine, no debugging information, which holds paths, and no note of the compiler's
    // name: equal sources give equal objects with each build of the one clang.
    build
        .cargo_metadata(false)
        .flag("--no-default-config")
        .flag("-g0")
        .flag("-fno-ident")
        .flag("-mcpu=lime1");
    build
}

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo names the package's folder"));
    let include = root.join("libc-shim/include");
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed={}", include.display());
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return; // nothing to link on the host; this lets editors check the sources
    }

    let lua = PathBuf::from(env::var("OUT_DIR").expect("cargo names a folder for output")).join(version());
    // Those of src/lua; make hooks puts others in their place.
    println!("cargo:rerun-if-env-changed=MOONLET_HEADERS");
    let hooks = env::var_os("MOONLET_HEADERS").map_or_else(|| root.join("src/lua"), PathBuf::from);
    println!("cargo:rerun-if-changed={}", hooks.display());
    let is_mini = env::var_os("CARGO_FEATURE_MINI").is_some();
    let mut c_files = copy_sources(&lua_src().join(version()), &lua);
    c_files.extend(c_files_of(&root.join("src/lua")));
    let is_left_out = |path: &PathBuf| NOT_IN_MINI.iter().any(|name| path.ends_with(name));
    c_files.retain(|path| !(is_mini && is_left_out(path)));
    let mut library = compiler();
    library
        .warnings(true)
        .extra_warnings(true)
        .include(&lua)
        .include(hooks)
        .include(root.join("src/lua"))
        .flag("-std=gnu11")
        .flag("-nostdlibinc");
    if env::var_os("CARGO_FEATURE_UNMETERED").is_some() {
        library.define("MOONLET_UNMETERED", None);
    }
    if is_mini {
        // Of what 5.4 keeps for programs of 5.3 all but the functions of math that no manual names.
        library
            .define("MOONLET_MINI", None)
            .define("LUA_COMPAT_LT_LE", None)
            .define("LUA_COMPAT_APIINTCASTS", None);
    } else {
        library.define("LUA_COMPAT_5_3", None); // as Lua's own makefile has it
    }
    let ltests = ltests();
    match &ltests {
        None => library.define("LUA_USER_H", "\"lua_user.h\""),
        Some(sources) => {
            let ours = root.join("tests/conformance/ltests");
            println!("cargo:rerun-if-changed={}", ours.display());
            library
                .define("LUA_USER_H", "\"ltests_user.h\"")
                .include(sources)
                .include(&ours)
                .flag("-isystem")
                .flag(ours.join("include"))
                .flag("-Wno-unused-parameter")
        }
    };
    library.flag("-isystem").flag(&include).flag("-fvisibility=hidden").flag("-fno-math-errno");
    let mut leaf = library.clone();
    // Marks of where a variable is alive stand between its many exits and the end, and keep them apart by a variable. Unrolled loops, and what
    // is loaded before it is asked for, take registers from the interpreter's own variables.
    leaf.flag("-O2").flag("-fno-unroll-loops");
    leaf.flag("-Xclang").flag("-disable-lifetime-markers").flag("-mllvm").flag("-enable-load-pre=0");
    if !is_mini {
        leaf.file("src/lua/leaf.c");
    }
    let is_hot = |path: &&PathBuf| !is_mini && HOT.iter().any(|name| path.ends_with(name));
    let mut fast = library.clone();
    fast.flag("-O2").files(c_files.iter().filter(is_hot));
    for flag in ["-inline-threshold=-20", "-disable-lsr", "-enable-pre=0"] {
        library.flag("-mllvm").flag(flag);
    }
    library.flag("-Oz").files(c_files.iter().filter(|path| !is_hot(path) && !path.ends_with("leaf.c")));
    if let Some(sources) = &ltests {
        library.file(sources.join("ltests.c")).file(root.join("tests/conformance/ltests/support.c"));
    }

    let mut errors = compiler();
    // Only this file uses exceptions; the C is compiled as plain C. Flags that mean nothing to an assembler come from cc.
    errors
        .flag("-mexception-handling")
        .flag("-mreference-types")
        .flag("-Wno-unused-command-line-argument")
        .file("src/lua/lua_try.s");
    for build in [library, fast, leaf, errors] {
        for object in build.compile_intermediates() {
            println!("cargo:rustc-link-arg-cdylib={}", object.display());
        }
    }
    // The worst recursion within LUAI_MAXCCALLS, the library at the bottom of string.format, takes 120 KiB.
    let stack_size = if ltests.is_some() { "-zstack-size=1048576" } else { "-zstack-size=196608" };
    for argument in [stack_size, "--max-memory=2147483648"] {
        println!("cargo:rustc-link-arg-cdylib={argument}");
    }
}
