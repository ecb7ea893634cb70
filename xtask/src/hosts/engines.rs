//! `make hosts`: the vectors and programs of each package on every engine that can be had, how deep calls go there, and how long things take.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use crate::tools::Tools;
use crate::{Lua, native, readme, root, tables};

use super::{PACKAGES, c, go, java, javascript, lines, packages, python, rust_engines};

/// Engines that nobody ran, and why.
const MISSING: [(&str, &str, &str); 2] = [
    (
        "java",
        "GraalWasm",
        "not to be had: the Maven repository has no org.graalvm.polyglot:wasm-community (November 2026)",
    ),
    ("c", "WAMR", "not to be had: neither Debian nor PyPI nor npm has a package of it (November 2026)"),
];

/// Runs these packages, or all. Rows are kept, so that the table is one of all; BLESS=1 writes it.
pub fn hosts(wanted: &[String]) -> Result<()> {
    packages()?;
    let mut failed = Vec::new();
    for package in
        PACKAGES.into_iter().filter(|&name| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name))
    {
        let rows = lines([(package, command(package)?)])?;
        failed.extend(rows.failed);
        let kept: Vec<Value> = rows.lines.into_iter().map(|(_, row)| row).collect();
        fs::create_dir_all(kept_in(package).parent().context("a file lies in a folder")?)?;
        fs::write(kept_in(package), serde_json::to_string_pretty(&kept)?)?;
    }
    let native = Native::measure()?;
    let mut rows = Vec::new();
    for package in PACKAGES {
        let Ok(text) = fs::read_to_string(kept_in(package)) else { continue };
        let kept: Vec<Map<String, Value>> = serde_json::from_str(&text)?;
        rows.extend(kept.into_iter().map(|row| (package, native.beside(row))));
        let missing = MISSING.iter().filter(|(of, ..)| *of == package);
        rows.extend(
            missing.map(|(_, engine, why)| (package, json!({"engine": engine, "notes": why, "failed": []}))),
        );
    }
    let table = tables::engines(&rows);
    print!("{table}");
    if std::env::var_os("BLESS").is_some() {
        readme::write("make hosts", &table)?;
        let all: Vec<Value> =
            rows.into_iter().map(|(package, row)| json!({"package": package, "row": row})).collect();
        fs::write(root().join("docs/engines.json"), serde_json::to_string_pretty(&all)? + "\n")?;
    }
    ensure!(failed.is_empty(), "not all passed: {}", failed.join(", "));
    Ok(())
}

fn kept_in(package: &str) -> PathBuf {
    root().join("target/hosts").join(format!("{package}.json"))
}

fn command(package: &str) -> Result<Command> {
    Ok(match package {
        "js" => javascript("hosts")?,
        "python" => python("engines")?,
        "go" => {
            let mut command = go("engines")?;
            command.env("MOONLET_TESTES", Tools::new(root()).testes()?);
            command
        }
        "c" => c::engines(),
        "java" => java::program("moonlet.Engines", &[])?,
        _ => rust_engines(),
    })
}

/// Milliseconds that native Lua takes for the scripts of `hosts/programs/figures`.
struct Native {
    fib: f64,
    strings: f64,
}

impl Native {
    fn measure() -> Result<Self> {
        let program = native::build_by_clang(Lua::Lua54, &root().join("benches/hosts/native.c"))?;
        let before = root().join("target/hosts/before.lua");
        fs::write(&before, "function OUTPUT() return '' end")?;
        let shortest = |name: &str| -> Result<f64> {
            let script = root().join("hosts/programs/figures").join(format!("{name}.lua"));
            let mut best = f64::INFINITY;
            for _ in 0..9 {
                let output = Command::new(&program).arg(&before).arg(&script).arg("once").output()?;
                let printed = String::from_utf8(output.stdout)?;
                let time = printed.split_whitespace().next().context("native Lua prints no time")?;
                best = best.min(time.parse()?);
            }
            Ok(best)
        };
        Ok(Self { fib: shortest("fib")?, strings: shortest("strings")? })
    }

    /// A row with its times as multiples of native ones.
    fn beside(&self, mut row: Map<String, Value>) -> Value {
        for (figure, native) in [("fib", self.fib), ("strings", self.strings)] {
            if let Some(time) = row.remove(&format!("{figure}_ms")).and_then(|time| time.as_f64()) {
                row.insert(figure.into(), json!(digits(time / native)));
            }
        }
        if let Some(start) = row.remove("start_ms").and_then(|time| time.as_f64()) {
            row.insert("start".into(), json!(digits(start)));
        }
        row.into()
    }
}

/// Three digits.
fn digits(number: f64) -> f64 {
    let scale = 10f64.powi(2 - number.abs().log10().floor() as i32);
    (number * scale).round() / scale
}
