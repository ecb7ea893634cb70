//! From sources to the file that is shipped: cargo, then the exports, the lowering, wasm-opt, the operands below loops, the notice, the build id.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use wasm_encoder::{CustomSection, Section as _};
use wasmparser::{Parser, Payload};

use crate::tools::{Clang, Tools};
use crate::{Lua, cargo, exports, finish, operands, order, root};

/// What stands in `src/abi.rs` where the build id comes in.
const BUILD_ID: &[u8; 32] = b"moonlet: build id comes in here!";

/// What the mini variants have compiled for size, too (Cargo.toml, `profile.module`).
const MINI: &[&str] = &[
    "--config",
    "profile.module.opt-level='z'",
    "--config",
    "profile.module.package.libc-shim.opt-level='z'",
    "--config",
    "profile.module.package.dlmalloc.opt-level='z'",
];

/// Flags of wasm-opt for speed first: the interpreter is what the file is for. `src/lua/execute.c` says why its parts are apart.
const FAST: &[&str] = &[
    "--no-inline=moonlet_execute*",
    "-O3",
    "--flexible-inline-max-function-size=18",
    "--one-caller-inline-max-function-size=100",
];

/// And for a file that is to be small.
const SMALL: &[&str] = &["-Oz", "--skip-pass=merge-blocks"];

/// Flags of wasm-opt for all. The passes that are left out make a file shorter, but less regular, so that it is longer after brotli.
const OPTIMIZE: &[&str] = &[
    "--converge",
    "--skip-pass=local-cse",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "--mvp-features",
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-extended-const",
];

/// What a module of a version of Lua holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// Everything.
    Full,
    /// Less, for hosts that count bytes (ABI.md, Mini).
    Mini,
}

impl Variant {
    pub const ALL: [Self; 2] = [Self::Full, Self::Mini];

    /// The module's name, without its ending.
    fn name(self, lua: Lua) -> String {
        match self {
            Self::Full => lua.name().into(),
            Self::Mini => format!("{}-mini", lua.name()),
        }
    }

    /// The features of cargo that make it.
    fn features(self, lua: Lua) -> String {
        match self {
            Self::Full => lua.name().into(),
            Self::Mini => format!("{},mini", lua.name()),
        }
    }
}

/// Builds all that is shipped: both variants of both versions.
pub fn build_all() -> Result<Vec<PathBuf>> {
    let each = Variant::ALL.into_iter().flat_map(|variant| Lua::ALL.map(|lua| (lua, variant)));
    each.map(|(lua, variant)| build_variant(lua, variant)).collect()
}

/// Builds one full module into `target/moonlet` and answers where it is.
pub fn build(lua: Lua) -> Result<PathBuf> {
    build_variant(lua, Variant::Full)
}

/// The same for either variant.
pub fn build_variant(lua: Lua, variant: Variant) -> Result<PathBuf> {
    build_as(&variant.name(lua), &variant.features(lua))
}

/// Builds `target/moonlet/<lua>.unmetered.wasm`, which differs from what is shipped in having no budget.
pub fn build_unmetered(lua: Lua) -> Result<PathBuf> {
    let path = build_as(&format!("{}.unmetered", lua.name()), &format!("{},unmetered", lua.name()))?;
    // Nothing but figures is made of it, which would show a function that only the budget has too late.
    ensure!(!has_imports(&fs::read(&path)?)?, "{} has imports", path.display());
    Ok(path)
}

