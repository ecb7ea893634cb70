//! `make test`: everything that must hold.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::tools::Tools;
use crate::{Lua, cargo, dist, finish, hosts, module, native, root, sizes, web};

/// File names that only a build makes.
const GENERATED: &[&str] = &[".wasm", ".o", ".a", ".rlib", ".so", ".pyc", ".class", ".jar", ".tgz", ".whl"];
const GENERATED_FOLDERS: &[&str] = &["target/", "dist/", "node_modules/", "__pycache__/"];

/// A command of cargo, `test` or `build`, for every package but the module's own, which builds for WebAssembly only. Always all
/// packages, so that what they share is built once.
pub fn all_packages(verb: &str) -> Command {
    let mut command = cargo();
    command.args([verb, "--release", "--locked", "--workspace", "--exclude", "moonlet-module"]);
    command
}

/// Builds all that the tests drive.
pub fn build_for_tests() -> Result<()> {
    module::build_all()?;
    for lua in Lua::ALL {
        module::build_faults(lua)?;
        native::build(lua, "differential")?;
        native::build(lua, "testes")?;
    }
    Ok(())
}

/// Tells a test program where its tools are.
pub fn tell_tools(command: &mut Command) -> Result<()> {
    command
        .env("MOONLET_NODE", Tools::new(root()).node()?)
        .env("MOONLET_TESTES", Tools::new(root()).testes()?);
    Ok(())
}

/// The tests of all packages, after a build of all that they drive.
fn cargo_test() -> Result<Command> {
    build_for_tests()?;
    let mut command = all_packages("test");
    tell_tools(&mut command)?;
    Ok(command)
}

/// Builds the modules, then runs the checks and all tests, or only those that `filter` names.
pub fn test(filter: Option<&str>) -> Result<()> {
    let mut tests = cargo_test()?;
    match filter {
        Some(filter) => finish(tests.arg(filter)),
        None => {
            check()?;
            finish(&mut tests)?;
            sizes::check(&dist::dist()?)?;
            mini_program("hostile", &[])?;
            mini_program("sequences", &[("COUNT", 500)])?;
            hosts::test()?;
            web::test()
        }
    }
}

/// The promises on the mini variants, but for the tests that `tests/mini.txt` names, hostile scripts, memory on wasmtime and Node,
/// and that many random sequences of calls.
pub fn mini(sequences: u64) -> Result<()> {
    let list = fs::read_to_string(root().join("tests/mini.txt"))?;
    let skipped = list.lines().filter(|line| !line.starts_with('#'));
    let skipped = skipped.filter_map(|line| line.split(' ').next()).flat_map(|name| ["--skip", name]);
    finish(cargo_test()?.args(["--test", "promises", "--"]).args(skipped).env("MOONLET_MINI", "1"))?;
    mini_program("hostile", &[])?;
    mini_program("determinism", &[("STEPS", 20_000)])?;
    mini_program("sequences", &[("COUNT", sequences)])
}

/// One test program on the mini variants, after a build of all that the tests drive.
fn mini_program(name: &str, settings: &[(&str, u64)]) -> Result<()> {
    let mut tests = all_packages("test");
    tell_tools(&mut tests)?;
    tests.args(["--test", name]).env("MOONLET_MINI", "1");
    tests.envs(settings.iter().map(|(setting, value)| (setting, value.to_string())));
    finish(&mut tests)
}

/// The test that nothing leaks, with that many calls.
pub fn soak(count: u64) -> Result<()> {
    finish(
        cargo_test()?
            .args(["--test", "promises", "nothing_leaks", "--", "--nocapture"])
            .env("COUNT", count.to_string()),
    )
}

/// The pages that MEMORY comes to, by scripts that use it all up.
pub fn pages(mebibytes: u64) -> Result<()> {
    finish(
        cargo_test()?
            .args(["--test", "promises", "pages::memory_bounds", "--", "--nocapture"])
            .env("MEBIBYTES", mebibytes.to_string()),
    )
}

/// The test that a host loses nothing and does nothing twice, with that many processes killed for each module.
pub fn crash(kills: u64) -> Result<()> {
    finish(
        cargo_test()?
            .args(["--test", "snapshots", "crash::", "--", "--nocapture"])
            .env("KILLS", kills.to_string()),
    )
}

/// Builds the modules, and native Lua, with Lua's internal tests and checks.
fn build_internal() -> Result<()> {
    let testes = Tools::new(root()).testes()?;
    for lua in Lua::ALL {
        module::build_ltests(lua, &testes)?;
        native::build_testes_internal(lua, &testes.join(lua.name()))?;
    }
    Ok(())
}

