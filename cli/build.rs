//! How the command is linked, for its start: what the loader does then takes as long as all else that a small script needs.

use std::env;
use std::path::Path;
use std::process::Command;

/// What `cc` links by this name, if it has it.
fn library(name: &str) -> Option<String> {
    let found = Command::new("cc").arg(format!("-print-file-name={name}")).output().ok()?;
    let path = String::from_utf8(found.stdout).ok()?.trim_end().to_string();
    Path::new(&path).is_absolute().then_some(path)
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") != "linux" || target("ENV") != "gnu" {
        return;
    }
    // At a fixed address: the loader would otherwise write 42,000 addresses. Stack, heap, libraries and what the engine compiled stay where
    // the system likes.
    println!("cargo:rustc-link-arg-bins=-no-pie");
    // The unwinder within, in the place of a library to load; all of it, as otherwise that library is taken, which stands before it.
    if env::var("HOST") == env::var("TARGET")
        && let Some(unwinder) = library("libgcc_eh.a")
    {
        println!("cargo:rustc-link-arg-bins=-Wl,--whole-archive,{unwinder},--no-whole-archive");
    }
}
