//! Compiles the unmodified C of `lua-src` against `libc-shim/include`, with the hooks of `src/lua`, and links it into the module.
//!
//! Downloads nothing. The compiler is clang 22 (`CC_wasm32_unknown_unknown`, else `clang-22`); `make run` sees to it.

use std::env;
use std::path::PathBuf;

#[path = "src/lua/sources.rs"]
mod sources;

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

    let lua =
        PathBuf::from(env::var("OUT_DIR").expect("cargo names a folder for output")).join(sources::version());
    // Those of src/lua; make hooks puts others in their place.
    println!("cargo:rerun-if-env-changed=MOONLET_HEADERS");
    let hooks = env::var_os("MOONLET_HEADERS").map_or_else(|| root.join("src/lua"), PathBuf::from);
    println!("cargo:rerun-if-changed={}", hooks.display());
    let is_mini = env::var_os("CARGO_FEATURE_MINI").is_some();
    let (hot, cold) = sources::c_files(&lua, &root.join("src/lua"), is_mini);
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
    let ltests = sources::ltests();
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
    let mut fast = library.clone();
    fast.flag("-O2").files(hot);
    for flag in ["-inline-threshold=-20", "-disable-lsr", "-enable-pre=0"] {
        library.flag("-mllvm").flag(flag);
    }
    library.flag("-Oz").files(cold);
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
