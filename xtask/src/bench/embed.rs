//! `make bench-embed`: what embedding costs. The programs are `benches/hosts/embed.mjs` and the `embed` of `hosts/rust/engines`, a
//! workspace of its own, whose wasmtime has the pooling allocator.

use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::Value;

use super::peers;
use super::report::machine;
use crate::tools::Tools;
use crate::{dist, hosts, readme, root, tables};

/// A ratio of two figures of one task or of two: its name, task and host of either, gate, and aim.
struct Goal {
    name: &'static str,
    one: (&'static str, &'static str),
    other: (&'static str, &'static str),
    gate: f64,
    aim: f64,
}

const FIRST: &str = "create, first result";
const NATIVE: &str = "Lua's C interface";

const GOALS: [Goal; 5] = [
    Goal {
        name: "instance, Lua started, `return 1`: wasmtime, pooling, against Lua's C interface",
        one: (FIRST, "wasmtime, pooling"),
        other: (FIRST, NATIVE),
        gate: 3.0,
        aim: 0.5,
    },
    Goal {
        name: "the same on Node against wasmoon's createEngine and doString",
        one: (FIRST, "Node"),
        other: (FIRST, "wasmoon"),
        gate: 0.05,
        aim: 0.02,
    },
    Goal {
        name: "a call of an empty function: wasmtime against mlua",
        one: ("empty call", "wasmtime"),
        other: ("empty call", "mlua"),
        gate: 3.0,
        aim: 1.0,
    },
    Goal {
        name: "snapshot and restore of 10 MB against two copies of the bytes, wasmtime",
        one: ("a state of 10 MB: snapshot, restore", "wasmtime"),
        other: ("a state of 10 MB: two copies of its memory", "memcpy"),
        gate: 2.0,
        aim: 1.1,
    },
    Goal {
        name: "the same, Node",
        one: ("a state of 10 MB: snapshot, restore", "Node"),
        other: ("a state of 10 MB: two copies of its memory", "memcpy in Node"),
        gate: 2.0,
        aim: 1.1,
    },
];

/// The figure of a task on a host; packages have their version behind the name.
fn figure(rows: &[(&str, Value)], (task, host): (&str, &str)) -> Option<f64> {
    let is_host = |found: &str| {
        found.strip_prefix(host).is_some_and(|rest| {
            rest.is_empty()
                || rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    let row = rows.iter().find(|(_, row)| row["task"] == task && row["host"].as_str().is_some_and(is_host));
    row.and_then(|(_, row)| row["value"].as_f64())
}

/// The ratios, each with its gate and aim, and what of it README.md shows.
fn goals(rows: &[(&str, Value)]) -> [String; 2] {
    let mut table = String::from("\n| ratio | measured | gate | aim | |\n|---|---|---|---|---|\n");
    let mut readme = String::from("| time of one against that of the other | |\n|---|---|\n");
    for Goal { name, one, other, gate, aim } in GOALS {
        if let (Some(one), Some(other)) = (figure(rows, one), figure(rows, other)) {
            let ratio = one / other;
            let holds = if ratio <= gate { "" } else { "not yet" };
            table += &format!("| {name} | {ratio:.3} | {gate} | {aim} | {holds} |\n");
            readme += &format!("| {name} | {ratio:.2} |\n");
        }
    }
    [table, readme]
}

/// Runs both programs and prints their figures beside each other; BLESS puts the ratios into README.md.
pub fn embed() -> Result<()> {
    dist::dist()?;
    peers::install()?;
    let mut node = Command::new(Tools::new(root()).node()?);
    node.arg("--expose-gc")
        .arg(root().join("benches/hosts/embed.mjs"))
        .arg(root().join("dist/lua54.wasm"))
        .env("PEERS", peers::folder());
    let mut rust = hosts::rust_engines();
    rust.args(["--", "embed"]);
    let rows = hosts::lines([("Node", node), ("Rust", rust)])?;
    ensure!(rows.failed.is_empty(), "{} failed", rows.failed.join(", "));
    println!("{}", machine());
    print!("{}", tables::figures(&rows.lines));
    let [table, shown] = goals(&rows.lines);
    print!("{table}");
    if std::env::var_os("BLESS").is_some() {
        readme::write("make bench-embed", &shown)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hosts_are_found_by_name_and_version() {
        let row = |host, value| ("x", json!({ "task": "t", "host": host, "value": value }));
        let rows = [
            row("wasmtime, pooling", 1.0),
            row("memcpy in Node", 2.0),
            row("mlua 0.11.6", 3.0),
            row("wasmtime", 4.0),
        ];
        let of = |host| figure(&rows, ("t", host));
        assert_eq!(
            [of("wasmtime"), of("mlua"), of("memcpy"), of("Node")],
            [Some(4.0), Some(3.0), None, None]
        );
        assert_eq!(of("wasmtime, pooling"), Some(1.0));
    }
}
