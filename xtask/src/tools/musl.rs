//! musl, a small C library for static programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Tools;
use super::process::{run, say};

/// See [`Tools::musl`](super::Tools::musl).
pub fn get(tools: &Tools) -> Result<(PathBuf, PathBuf)> {
    if let Ok(found) = link(Path::new("/usr")).or_else(|_| link(&tools.place("musl"))) {
        return Ok(found);
    }
    say("installing musl into target/tools: apt-get download musl-dev, dpkg -x");
    tools.install("musl", link, |folder| {
        run(Command::new("apt-get").args(["download", "musl-dev"]).current_dir(folder))?;
        let tool = folder.join("tool");
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                run(Command::new("dpkg").arg("-x").arg(path).arg(&tool))?;
            }
        }
        Ok(tool)
    })
}

/// Where headers and library are below where Debian's package was unpacked, or below `usr`.
fn link(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let tuple = format!("{}-linux-musl", std::env::consts::ARCH);
    let found = ["usr", "."]
        .map(|below| folder.join(below))
        .map(|below| (below.join("include").join(&tuple), below.join("lib").join(&tuple)));
    let found =
        found.into_iter().find(|(headers, library)| headers.is_dir() && library.join("libc.a").is_file());
    found.with_context(|| format!("there is no musl in {}", folder.display()))
}
