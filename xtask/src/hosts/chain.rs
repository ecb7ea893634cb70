//! A computation that starts in JavaScript, goes on in every other language, and ends in JavaScript (hosts/programs/README.md).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Result, ensure};
use sha2::{Digest, Sha256};

use crate::tools::Tools;
use crate::{check, finish, root};

use super::{c, go_tool, java};

/// What a hop prints.
fn printed(output: Output, title: &str) -> Result<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the chain breaks at {title}: {said}");
    Ok(String::from_utf8(output.stdout)?)
}

/// A copy of a snapshot in which one bit of the memory is another. It has no longer the hash that its header says, which whoever restores it compares.
fn damage(snapshot: &Path, copy: &Path) -> Result<()> {
    let mut bytes = fs::read(snapshot)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(copy, bytes)?;
    Ok(())
}

/// The snapshot that a hop wrote, by size and hash.
fn show(title: &str, snapshot: &Path) -> Result<()> {
    let bytes = fs::read(snapshot)?;
    let hash: String = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    println!("{title:<16} {:>8} bytes, SHA-256 {hash}...", bytes.len());
    Ok(())
}

/// Builds the programs, and carries the computation through all of them: a line for each hop, with the hash of the memory that travels, which each
/// compares with what it got before it goes on.
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
    let answer = |name: &str, before: &Path, after: &Path| -> Result<Output> {
        let words = ["go", name].map(PathBuf::from).into_iter().chain([before.into(), after.into()]);
        let mut command = match name {
            "java" => {
                let words: Vec<String> = words.map(|word| word.display().to_string()).collect();
                return java::program("examples.Chain", &words).and_then(|mut java| Ok(java.output()?));
            }
            "python" => python(),
            "go" => go("compiler"),
            "go interpreted" => go("interpreter"),
            "c" => c(),
            "rust" => rust(),
            _ => javascript(),
        };
        Ok(command.args(words).output()?)
    };
    let place = |number: usize| folder.join(format!("{number}.snapshot"));
    let (damaged, unused) = (folder.join("damaged.snapshot"), folder.join("unused.snapshot"));
    printed(
        javascript().arg("start").arg(place(0)).arg(names.len().to_string()).output()?,
        "javascript, its start",
    )?;
    show("javascript", &place(0))?;
    let mut end = String::new();
    for (number, name) in names.into_iter().enumerate() {
        let (before, after) = (place(number), place(number + 1));
        damage(&before, &damaged)?;
        let refused = answer(name, &damaged, &unused)?;
        let said = [refused.stdout.as_slice(), &refused.stderr].concat();
        ensure!(
            !refused.status.success()
                && String::from_utf8_lossy(&said).contains("damaged")
                && !unused.exists(),
            "{name} went on with a memory that is not the one saved"
        );
        end = printed(answer(name, &before, &after)?, name)?;
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