/// Whether a module wants anything of its host, as one does that lacks a function.
fn has_imports(wasm: &[u8]) -> Result<bool> {
    for payload in Parser::new(0).parse_all(wasm) {
        if matches!(payload?, Payload::ImportSection(_)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Builds one module, and answers also what the linker made of it; beside the module lies the map of its functions.
pub fn build_with_linked(lua: Lua, variant: Variant) -> Result<(PathBuf, Vec<u8>)> {
    let raw = compile(&Tools::new(root()), &variant.features(lua), &[])?;
    Ok((finish_as(&variant.name(lua), &raw)?, raw))
}

/// Builds a module with those features, as it would be shipped, under that name.
fn build_as(name: &str, features: &str) -> Result<PathBuf> {
    finish_as(name, &compile(&Tools::new(root()), features, &[])?)
}

/// From what the linker made to what is shipped, where that is not there yet.
fn finish_as(name: &str, raw: &[u8]) -> Result<PathBuf> {
    let tools = Tools::new(root());
    let folder = root().join("target/moonlet");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.wasm"));
    let made_from = folder.join(format!("{name}.raw.sha256"));
    let hash = hex(&Sha256::digest(raw));
    // The steps below change only with this program, which cargo's own stamp of the raw module does not know.
    let recipe = format!("{hash} {}\n", hex(&Sha256::digest(fs::read(std::env::current_exe()?)?)));
    if path.exists() && fs::read_to_string(&made_from).is_ok_and(|known| known == recipe) {
        return Ok(path);
    }
    if name == Lua::Lua54.name() {
        // For the tests of the shim's functions inside a module: the same code with every symbol exported.
        fs::write(folder.join("lua54.symbols.wasm"), lower(raw)?)?;
    }
    let lowered = lower(&exports::prune(raw)?)?;
    let optimized = operands::settle(&optimize(&tools, &folder, name, &lowered)?)?;
    let optimized = interpreter_first(&optimized, &folder.join(format!("{name}.map")))?;
    fs::write(&path, identify(with_notice(optimized)?)?)?;
    fs::write(&made_from, recipe)?;
    Ok(path)
}

/// The function in which scripts spend their time in front of all others, so that what stands before it does not move its code:
/// RATIONALE.md says what comes of that.
fn interpreter_first(wasm: &[u8], map: &Path) -> Result<Vec<u8>> {
    let names = fs::read_to_string(map)?;
    let find = |wanted: &str| {
        names.lines().filter_map(|line| line.split_once(':')).find(|(_, name)| *name == wanted)
    };
    let (number, _) = find("moonlet_execute_leaf")
        .or_else(|| find("luaV_execute"))
        .with_context(|| format!("{} names no interpreter", map.display()))?;
    let number = number.parse()?;
    fs::write(map, order::map_first(&names, number)?)?;
    order::first(wasm, number)
}

/// Builds one module without wasm-opt; the next build of what is shipped replaces it.
pub fn build_quickly(lua: Lua, variant: Variant) -> Result<()> {
    let raw = compile(&Tools::new(root()), &variant.features(lua), &[])?;
    let folder = root().join("target/moonlet");
    fs::create_dir_all(&folder)?;
    let lowered = lower(&exports::prune(&raw)?)?;
    let path = folder.join(variant.name(lua));
    fs::write(path.with_extension("wasm"), identify(with_notice(lowered)?)?)?;
    let made_from = path.with_extension("raw.sha256");
    if made_from.exists() {
        fs::remove_file(made_from)?;
    }
    Ok(())
}

/// Builds `target/moonlet/<lua>.without.wasm` with other headers in the place of those of `src/lua`, or `<lua>.without.faults.wasm`, in
/// which allocations can fail; false when that cannot be built. By wasm-opt only where what it takes is measured.
pub fn build_without(
    lua: Lua,
    variant: Variant,
    headers: &Path,
    faults: bool,
    optimized: bool,
) -> Result<bool> {
    let tools = Tools::new(root());
    let features = format!("{}{}", variant.features(lua), if faults { ",faults" } else { "" });
    let environment = [("MOONLET_HEADERS", headers)];
    let Ok(raw) = compile(&tools, &features, &environment) else { return Ok(false) };
    let folder = root().join("target/moonlet");
    let path = folder.join(variant.name(lua));
    let mut wasm = lower(&exports::prune(&raw)?)?;
    if has_imports(&wasm)? {
        return Ok(false);
    }
    if faults {
        fs::write(path.with_extension("without.faults.wasm"), lower(&raw)?)?;
    } else {
        if optimized {
            wasm = optimize(&tools, &folder, "without", &wasm)?;
        }
        fs::write(path.with_extension("without.wasm"), identify(with_notice(wasm)?)?)?;
    }
    Ok(true)
}

/// Builds `target/moonlet/<lua>.faults.wasm`, in which the tests can make allocations fail.
pub fn build_faults(lua: Lua) -> Result<()> {
    let raw = compile(&Tools::new(root()), &format!("{},faults", lua.name()), &[])?;
    let path = root().join("target/moonlet").join(lua.name()).with_extension("faults.wasm");
    fs::write(path, lower(&raw)?)?;
    Ok(())
}

/// Builds `target/moonlet/<lua>.ltests.wasm`, which holds Lua's internal test library and checks; `testes` is where it lies.
pub fn build_ltests(lua: Lua, testes: &Path) -> Result<()> {
    let sources = testes.join(lua.name());
    let features = format!("{},ltests", lua.name());
    let raw = compile(&Tools::new(root()), &features, &[("MOONLET_LTESTS", &sources)])?;
    let path = root().join("target/moonlet").join(lua.name()).with_extension("ltests.wasm");
    fs::write(path, lower(&raw)?)?;
    Ok(())
}

/// Runs cargo for the raw module: standard WebAssembly with exceptions, every symbol exported.
fn compile(tools: &Tools, features: &str, environment: &[(&str, &Path)]) -> Result<Vec<u8>> {
    tools.wasm_target()?;
    let clang = tools.clang()?;
    // build.rs asks cargo where lua-src lies, which cargo knows once every package is there.
    finish(cargo().args(["fetch", "--locked", "--quiet"]))?;
    let mut command = cargo();
    command
        .args([
            "build",
            "--package",
            "moonlet-module",
            "--profile",
            "module",
            "--target",
            "wasm32-unknown-unknown",
        ])
        .args(["--no-default-features", "--features", features, "--locked"])
        .args(if features.contains("mini") { MINI } else { &[] })
        .env("CC_wasm32_unknown_unknown", clang.program)
        .envs(environment.iter().copied());
    for variable in Clang::DISTURBING_VARIABLES {
        command.env_remove(variable);
    }
    finish(&mut command)?;
    let path = root().join("target/wasm32-unknown-unknown/module/moonlet_module.wasm");
    fs::read(&path).with_context(|| format!("cargo left no {}", path.display()))
}

fn lower(wasm: &[u8]) -> Result<Vec<u8>> {
    let options = lower_eh::Options { compare_switches: true };
    let (lowered, _) = lower_eh::lower(wasm, &options).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(lowered)
}

fn optimize(tools: &Tools, folder: &Path, name: &str, wasm: &[u8]) -> Result<Vec<u8>> {
    // Named by the process too: another one may be building beside this one.
    let stage = |stage: &str| folder.join(format!("{name}.{}.{stage}.wasm", std::process::id()));
    let (input, output) = (stage("lowered"), stage("optimized"));
    fs::write(&input, wasm)?;
    let symbols = format!("--symbolmap={}", folder.join(format!("{name}.map")).display());
    let mut wasm_opt = tools.wasm_opt()?.command();
    let aim = if name.ends_with("-mini") { SMALL } else { FAST };
    finish(wasm_opt.arg(&input).arg("-o").arg(&output).args(aim).args(OPTIMIZE).arg(symbols))?;
    let optimized = fs::read(&output)?;
    fs::remove_file(&input)?;
    fs::remove_file(&output)?;
    Ok(optimized)
}

/// Puts the licence into the file, so that it travels with it.
fn with_notice(mut wasm: Vec<u8>) -> Result<Vec<u8>> {
    let notice = fs::read(root().join("LICENSE"))?;
    let section = CustomSection { name: "license".into(), data: notice.into() };
    section.append_to(&mut wasm);
    Ok(wasm)
}

/// Writes the SHA-256 of the module, as it is with the mark in place, over the mark.
fn identify(mut wasm: Vec<u8>) -> Result<Vec<u8>> {
    let places: Vec<usize> = wasm
        .windows(BUILD_ID.len())
        .enumerate()
        .filter_map(|(place, window)| (window == BUILD_ID).then_some(place))
        .collect();
    ensure!(places.len() == 1, "the module holds {} marks for its build id instead of one", places.len());
    let hash = Sha256::digest(&wasm);
    wasm[places[0]..places[0] + BUILD_ID.len()].copy_from_slice(&hash);
    Ok(wasm)
}

/// Bytes as lowercase hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
