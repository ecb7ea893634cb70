//! What `make bench` prints and stores.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::gates::{self, Gate, pairs};
use super::hosts::{self, Host, NATIVE};
use super::statistics::{Estimate, geometric_mean, median, ratio};
use super::{Long, Row, Runs, peers};
use crate::tools::Tools;
use crate::{Lua, module, native, root};

/// The machine, and how busy it is: figures from a busy one mean little.
pub fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read("/proc/loadavg").split(' ').next().unwrap_or("?").to_string();
    format!("machine: {}, {cores} cores, load {load}", model.map_or("unknown", |(_, model)| model))
}

/// What runs, of which version, built how.
pub fn versions(lua: Lua, hosts: &[Host]) -> Result<Vec<String>> {
    let tools = Tools::new(root());
    let mut lines = vec![format!(
        "native: {}, {} {}",
        lua.source_folder(),
        hosts::version(&tools.clang()?.program),
        native::CLANG_FLAGS.join(" ")
    )];
    lines.push(format!(
        "wasmtime {}, Cranelift; Node {}",
        wasmtime_version()?,
        hosts::version(&tools.node()?)
    ));
    let packages = peers::PACKAGES.iter().filter(|(name, _)| hosts.iter().any(|host| host.name == *name));
    let packages: Vec<String> = packages.map(|(name, version)| format!("{name} {version}")).collect();
    if !packages.is_empty() {
        lines.push(packages.join(", "));
    }
    for host in hosts {
        for path in host.arguments().iter().map(Path::new) {
            if path.extension().is_some_and(|extension| extension == "wasm") {
                let bytes = fs::read(path)?;
                let hash = module::hex(&Sha256::digest(&bytes));
                lines.push(format!("{}: {} bytes, SHA-256 {}", host.name, bytes.len(), &hash[..16]));
            }
        }
    }
    Ok(lines)
}

/// Of the workspace's lock file.
fn wasmtime_version() -> Result<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let after = lock.split("name = \"wasmtime\"\nversion = \"").nth(1);
    Ok(after.and_then(|rest| rest.split('"').next()).unwrap_or("unknown").into())
}

const WIDTH: usize = 22;

/// The titles of the columns.
pub fn head(names: &[&str]) -> String {
    let mut line = format!("{:<14}{:>10}", "warm, ratios", "native ms");
    for name in names.iter().filter(|name| **name != NATIVE) {
        // A module's name may be long; its end tells it apart.
        let name: String = name.chars().skip(name.chars().count().saturating_sub(WIDTH - 2)).collect();
        let _ = write!(line, "{name:>WIDTH$}");
    }
    line
}

fn cell(estimate: Estimate) -> String {
    format!("{:.3} ({:.2}-{:.2})", estimate.value, estimate.low, estimate.high)
}

fn line_of(native: &Runs, other: &Runs) -> String {
    match &other.not {
        // The words that fit; the file has them all.
        Some(why) => why.chars().take(WIDTH - 2).collect(),
        None => cell(ratio(&[(&other.warm, &native.warm)])),
    }
}

/// A kernel's line.
pub fn line(row: &Row) -> String {
    let (native, others) = row.runs.split_first().expect("native Lua is the first host");
    if let Some(why) = &native.not {
        return format!("{:<14}{:>10}  native Lua itself {why}", row.kernel, "-");
    }
    let mut line = format!("{:<14}{:>10.1}", row.kernel, median(&native.warm));
    for other in others {
        let _ = write!(line, "{:>WIDTH$}", line_of(native, other));
    }
    line
}

/// The geometric means, and what a first run takes beside a warm one.
pub fn means(names: &[&str], rows: &[Row]) -> String {
    let mut lines = format!("{:<24}", "geometric mean");
    for name in &names[1..] {
        let mean = ratio(&pairs(names, rows, name, NATIVE, &[]));
        let _ = write!(lines, "{:>WIDTH$}", cell(mean));
    }
    // On a busy machine the least of the runs says more.
    let _ = write!(lines, "\n{:<24}", "by the least runs");
    for name in &names[1..] {
        let least = |runs: &[f64]| runs.iter().copied().fold(f64::INFINITY, f64::min);
        let pairs = pairs(names, rows, name, NATIVE, &[]);
        let mean = geometric_mean(pairs.iter().map(|(one, other)| least(one) / least(other)));
        let _ = write!(lines, "{mean:>WIDTH$.3}");
    }
    // Modules that are compared: each beside the first, on the same engine.
    let firsts = [hosts::WASMTIME, hosts::NODE].map(|engine| {
        names.iter().find(|name| name.strip_prefix(engine).is_some_and(|rest| rest.starts_with(' ')))
    });
    if firsts.iter().any(Option::is_some) {
        let _ = write!(lines, "\n{:<24}", "against the first module");
        for name in &names[1..] {
            let engine = name.split(' ').next().unwrap_or_default();
            let first = firsts.iter().flatten().find(|first| first.starts_with(engine));
            let mean = first.map(|first| cell(ratio(&pairs(names, rows, name, first, &[]))));
            let _ = write!(lines, "{:>WIDTH$}", mean.unwrap_or_default());
        }
    }
    let _ = write!(lines, "\n{:<24}", "first run against warm");
    for at in 1..names.len() {
        let runs = rows.iter().map(|row| &row.runs[at]).filter(|runs| runs.not.is_none());
        let mean = geometric_mean(runs.map(|runs| median(&runs.first) / median(&runs.warm)));
        let _ = write!(lines, "{mean:>WIDTH$.3}");
    }
    lines
}

/// Leaves everything in `target/bench/<file>.json`, and the table of the gates in `<file>.md`.
pub fn store(
    lua: Lua,
    file: &str,
    lines: &[String],
    names: &[&str],
    rows: &[Row],
    long: &[Long],
    gates: &[Gate],
) -> Result<()> {
    let by_host = |runs: &[Runs]| -> Value {
        names
            .iter()
            .zip(runs)
            .map(|(name, runs)| {
                let not = runs.not.as_deref();
                (name.to_string(), json!({ "first": runs.first, "warm": runs.warm, "not": not }))
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let estimate = |Estimate { value, low, high }: Estimate| json!([value, low, high]);
    let all = json!({
        "lua": lua.name(),
        "about": lines,
        "unit": "milliseconds",
        "kernels": rows.iter().map(|row| (row.kernel.clone(), by_host(&row.runs))).collect::<serde_json::Map<_, _>>(),
        "long": long.iter().map(|long| json!({
            "host": long.host, "kernel": long.kernel, "first": long.first, "second": long.second,
        })).collect::<Vec<_>>(),
        "ratios": gates.iter().map(|gate| json!({
            "name": gate.name, "measured": estimate(gate.measured),
            "gate": gate.gate.is_finite().then_some(gate.gate), "aim": gate.aim,
        })).collect::<Vec<_>>(),
    });
    let folder = root().join("target/bench");
    fs::create_dir_all(&folder)?;
    let path = folder.join(file);
    fs::write(path.with_extension("json"), format!("{all:#}\n"))?;
    fs::write(path.with_extension("md"), format!("{}\n{}", lines.join("\n"), gates::table(gates)))?;
    println!("\nall runs: {}", path.with_extension("json").display());
    Ok(())
}
