//! What the package takes: speed beside native Lua of the same C files, and sizes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::backends::{Backend, version};
use super::compile::Compiler;
use super::{folder, package, translated, translated_all};
use crate::tools::Tools;
use crate::{Lua, finish, native, root};

/// Of each kernel the best of so many runs of each program, taken in turn.
const RUNS: usize = 3;

/// Prints the times of kernels in times that of native Lua, for both compilers.
pub fn speed(only: Option<&str>) -> Result<()> {
    let names = ["wasm2c, gcc", "wasm2c, gcc, guard pages", "wasm2c, clang"];
    let kernel = [package().join("bench/kernel.c")];
    let mut programs = vec![native_lua("gcc")?, native_lua("clang")?];
    for name in names {
        programs.push(Backend::get(name)?.program("kernel", &kernel)?);
    }
    println!(
        "| time in that of native Lua by gcc -O2 | native Lua by clang | {} |\n|---|---:|---:|---:|---:|",
        names.join(" | ")
    );
    let mut products = vec![(0.0, 0); programs.len()];
    for file in kernels()? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let argument = argument(&file)?;
        let mut best = vec![f64::INFINITY; programs.len()];
        for _ in 0..RUNS {
            for (program, best) in programs.iter().zip(&mut best) {
                *best = best.min(seconds(program, &file, &argument)?);
            }
        }
        let ratios: Vec<f64> = best[1..].iter().map(|time| time / best[0]).collect();
        for (product, ratio) in products.iter_mut().zip(&ratios) {
            *product = (product.0 + ratio.ln(), product.1 + 1);
        }
        println!("| {name} | {} |", cells(&ratios));
    }
    let means: Vec<f64> =
        products[..programs.len() - 1].iter().map(|(sum, count)| (sum / f64::from(*count)).exp()).collect();
    println!("| geometric mean | {} |", cells(&means));
    Ok(())
}

fn cells(ratios: &[f64]) -> String {
    ratios.iter().map(|ratio| format!("{ratio:.2}")).collect::<Vec<_>>().join(" | ")
}

/// Native Lua 5.4 with the kernels' main program.
fn native_lua(compiler: &str) -> Result<PathBuf> {
    let program = folder().join("bench").join(format!("native-{compiler}"));
    let mut command = with_native_lua(compiler, &program)?;
    finish(command.arg("-DNATIVE").arg(package().join("bench/kernel.c")).arg("-lm"))?;
    Ok(program)
}

/// The program that does the tasks of all packages, with native Lua beside Moonlet in it.
pub fn tasks() -> Result<PathBuf> {
    let program = folder().join("bench/tasks");
    let compiler = Compiler::named("gcc", "gcc", "ar")?;
    let modules = compiler.objects(&translated_all()?, "-O2")?;
    let mut command = with_native_lua("gcc", &program)?;
    command.arg(package().join("bench/tasks.c")).arg(package().join("src/library.c")).args(&modules[..1]);
    finish(command.arg("-lm"))?;
    Ok(program)
}

/// The command that makes a program with the C files of native Lua 5.4 in it.
fn with_native_lua(compiler: &str, program: &Path) -> Result<Command> {
    fs::create_dir_all(program.parent().context("a folder")?)?;
    let sources = native::lua_src()?.join(Lua::Lua54.source_folder());
    let mut files: Vec<PathBuf> =
        fs::read_dir(&sources)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| {
        file.extension().is_some_and(|extension| extension == "c")
            && !file.ends_with("lua.c")
            && !file.ends_with("luac.c")
    });
    let mut command = Command::new(compiler);
    command
        .args(["-O2", "-std=gnu11", "-w", "-DLUA_COMPAT_5_3", "-DLUA_USE_POSIX", "-I"])
        .arg(&sources)
        .args(files)
        .arg("-o")
        .arg(program);
    Ok(command)
}

fn kernels() -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("benches/kernels"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    Ok(files)
}

/// The number on the first line of a kernel, which says how much it does.
fn argument(kernel: &Path) -> Result<String> {
    let text = fs::read_to_string(kernel)?;
    let first = text.strip_prefix("-- ").and_then(|rest| rest.split(',').next());
    Ok(first.with_context(|| format!("{} tells no number", kernel.display()))?.to_string())
}

fn seconds(program: &Path, kernel: &Path, argument: &str) -> Result<f64> {
    let output = Command::new(program).arg(kernel).arg(argument).output()?;
    ensure!(output.status.success(), "{}: {}", kernel.display(), String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

/// What small programs are compiled with.
const SMALL: [&str; 5] =
    ["-Os", "-fno-pie", "-fno-asynchronous-unwind-tables", "-fno-stack-protector", "-fomit-frame-pointer"];

/// Prints the sizes of the library and of static programs.
pub fn sizes() -> Result<()> {
    let mut gcc = Compiler::named("gcc", "gcc", "ar")?;
    let modules = translated_all()?;
    let library = gcc.library(&modules, "-O2")?;
    println!(
        "gcc {}: {} bytes of libmoonlet.a with all four modules, -O2",
        version("gcc")?,
        fs::metadata(&library)?.len()
    );
    gcc.folder = folder().join("small");
    gcc.flags = SMALL.iter().map(ToString::to_string).collect();
    let small = gcc.library(&modules[2..3], "-Os")?;
    println!("{} bytes of libmoonlet.a with the mini variant of 5.4 alone, -Os", fs::metadata(&small)?.len());
    let (headers, musl) = Tools::new(root()).musl()?;
    // Of the compiler's own headers musl has not all.
    let own = Command::new("gcc").arg("-print-file-name=include").output()?;
    let own = String::from_utf8(own.stdout)?;
    for (constant, module, checks) in [
        ("moonlet_lua54_mini", "lua54-mini", "checked"),
        ("moonlet_lua54_mini", "lua54-mini", "guard pages"),
        ("moonlet_lua54", "lua54", "checked"),
    ] {
        let mut compiler = Compiler::named(&format!("small/{}", checks.replace(' ', "-")), "gcc", "ar")?;
        compiler.flags.clone_from(&gcc.flags);
        if checks != "checked" {
            compiler.flags.push("-DMOONLET_GUARD_PAGES".into());
        }
        let object = compiler.objects(&[translated(constant, module)?], "-Os")?;
        let program = compiler.folder.join(module);
        let mut command = Command::new("gcc");
        command.args(SMALL).args([
            "-no-pie",
            "-std=c11",
            "-ffunction-sections",
            "-fdata-sections",
            "-static",
        ]);
        command.args(["-nostdinc", "-nostdlib", "-s"]).arg(format!("-DMODULE={constant}"));
        command.arg("-isystem").arg(&headers).arg("-isystem").arg(own.trim()).arg("-o").arg(&program);
        command
            .arg(musl.join("crt1.o"))
            .arg(package().join("bench/script.c"))
            .arg(package().join("src/library.c"));
        command
            .args(object)
            .args(["-Wl,--gc-sections", "-Wl,-z,noseparate-code"])
            .arg(musl.join("libc.a"))
            .arg("-lgcc");
        finish(&mut command)?;
        let output = Command::new(&program).arg("return 6 * 7").output()?;
        ensure!(
            output.status.success() && output.stdout == b"42\n",
            "{} does not run a script",
            program.display()
        );
        let (size, said) = (fs::metadata(&program)?.len(), String::from_utf8_lossy(&output.stderr));
        println!("{size} bytes of a static program with {module}, {checks}, and musl, -Os; {}", said.trim());
    }
    Ok(())
}
