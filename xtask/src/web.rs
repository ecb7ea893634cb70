//! The playground of `web/`: its build and its tests, by the commands of its own manifest; and the server that serves it.

use std::process::Command;

use anyhow::Result;

use crate::{check, dist, finish, hosts, root};

fn npm(command: &str) -> Result<Command> {
    let mut npm = hosts::npm("web")?;
    npm.args(["run", "--silent", command]);
    Ok(npm)
}

/// Installs what it stands on, the JavaScript package among it, which has to be built.
fn install() -> Result<()> {
    dist::dist()?;
    hosts::build_javascript()?;
    hosts::install("web")
}

/// Puts the page into `web/dist`.
pub fn build() -> Result<()> {
    install()?;
    finish(&mut npm("build")?)?;
    println!("the page is in {}", root().join("web/dist").display());
    Ok(())
}

/// The tests that need no page.
pub fn test() -> Result<()> {
    install()?;
    finish(npm("test:unit")?.env("MOONLET_TOOLS", root().join("target/tools")))
}

/// The tests of the page in real browsers.
pub fn test_page() -> Result<()> {
    test()?;
    finish(&mut npm("test:page")?)?;
    finish(&mut npm("test:webkit")?)
}

/// Builds the page and the command, and serves it.
pub fn serve(arguments: &[String]) -> Result<()> {
    build()?;
    // As the tests are built, so that what they share is built once.
    finish(check::all_packages("test").args(["--no-run", "--quiet"]))?;
    finish(Command::new(root().join("target/release/moonlet")).arg("serve").args(arguments))
}

/// Measures the server under load.
pub fn load(seconds: u64) -> Result<()> {
    dist::dist()?;
    finish(check::all_packages("test").args(["--no-run", "--quiet"]))?;
    finish(
        Command::new(root().join("target/release/examples/load"))
            .args(["--seconds", &seconds.to_string(), "--program"])
            .arg(root().join("target/release/moonlet-serve")),
    )
}
