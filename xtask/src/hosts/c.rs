//! The package for C: the modules translated into C, the library, the tests, what is shipped, its figures.

mod amalgamate;
mod backends;
mod compile;
mod cross;
mod figures;
mod pages;
mod translate;
mod vectors;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::tools::Tools;
use crate::{finish, root};

use compile::{Compiler, Target};

/// What is done with the package in a checkout; it needs the modules that `cargo xtask dist` leaves in dist/.
#[derive(clap::Subcommand)]
pub enum Task {
    /// Translate the modules into C, and compile them into target/c/host/O2/libmoonlet.a
    Build,
    /// The fast tests: sanitizers, valgrind, vectors, programs
    Test,
    /// Tests, vectors and programs on every back end; a line of JSON for each
    Engines,
    /// Vectors, programs, the official suites and memory on aarch64, riscv64 and 32-bit Arm, by qemu
    Cross,
    /// Time kernels beside native Lua of the same C files, by gcc and clang
    Bench {
        /// Those whose names hold this
        kernel: Option<String>,
    },
    /// Time the tasks of all packages beside native Lua's C interface; a line of JSON for each
    Tasks,
    /// The sizes of the library and of static programs
    Sizes,
    /// Put the package into dist/: moonlet.c and moonlet.h, for each module
    Pack,
}

/// Does it.
pub fn run(task: Task) -> Result<()> {
    match task {
        Task::Build => build(),
        Task::Test => test(),
        Task::Engines => backends::rows(),
        Task::Cross => cross::cross(),
        Task::Bench { kernel } => figures::speed(kernel.as_deref()),
        Task::Tasks => finish(&mut bench()?),
        Task::Sizes => figures::sizes(),
        Task::Pack => pack(),
    }
}

/// The modules, by the names of their constants and of their files.
const MODULES: [(&str, &str); 4] = [
    ("moonlet_lua54", "lua54"),
    ("moonlet_lua55", "lua55"),
    ("moonlet_lua54_mini", "lua54-mini"),
    ("moonlet_lua55_mini", "lua55-mini"),
];

/// The programs of hosts/programs, and the files with what they print.
const PROGRAMS: [(&str, &str); 6] = [
    ("hello", "hello"),
    ("errors", "errors"),
    ("host_calls", "host-calls"),
    ("hostile", "hostile"),
    ("pause", "pause"),
    ("snapshot", "snapshot"),
];

/// Where what is made goes.
fn folder() -> PathBuf {
    root().join("target/c")
}

fn package() -> PathBuf {
    root().join("hosts/c")
}

/// Writes a file where it is not there with the same contents, so that what is made of it is not made anew.
fn write(path: &Path, contents: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == contents) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
    fs::write(path, contents).with_context(|| format!("cannot write {}", path.display()))
}

/// The C of a module of `dist/`; answers where it is.
fn translated(constant: &str, module: &str) -> Result<PathBuf> {
    let made = folder().join("wasm2c").join(module.replace('-', "_")).with_extension("c");
    fs::create_dir_all(made.parent().context("a file lies in a folder")?)?;
    let wasm = root().join("dist").join(module).with_extension("wasm");
    finish(Command::new(Tools::new(root()).wasm2c()?).arg(wasm).arg("-o").arg(&made))?;
    let text = translate::translate(&fs::read_to_string(&made)?, constant)?;
    let path = folder().join(constant).with_extension("c");
    write(&path, text.as_bytes())?;
    Ok(path)
}

/// All modules as C.
fn translated_all() -> Result<Vec<PathBuf>> {
    MODULES.iter().map(|(constant, module)| translated(constant, module)).collect()
}

/// Translates the modules, and makes the library of them.
fn build() -> Result<()> {
    let compiler = Compiler::host()?;
    let library = compiler.library(&translated_all()?, "-O2")?;
    println!("{} ({} bytes)", library.display(), fs::metadata(&library)?.len());
    Ok(())
}