/// Lua's official suites in their long form, also with Lua's internal tests, compared with native Lua. Then what hosts can do
/// to tasks, while Lua checks each of the module's own calls of its API.
pub fn conformance() -> Result<()> {
    build_internal()?;
    finish(cargo_test()?.args(["--test", "conformance", "--", "--include-ignored", "--nocapture"]))?;
    finish(cargo_test()?.args(["--test", "promises", "--", "tasks::"]).env("MOONLET_INTERNAL", "1"))
}

/// Lua's official suites and the golden scripts on engines other than wasmtime.
pub fn engines() -> Result<()> {
    finish(
        cargo_test()?
            .args(["--test", "engines", "every_engine", "--", "--ignored", "--nocapture"])
            .env("MOONLET_PYWASM3", Tools::new(root()).pywasm3()?),
    )
}

/// The tests of the command, and what its runs take beside native Lua's.
pub fn command() -> Result<()> {
    finish(cargo_test()?.args(["--test", "command"]))?;
    // Figures are of a machine that does nothing else.
    finish(cargo_test()?.args(["--test", "command", "--", "--ignored", "--nocapture"]))
}

/// One test program, with settings from the command line, showing what it prints.
pub fn program(name: &str, settings: &[(&str, u64)]) -> Result<()> {
    let mut tests = cargo_test()?;
    for (setting, value) in settings {
        tests.env(setting, value.to_string());
    }
    finish(tests.args(["--test", name, "--", "--nocapture"]))
}

/// Random calls of every function of every library. A tenth as many follow while Lua checks each call of its API.
pub fn calls(count: u64, seed: u64) -> Result<()> {
    build_internal()?;
    program("calls", &[("COUNT", count), ("SEED", seed)])?;
    let mut tests = cargo_test()?;
    tests.args(["--test", "calls", "no_call_traps", "--", "--nocapture"]);
    finish(
        tests
            .env("MOONLET_INTERNAL", "1")
            .env("COUNT", (count / 10).to_string())
            .env("SEED", seed.to_string()),
    )
}

/// The test that compares random programs with native Lua, still to be told which (PROGRAMS, SEED).
pub fn differential() -> Result<Command> {
    let mut tests = cargo_test()?;
    tests.args(["--test", "differential"]);
    Ok(tests)
}

/// Random calls of the shim and of the host's C library, which need no module.
pub fn glibc(cases: u64, seed: u64) -> Result<()> {
    finish(
        all_packages("test")
            .args(["--test", "glibc", "--", "--nocapture"])
            .env("CASES", cases.to_string())
            .env("SEED", seed.to_string()),
    )
}

/// Formatting, warnings, and the absence of generated files.
pub fn check() -> Result<()> {
    nothing_generated()?;
    finish(cargo().args(["fmt", "--all", "--check"]))?;
    for apart in ["tests/fuzz/Cargo.toml", "hosts/rust/engines/Cargo.toml"] {
        finish(cargo().args(["fmt", "--manifest-path", apart, "--check"]))?;
    }
    finish(cargo().args([
        "clippy",
        "--release",
        "--workspace",
        "--exclude",
        "moonlet-module",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    for features in ["lua54", "lua55", "lua54,moonlet-module/mini"] {
        finish(
            cargo()
                .args([
                    "clippy",
                    "--package",
                    "moonlet-module",
                    "--package",
                    "libc-shim",
                    "--profile",
                    "module",
                ])
                .args(["--target", "wasm32-unknown-unknown", "--no-default-features"])
                .args([
                    "--features",
                    &format!("moonlet-module/{features}"),
                    "--locked",
                    "--",
                    "-D",
                    "warnings",
                ])
                .env("CC_wasm32_unknown_unknown", Tools::new(root()).clang()?.program),
        )?;
    }
    Ok(())
}

/// Asks git for every file it tracks.
fn nothing_generated() -> Result<()> {
    let listing = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let listing = listing.context("cannot start git, which lists the files of the project")?;
    ensure!(listing.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&listing.stderr));
    for name in String::from_utf8(listing.stdout)?.split_terminator('\0') {
        let generated = GENERATED.iter().any(|ending| name.ends_with(ending))
            || GENERATED_FOLDERS
                .iter()
                .any(|folder| name.starts_with(folder) || name.contains(&format!("/{folder}")));
        if generated {
            bail!("{name} is made by a build; take it out: git rm --cached {name}");
        }
        let size = fs::metadata(root().join(name)).map_or(0, |metadata| metadata.len());
        ensure!(size <= 512 * 1024, "{name} has {size} bytes; nothing that large is written by hand");
    }
    Ok(())
}
