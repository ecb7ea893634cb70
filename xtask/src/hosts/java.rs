//! The package for Java. Maven builds and tests it; its modules are those of `dist/`, split for HotSpot.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::tools::Tools;
use crate::{finish, root, split};

/// Maven with goals, quietly. It needs no network but the first time.
fn maven(goals: &[&str]) -> Result<Command> {
    let mut maven = Command::new(Tools::new(root()).maven()?);
    maven.args(["--quiet", "--batch-mode", "--no-transfer-progress"]).args(goals);
    maven.current_dir(root().join("hosts/java"));
    Ok(maven)
}

fn build(goals: &[&str]) -> Result<()> {
    split::dist()?;
    finish(&mut maven(goals)?)
}

/// The fast tests.
pub fn test() -> Result<()> {
    build(&["test"])
}

/// Puts the jar into `dist/`.
pub fn pack() -> Result<()> {
    build(&["package", "-Dmaven.test.skip=true"])?;
    let jar = "moonlet-0.1.0.jar";
    let size = fs::copy(root().join("hosts/java/target").join(jar), root().join("dist").join(jar))?;
    println!("{jar} ({size} bytes)");
    Ok(())
}

/// A program of the tests, the examples or the figures, compiled.
pub fn program(class: &str, arguments: &[String]) -> Result<Command> {
    build(&["-Pbench", "test-compile"])?;
    let arguments = format!("-Dexec.args=-cp %classpath {class} {}", arguments.join(" "));
    maven(&["-Pbench", "exec:exec", "-Dexec.executable=java", "-Dexec.classpathScope=test", &arguments])
}
