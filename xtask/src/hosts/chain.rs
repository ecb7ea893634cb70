//! A computation that starts in JavaScript, goes on in every other language, and ends in JavaScript (hosts/programs/README.md).

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use sha2::{Digest, Sha256};

use crate::tools::Tools;
use crate::{check, finish, root};

use super::{c, go_tool, java};

/// Runs a hop; what it prints.
fn hop(command: &mut Command, title: &str) -> Result<String> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the chain breaks at {title}: {said}");
    Ok(String::from_utf8(output.stdout)?)
}

/// The snapshot that a hop wrote, by size and hash.
fn show(title: &str, snapshot: &Path) -> Result<()> {
    let bytes = fs::read(snapshot)?;
    let hash: String = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    println!("{title:<16} {:>8} bytes, SHA-256 {hash}...", bytes.len());
    Ok(())
}

/// Builds the programs, and carries the computation through all of them: a line for each hop.
pub fn run() -> Result<()> {
    let folder = root().join("target/chain");
    fs::create_dir_all(&folder)?;
    let node = Tools::new(root()).node()?;
    let javascript = || {
        let mut command = Command::new(&node);
        command.arg(root().join("hosts/js/examples/chain.mjs"));
        command
    };
    let python = || {
        let mut command = Command::new(root().join("hosts/python/.venv/bin/python"));
        command
            .arg(root().join("hosts/python/examples/chain.py"))
            .env("PYTHONPATH", root().join("hosts/python/src"));
        command
    };
    let program = root().join("target/moonlet-go-chain");
    finish(go_tool("hosts/go")?.arg("build").arg("-o").arg(&program).arg("./examples/chain"))?;
    let go = |engine: &str| {
        let mut command = Command::new(&program);
        command.env("MOONLET_ENGINE", engine);
        command
    };
    // With all packages, so that no engine is built anew.
    finish(check::all_packages("test").args(["--no-run", "--quiet"]))?;
    let rust = || Command::new(root().join("target/release/examples/chain"));

    let c_program = c::chain()?;
    let c = || {
        let mut command = Command::new(&c_program);
        command.current_dir(root());
        command
    };

    let names = ["python", "go", "go interpreted", "java", "c", "rust", "javascript"];
    let place = |number: usize| folder.join(format!("{number}.snapshot"));
    hop(javascript().arg("start").arg(place(0)).arg(names.len().to_string()), "javascript, its start")?;
    show("javascript", &place(0))?;
    let mut end = String::new();
    for (number, name) in names.into_iter().enumerate() {
        let (before, after) = (place(number), place(number + 1));
        if name == "java" {
            let (before, after) = (before.display().to_string(), after.display().to_string());
            hop(&mut java::program("examples.Chain", &["go", "java", &before, &after])?, name)?;
        } else {
            let mut command = match name {
                "python" => python(),
                "go" => go("compiler"),
                "go interpreted" => go("interpreter"),
                "c" => c(),
                "rust" => rust(),
                _ => javascript(),
            };
            end = hop(command.args(["go", name]).args([&before, &after]), name)?;
        }
        if number + 1 < names.len() {
            show(name, &after)?;
        }
    }
    ensure!(
        end == format!("{}; closed {} times\n", names.join(", "), names.len()),
        "the chain ends in {end:?}"
    );
    print!("{end}");
    Ok(())
}
