//! C compilers, for this machine and for others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::{folder, package};
use crate::finish;

/// Warnings of the package's own files are errors.
const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-Wpedantic", "-Wno-missing-field-initializers", "-Werror"];
/// In what wasm2c wrote there are variables that nothing reads.
const TRANSLATED: [&str; 2] = ["-w", "-std=c11"];

/// A C compiler, with a folder for what it makes.
pub struct Compiler {
    pub program: PathBuf,
    pub archiver: PathBuf,
    pub folder: PathBuf,
    pub flags: Vec<String>,
}

/// Machines whose programs qemu runs here.
pub struct Target;

impl Target {
    /// A program as it is run: by itself, or by another.
    pub fn command(runner: &str, program: &Path) -> Command {
        if runner.is_empty() {
            return Command::new(program);
        }
        let mut words = runner.split(' ');
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).arg(program);
        command
    }
}

impl Compiler {
    /// The one of this machine: `CC`, or `cc`, which Rust needs for linking anyway.
    pub fn host() -> Result<Self> {
        let program = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        Self::named("host", &program.to_string_lossy(), "ar")
    }

    /// Another one, by its program.
    pub fn named(name: &str, program: &str, archiver: &str) -> Result<Self> {
        let folder = folder().join(name);
        fs::create_dir_all(&folder)?;
        Ok(Self { program: program.into(), archiver: archiver.into(), folder, flags: Vec::new() })
    }

    /// The modules as objects, two at a time; those that are newer than their sources stay.
    pub fn objects(&self, sources: &[PathBuf], optimization: &str) -> Result<Vec<PathBuf>> {
        let into = self.folder.join(optimization.trim_start_matches('-'));
        fs::create_dir_all(&into)?;
        let made = |source: &Path| into.join(source.file_name().unwrap_or_default()).with_extension("o");
        let inputs =
            ["translated.h", "translated_module.h", "engine.h"].map(|name| package().join("src").join(name));
        let headers = inputs.iter().map(|path| modified(path)).max().flatten();
        let stale = |source: &&PathBuf| modified(&made(source)) <= modified(source).max(headers);
        let stale: Vec<&PathBuf> = sources.iter().filter(stale).collect();
        let compile = |source: &Path| -> Result<()> {
            let partial = made(source).with_extension("partial.o");
            let mut command = Command::new(&self.program);
            command.args(&self.flags).args(TRANSLATED).args([
                optimization,
                "-ffunction-sections",
                "-fdata-sections",
            ]);
            command.arg("-I").arg(package().join("src")).arg("-c").arg(source).arg("-o").arg(&partial);
            finish(&mut command)?;
            Ok(fs::rename(partial, made(source))?)
        };
        for pair in stale.chunks(2) {
            thread::scope(|scope| {
                let running: Vec<_> = pair.iter().map(|source| scope.spawn(|| compile(source))).collect();
                running.into_iter().try_for_each(|one| one.join().ok().context("a compiler's thread")?)
            })?;
        }
        Ok(sources.iter().map(|source| made(source)).collect())
    }

    /// `libmoonlet.a` of modules that were translated; answers where it is.
    pub fn library(&self, modules: &[PathBuf], optimization: &str) -> Result<PathBuf> {
        let mut objects = self.objects(modules, optimization)?;
        let core = self.folder.join(optimization.trim_start_matches('-')).join("moonlet.o");
        let mut command = Command::new(&self.program);
        command.args(&self.flags).args(STRICT).args([
            "-std=c11",
            optimization,
            "-ffunction-sections",
            "-fdata-sections",
            "-c",
        ]);
        finish(command.arg(package().join("src/library.c")).arg("-o").arg(&core))?;
        objects.insert(0, core);
        let library = self.folder.join(optimization.trim_start_matches('-')).join("libmoonlet.a");
        let _ = fs::remove_file(&library);
        finish(Command::new(&self.archiver).arg("rcsD").arg(&library).args(objects))?;
        Ok(library)
    }

    /// A program of the package's own files, optimized and warned of as told.
    pub fn program(
        &self,
        name: &str,
        optimization: &str,
        sources: &[PathBuf],
        objects: &[PathBuf],
    ) -> Result<PathBuf> {
        self.link(&format!("plain/{name}"), &[optimization, "-g"], sources, objects, &[])
    }

    /// The same under AddressSanitizer and the sanitizer of undefined behaviour.
    pub fn sanitized(&self, name: &str, sources: &[PathBuf], objects: &[PathBuf]) -> Result<PathBuf> {
        let flags = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"];
        self.link(&format!("sanitized/{name}"), &flags, sources, objects, &[])
    }

    /// Compiles and links; the library's own unit is added unless one of the sources holds it.
    pub fn link(
        &self,
        path: &str,
        flags: &[&str],
        sources: &[PathBuf],
        objects: &[PathBuf],
        last: &[&str],
    ) -> Result<PathBuf> {
        let program = self.folder.join(path);
        fs::create_dir_all(program.parent().context("a program lies in a folder")?)?;
        let mut command = Command::new(&self.program);
        command.args(&self.flags).args(STRICT).arg("-std=c11").args(flags).args(sources);
        if !sources.iter().any(|source| source.ends_with("vectors.c") || source.ends_with("suite.c")) {
            command.arg(package().join("src/library.c"));
        }
        finish(command.args(objects).arg("-o").arg(&program).arg("-lm").args(last))?;
        Ok(program)
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
