//! `make hosts`: the vectors and programs of each package on every engine that can be had, how deep calls go there, and how long things take.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::tools::Tools;
use crate::{Lua, native, readme, root, tables};

use super::{PACKAGES, c, go, java, javascript, lines, packages, python, rust_engines};

/// Engines that no package ran on, and why.
const MISSING: [(&str, &str, &str); 3] = [
    (
        "python",
        "pywasm3",
        "the package runs on wasmtime alone; the official suites and the golden scripts pass on pywasm3 by the bare exports (make engines)",
    ),
    (
        "java",
        "GraalWasm",
        "not to be had: the Maven repository has no org.graalvm.polyglot:wasm-community (November 2026)",
    ),
    ("c", "WAMR", "not to be had: neither Debian nor PyPI nor npm has a package of it (November 2026)"),
];

/// Where the rows are, those of packages that do not run this time, too.
const ROWS: &str = "docs/engines.json";

/// Runs these packages, or all: one table, in which the others have their rows of before. BLESS=1 keeps it.
pub fn hosts(wanted: &[String]) -> Result<()> {
    packages()?;
    let mut native = Native::measure()?;
    let mut new = Vec::new();
    let mut rows: Vec<Value> = serde_json::from_str(&fs::read_to_string(root().join(ROWS))?)?;
    let testes = Tools::new(root()).testes()?;
    let mut failed = Vec::new();
    for package in PACKAGES {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == package) {
            continue;
        }
        let mut command = command(package)?;
        command.env("MOONLET_TESTES", &testes);
        let run = lines([(package, command)])?;
        failed.extend(run.failed);
        rows.retain(|row| row["package"] != package);
        new.extend(run.lines);
        // The machine may have been slow for a while: what counts is the least, of native Lua as of each engine.
        native = native.least(&Native::measure()?);
        let missing = MISSING.iter().filter(|(of, ..)| *of == package);
        new.extend(
            missing.map(|(_, engine, why)| (package, json!({"engine": engine, "notes": why, "failed": []}))),
        );
    }
    rows.extend(new.into_iter().map(|(package, row)| native.beside(package, row)));
    rows.sort_by_key(|row| PACKAGES.iter().position(|package| row["package"] == *package));
    let table = tables::engines(&rows);
    print!("{table}");
    if std::env::var_os("BLESS").is_some() {
        readme::write("make hosts", &table)?;
        fs::write(root().join(ROWS), serde_json::to_string_pretty(&rows)? + "\n")?;
    }
    ensure!(failed.is_empty(), "not all passed: {}", failed.join(", "));
    Ok(())
}

fn command(package: &str) -> Result<Command> {
    Ok(match package {
        "js" => javascript("hosts")?,
        "python" => python("engines")?,
        "go" => go("engines")?,
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
        let before = root().join("target/native/before.lua");
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

    fn least(&self, other: &Self) -> Self {
        Self { fib: self.fib.min(other.fib), strings: self.strings.min(other.strings) }
    }

    /// A package's row, with its times as multiples of native ones.
    fn beside(&self, package: &str, mut row: Value) -> Value {
        for (figure, time, unit) in
            [("fib", "fib_ms", self.fib), ("strings", "strings_ms", self.strings), ("start", "start_ms", 1.0)]
        {
            if let Some(time) =
                row.as_object_mut().and_then(|row| row.remove(time)).and_then(|time| time.as_f64())
            {
                row[figure] = json!(digits(time / unit));
            }
        }
        row["package"] = json!(package);
        row
    }
}

/// Three digits.
fn digits(number: f64) -> f64 {
    let scale = 10f64.powi(2 - number.abs().log10().floor() as i32);
    (number * scale).round() / scale
}