/// The package as people take it: for each module one file of C beside `moonlet.h`, in an archive.
pub fn pack() -> Result<()> {
    let name = "moonlet-0.1.0-c";
    let into = folder().join("pack").join(name);
    let _ = fs::remove_dir_all(&into);
    for (constant, module) in MODULES {
        let source = amalgamate::source(&translated(constant, module)?)?;
        let place = if module == "lua54" { into.clone() } else { into.join(module) };
        write(&place.join("moonlet.c"), source.as_bytes())?;
    }
    write(&into.join("moonlet.h"), amalgamate::header()?.as_bytes())?;
    for file in ["LICENSE", "hosts/c/README.md"] {
        let name = Path::new(file).file_name().context("a file has a name")?;
        fs::copy(root().join(file), into.join(name))?;
    }
    // Equal commits give equal bytes.
    let archive = root().join("dist").join(format!("{name}.tar.gz"));
    let date = Command::new("git").args(["log", "-1", "--format=@%ct"]).current_dir(root()).output()?;
    let mut tar = Command::new("tar");
    tar.args([
        "--sort=name",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--mode=go=rX,u+rw",
        "--use-compress-program=gzip -9n",
    ]);
    tar.arg(format!("--mtime={}", String::from_utf8_lossy(&date.stdout).trim()));
    finish(tar.arg("-cf").arg(&archive).arg("-C").arg(folder().join("pack")).arg(name))?;
    println!("{} ({} bytes)", archive.display(), fs::metadata(&archive)?.len());
    Ok(())
}

/// The files of a folder of the package that end in `.c`.
fn c_files(inside: &str) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(package().join(inside))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "c"));
    files.sort();
    Ok(files)
}

/// The fast tests: under the sanitizers and under valgrind, with vectors and programs.
pub fn test() -> Result<()> {
    let compiler = Compiler::host()?;
    // The modules are checked by their own means, and a sanitizer would take minutes to compile them.
    let modules = compiler.objects(&translated_all()?, "-O1")?;
    let tests = compiler.sanitized("tests", &c_files("tests")?, &modules)?;
    finish(Command::new(tests).current_dir(root()))?;
    run_vectors(&compiler.sanitized("vectors", &vector_files(), &modules)?, "")?;
    faults(&compiler, &modules)?;
    under_valgrind(&compiler, &modules)?;
    for (program, expected) in PROGRAMS {
        let built = compiler.sanitized(
            program,
            &[package().join("examples").join(program).with_extension("c")],
            &modules[..1],
        )?;
        check_program(Command::new(built), expected)?;
    }
    pages::check(&compiler, &modules[..1])?;
    check_chain(&chain_program(&compiler, &modules)?)?;
    backends::test_guard_pages()
}

/// The chain from hop to hop, all of them this package's.
fn check_chain(program: &Path) -> Result<()> {
    let place = |number: usize| folder().join(format!("{number}.snapshot"));
    let step = |words: &[&str], files: &[PathBuf]| -> Result<Vec<u8>> {
        let output = Command::new(program)
            .args(words)
            .args(files)
            .current_dir(root())
            .stderr(Stdio::inherit())
            .output()?;
        ensure!(output.status.success(), "the chain breaks at {words:?}");
        Ok(output.stdout)
    };
    step(&["start"], &[place(0)])?;
    let mut end = Vec::new();
    for (hop, name) in ["first", "second", "third"].iter().enumerate() {
        end = step(&["go", name], &[place(hop), place(hop + 1)])?;
    }
    ensure!(
        end == b"first, second, third; closed 3 times\n",
        "the chain ends in {}",
        String::from_utf8_lossy(&end)
    );
    Ok(())
}

fn vector_files() -> [PathBuf; 2] {
    [package().join("tests/vectors/vectors.c"), package().join("tests/translated_modules.c")]
}

