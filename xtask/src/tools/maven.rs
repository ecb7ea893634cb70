//! Maven and a JDK, which build and test the package for Java.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::apt;
use super::process::{find, run};

/// See [`Tools::maven`](super::Tools::maven).
pub fn get() -> Result<PathBuf> {
    const MISSING: &str = "Java 17 or newer and Maven are needed; install them (on Debian, as root: apt-get install \
                           openjdk-17-jdk-headless maven), then run again";
    if find("javac").is_none() {
        apt::install("openjdk-17-jdk-headless").context(MISSING)?;
    }
    if find("mvn").is_none() {
        apt::install("maven").context(MISSING)?;
    }
    let maven = find("mvn").context(MISSING)?;
    run(Command::new(&maven).arg("--version")).context(MISSING)?;
    Ok(maven)
}
