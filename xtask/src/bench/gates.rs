//! The figures that the project holds itself to, each beside its gate and its aim.

use std::fmt::Write;

use super::hosts::{FENGARI, NATIVE, NODE, NODE_UNMETERED, WASMOON, WASMTIME, WASMTIME_UNMETERED};
use super::statistics::{Estimate, Pair, ratio};
use super::{Long, Row};

/// A figure, what it must be, and what it should become; lower is better.
pub struct Gate {
    pub name: String,
    pub measured: Estimate,
    pub gate: f64,
    pub aim: Option<f64>,
}

/// Kernels that switch coroutines.
const SWITCHES: &[&str] = &["coroutines", "ring"];

/// Kernels that switch coroutines, or raise errors.
const JUMPS: &[&str] = &["coroutines", "ring", "pcall_error"];

/// Kernels that turn floats into text, and text into floats.
const CONVERSIONS: &[&str] = &["tonumber", "tostring"];

/// The warm runs of the kernels that both hosts ran, of those named where some are.
pub fn pairs<'a>(names: &[&str], rows: &'a [Row], one: &str, other: &str, only: &[&str]) -> Vec<Pair<'a>> {
    let place = |name: &str| names.iter().position(|known| *known == name);
    let (Some(one), Some(other)) = (place(one), place(other)) else { return Vec::new() };
    rows.iter()
        .filter(|row| only.is_empty() || only.contains(&row.kernel.as_str()))
        .map(|row| (&row.runs[one], &row.runs[other]))
        .filter(|(one, other)| one.not.is_none() && other.not.is_none())
        .map(|(one, other)| (one.warm.as_slice(), other.warm.as_slice()))
        .collect()
}

/// All figures for which there are runs.
pub fn all(names: &[&str], rows: &[Row], long: &[Long]) -> Vec<Gate> {
    let mut gates = Vec::new();
    let mut mean = |name: &str, one, other, only: &[&str], gate, aim| {
        let pairs = pairs(names, rows, one, other, only);
        if !pairs.is_empty() {
            let name = format!("{name}, {} kernels", pairs.len());
            gates.push(Gate { name, measured: ratio(&pairs), gate, aim: Some(aim) });
        }
    };
    mean("wasmtime against native Lua", WASMTIME, NATIVE, &[], 1.25, 1.0);
    mean("Node against native Lua", NODE, NATIVE, &[], 1.25, 1.0);
    mean("Node against wasmoon", NODE, WASMOON, &[], 0.6, 0.45);
    mean("Node against fengari", NODE, FENGARI, &[], 0.1, 0.06);
    mean("coroutines and caught errors, wasmtime against native Lua", WASMTIME, NATIVE, JUMPS, 1.5, 1.0);
    mean("coroutine switches, Node against wasmoon", NODE, WASMOON, SWITCHES, 0.1, 0.04);
    mean("budget against none, wasmtime", WASMTIME, WASMTIME_UNMETERED, &[], 1.05, 1.02);
    mean("budget against none, Node", NODE, NODE_UNMETERED, &[], 1.05, 1.02);
    for name in CONVERSIONS {
        mean(&format!("{name} of floats, wasmtime against native Lua"), WASMTIME, NATIVE, &[name], 3.0, 1.0);
    }
    gates.extend(worst(names, rows));
    for host in [NODE, WASMOON] {
        let pairs: Vec<Pair<'_>> = long
            .iter()
            .filter(|long| long.host == host)
            .map(|long| (long.first.as_slice(), long.second.as_slice()))
            .collect();
        if !pairs.is_empty() {
            let name = format!("the first run of a second against the second, {host}");
            let (gate, aim) = if host == NODE { (1.2, Some(1.05)) } else { (f64::INFINITY, None) };
            gates.push(Gate { name, measured: ratio(&pairs), gate, aim });
        }
    }
    gates
}

/// The kernel in which Node compares worst with wasmoon.
fn worst(names: &[&str], rows: &[Row]) -> Option<Gate> {
    let of_row = |row: &Row| {
        let pairs = pairs(names, std::slice::from_ref(row), NODE, WASMOON, &[]);
        (!pairs.is_empty()).then(|| (ratio(&pairs), row.kernel.clone()))
    };
    let (measured, kernel) =
        rows.iter().filter_map(of_row).max_by(|one, other| one.0.value.total_cmp(&other.0.value))?;
    let name = format!("the worst kernel of Node against wasmoon, {kernel}");
    Some(Gate { name, measured, gate: 1.05, aim: None })
}

/// The figures as a table in Markdown.
pub fn table(gates: &[Gate]) -> String {
    if gates.is_empty() {
        return String::new();
    }
    let mut table = String::from("\n| ratio | measured (95 %) | gate | aim | |\n|---|---|---|---|---|\n");
    for Gate { name, measured: Estimate { value, low, high }, gate, aim } in gates {
        let bound = if gate.is_finite() { format!("{gate:.2}") } else { String::new() };
        let aim = aim.map_or(String::new(), |aim| format!("{aim:.2}"));
        let holds = if value <= gate { "" } else { "not yet" };
        let _ =
            writeln!(table, "| {name} | {value:.3} ({low:.3} to {high:.3}) | {bound} | {aim} | {holds} |");
    }
    table
}

/// What of them README.md shows.
pub fn readme(gates: &[Gate]) -> String {
    let mut table = String::from(
        "| time of one against that of the other, geometric mean | 95 % of resamples within |\n|---|---|\n",
    );
    for Gate { name, measured: Estimate { value, low, high }, .. } in gates {
        let _ = writeln!(table, "| {name} | {value:.2} ({low:.2} to {high:.2}) |");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::Runs;
    use super::*;

    fn row(kernel: &str, times: &[f64]) -> Row {
        let runs = times.iter().map(|time| Runs { warm: vec![*time], ..Runs::default() }).collect();
        Row { kernel: kernel.into(), runs }
    }

    #[test]
    fn what_did_not_run_does_not_count() {
        let names = [NATIVE, NODE, WASMOON];
        let mut rows = vec![row("ring", &[1.0, 1.5, 3.0]), row("fib", &[1.0, 2.0, 1.0])];
        rows[1].runs[2].not = Some("error".into());
        let gates = all(&names, &rows, &[]);
        let value =
            |start: &str| gates.iter().find(|gate| gate.name.starts_with(start)).unwrap().measured.value;
        assert!((value("Node against native") - 3.0f64.sqrt()).abs() < 1e-9);
        assert!((value("Node against wasmoon, 1 kernels") - 0.5).abs() < 1e-9);
        assert!(table(&gates).contains("| coroutine switches, Node against wasmoon, 1 kernels | 0.500 (0.500 to 0.500) | 0.10 | 0.04 | not yet |"));
        assert!(!gates.iter().any(|gate| gate.name.contains("budget")));
    }
}
