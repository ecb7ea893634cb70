//! The blocks of C in the package's pages: they compile, run, and print what the comments beside them say.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::compile::Compiler;
use super::{folder, write};
use crate::root;

const PAGES: [&str; 3] = ["docs/using-from-c.md", "docs/using-on-small-devices.md", "hosts/c/README.md"];

/// Makes a program of each page and runs it.
pub fn check(compiler: &Compiler, modules: &[PathBuf]) -> Result<()> {
    for page in PAGES {
        let text = fs::read_to_string(root().join(page)).with_context(|| page.to_string())?;
        let blocks = blocks(&text);
        ensure!(!blocks.is_empty(), "{page} has no block of C");
        let name = page.replace(['/', '.'], "-");
        let source = folder().join("pages").join(&name).with_extension("c");
        write(&source, program(&blocks).as_bytes())?;
        let include = format!("-I{}", super::package().display());
        let flags = ["-O1", "-g", "-fsanitize=address,undefined", "-Wno-format-truncation", &include];
        let built = compiler.link(&format!("sanitized/{name}"), &flags, &[source], modules, &[])?;
        let output = Command::new(&built).output()?;
        let printed = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{page}: {}", String::from_utf8_lossy(&output.stderr));
        for said in said(&blocks) {
            ensure!(
                printed.lines().any(|line| line == said),
                "{page} does not print {said:?}, but:\n{printed}"
            );
        }
    }
    Ok(())
}

/// The blocks in their order.
fn blocks(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("```c\n") {
        let (block, after) = after.split_once("\n```").unwrap_or((after, ""));
        found.push(block);
        rest = after;
    }
    found
}

/// One program: the functions, and a `main` that calls each that stands for a section; the first block's own `main` is one of them.
fn program(blocks: &[&str]) -> String {
    let text = blocks.join("\n\n").replace("int main(void) {", "static int first(void) {");
    // Falling off the end is allowed to main alone.
    let text = text.replace(
        "  moonlet_free(lua);\n}\n\nstatic void limits",
        "  moonlet_free(lua);\n  return 0;\n}\n\nstatic void limits",
    );
    let text = if blocks.len() == 1 {
        text.trim_end().trim_end_matches('}').to_string() + "  return 0;\n}"
    } else {
        text
    };
    let mut main = String::from(
        "\n\nint main(void) {\n  moonlet *lua = moonlet_new(&moonlet_lua54, NULL, NULL);\n  first();\n",
    );
    for line in text.lines() {
        let Some(signature) = line.strip_prefix("static void ") else { continue };
        if let Some(name) = signature.strip_suffix("(void) {") {
            main.push_str(&format!("  {name}();\n"));
        } else if let Some(name) = signature.strip_suffix("(moonlet *lua) {") {
            main.push_str(&format!("  {name}(lua);\n"));
        }
    }
    text + &main + "  moonlet_free(lua);\n  return 0;\n}\n"
}

/// What the comments beside calls of `printf` and of Lua's `print` say.
fn said(blocks: &[&str]) -> Vec<String> {
    let beside = blocks
        .iter()
        .flat_map(|block| block.lines())
        .filter(|line| line.contains("print") && line.contains(" // "));
    let texts = beside.filter_map(|line| line.split_once(" // ")).map(|(_, said)| said.to_string());
    // "1, then 4" are lines of their own.
    texts.flat_map(|said| said.split(", then ").map(String::from).collect::<Vec<_>>()).collect()
}