/// Runs the vectors on every module; answers how many there are.
fn run_vectors(program: &Path, runner: &str) -> Result<usize> {
    let (lines, count) = vectors::lines()?;
    let path = folder().join("vectors.txt");
    write(&path, lines.as_bytes())?;
    for (_, module) in MODULES {
        let mut command = Target::command(runner, program);
        finish(command.arg(module).arg(&path))?;
    }
    Ok(count)
}

/// A program prints what stands in hosts/programs.
fn check_program(mut command: Command, expected: &str) -> Result<()> {
    let output = command.current_dir(root()).stderr(Stdio::inherit()).output()?;
    let wanted = fs::read(root().join("hosts/programs").join(expected).with_extension("txt"))?;
    ensure!(output.status.success(), "{command:?} failed ({})", output.status);
    ensure!(output.stdout == wanted, "{expected} printed {}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

/// What hosts/c/tests/faults.c does wrong in each way is found by AddressSanitizer.
fn faults(compiler: &Compiler, modules: &[PathBuf]) -> Result<()> {
    let program = compiler.sanitized("faults", &[package().join("tests/faults/faults.c")], modules)?;
    for (fault, found) in FAULTS {
        let output = Command::new(&program).arg(fault).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            !output.status.success() && said.contains(found),
            "{fault} was not found by AddressSanitizer: {said}"
        );
    }
    Ok(())
}

const FAULTS: [(&str, &str); 4] = [
    ("state", "heap-use-after-free"),
    ("results", "heap-use-after-free"),
    ("writer", "heap-use-after-free"),
    ("length", "heap-buffer-overflow"),
];

/// The same tests and faults under valgrind, which sees what AddressSanitizer does not: values that were never set, and what is never freed.
fn under_valgrind(compiler: &Compiler, modules: &[PathBuf]) -> Result<()> {
    let tests = compiler.program("tests", "-O1", &c_files("tests")?, modules)?;
    let faults = compiler.program("faults", "-O1", &[package().join("tests/faults/faults.c")], modules)?;
    let valgrind = |program: &Path, words: &[&str]| -> Result<Command> {
        let mut command = Command::new(Tools::new(root()).valgrind()?);
        command.args(["--quiet", "--error-exitcode=9", "--leak-check=full", "--max-stackframe=4000000"]);
        command.arg(program).args(words).env("MOONLET_SOAK", "200");
        Ok(command)
    };
    // Without the tests of limits and damaged snapshots, which take minutes there.
    finish(&mut valgrind(
        &tests,
        &["evaluations", "host_functions", "objects", "tasks", "files", "bad_input", "mini"],
    )?)?;
    for (fault, _) in FAULTS {
        // One that is found may end the program by a signal later on.
        let output = valgrind(&faults, &[fault])?.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            !output.status.success() && said.contains("Invalid read"),
            "{fault} was not found by valgrind: {said}"
        );
    }
    Ok(())
}

/// The program of the chain, built.
pub fn chain() -> Result<PathBuf> {
    let compiler = Compiler::host()?;
    let modules = compiler.objects(&translated_all()?, "-O1")?;
    chain_program(&compiler, &modules)
}

fn chain_program(compiler: &Compiler, modules: &[PathBuf]) -> Result<PathBuf> {
    compiler.sanitized("chain", &[package().join("examples/chain.c")], &modules[..1])
}

/// The command that evaluates so often, as the tests do a few thousand times.
pub fn soak(count: u64) -> Result<Command> {
    let compiler = Compiler::host()?;
    let modules = compiler.objects(&translated_all()?, "-O1")?;
    let mut command = Command::new(compiler.program("tests", "-O1", &c_files("tests")?, &modules)?);
    command.arg("soak").env("MOONLET_SOAK", count.to_string()).current_dir(root());
    Ok(command)
}

/// The command that does the tasks of all packages, here and with native Lua.
pub fn bench() -> Result<Command> {
    Ok(Command::new(figures::tasks()?))
}

/// The command that prints the rows of the back ends.
pub fn engines() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap_or_else(|_| "xtask".into()));
    command.args(["c", "engines"]).current_dir(root());
    command
}
