//! valgrind, which counts the instructions of a process. Its version changes no count.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::apt;
use super::process::find;

/// See [`Tools::valgrind`](super::Tools::valgrind).
pub fn get() -> Result<PathBuf> {
    if let Some(program) = find("valgrind") {
        return Ok(program);
    }
    apt::install("valgrind").context(
        "valgrind is needed; install it (on Debian, as root: apt-get install valgrind), then run again",
    )?;
    find("valgrind").context("apt-get installed valgrind, but it is not on PATH")
}
