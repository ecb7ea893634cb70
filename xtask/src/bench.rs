//! `make bench`: the kernels of `benches/kernels`, or of a folder of other people's, on native Lua, on the modules and on other Luas.
//!
//! A kernel has processes of its own on each host, all of them alive at the same time and asked in turn, so that what disturbs the
//! machine disturbs all. A process runs its kernel once, which is its first run, and then a few times warm, in a fresh Lua state each
//! time. What a kernel prints is compared with what it prints in native Lua.

mod chart;
pub mod embed;
mod gates;
mod hosts;
mod kernels;
mod opcodes;
pub mod pairs;
pub mod peers;
mod report;
mod statistics;
pub mod steady;

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::{Lua, readme, root};
use hosts::{Host, NODE, Process, WASMOON};
use kernels::Kernel;

/// Warm runs of a process.
const RUNS_OF_A_PROCESS: usize = 3;

/// A host that takes more milliseconds for a run gets one process.
const SLOW: f64 = 2500.0;

/// Kernels that take a second on Node with these arguments, by which the first run is compared with the second.
const LONG: [(&str, u64); 3] = [("fib", 36), ("lookup", 100), ("methods", 1500)];

/// A clock of the hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Clock {
    Wall,
    Cpu,
}

#[derive(Args)]
pub struct Options {
    #[arg(long, default_value = "lua54")]
    lua: Lua,
    /// Warm runs of each kernel on each host
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Only kernels with one of these words in their names
    #[arg(long, value_delimiter = ' ')]
    kernel: Vec<String>,
    /// Only hosts with one of these words in their names, beside native Lua
    #[arg(long, value_delimiter = ' ')]
    host: Vec<String>,
    /// Kernels of other people, a folder of .lua files that print what they find out
    #[arg(long)]
    suite: Option<PathBuf>,
    /// What is measured: the time on the wall, or the processor's, which a busy machine disturbs less
    #[arg(long, default_value = "wall")]
    clock: Clock,
    /// Modules to compare with each other, on wasmtime and on Node, in the place of the hosts
    #[arg(long, value_delimiter = ' ')]
    module: Vec<PathBuf>,
}

/// The milliseconds of one kernel on one host.
#[derive(Default)]
pub struct Runs {
    pub first: Vec<f64>,
    pub warm: Vec<f64>,
    /// Why the warm runs do not count: an error, or another output than native Lua's.
    pub not: Option<String>,
}

/// What was measured of one kernel, by host.
pub struct Row {
    pub kernel: String,
    pub runs: Vec<Runs>,
}

/// First and second runs of a long script, in pairs, by host and kernel.
pub struct Long {
    pub host: String,
    pub kernel: &'static str,
    pub first: Vec<f64>,
    pub second: Vec<f64>,
}

/// Runs what the options name, and reports it.
pub fn bench(options: &Options) -> Result<()> {
    ensure!(options.runs > 0, "RUNS is at least 1");
    let folder = options.suite.clone().unwrap_or_else(kernels::folder);
    let kernels = kernels::find(&folder, &options.kernel, |_, arguments| arguments.full)?;
    let hosts = hosts::all(options.lua, &options.module, &options.host)?;
    let mut lines = vec![report::machine()];
    lines.extend(report::versions(options.lua, &hosts)?);
    lines.push(format!(
        "{} kernels, {} warm runs on each host in processes of {RUNS_OF_A_PROCESS}, by the {}",
        kernels.len(),
        options.runs,
        if options.clock == Clock::Cpu { "processor's time" } else { "time on the wall" }
    ));
    println!("{}\n", lines.join("\n"));
    let names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
    println!("{}", report::head(&names));
    let mut rows = Vec::new();
    for kernel in &kernels {
        let row = measure(kernel, &hosts, options)?;
        println!("{}", report::line(&row));
        let failed = row.runs[0].not.as_deref().filter(|_| options.suite.is_none());
        ensure!(failed.is_none(), "{} in native Lua: {}", row.kernel, failed.unwrap_or_default());
        rows.push(row);
    }
    println!("{}", report::means(&names, &rows));
    let whole = options.suite.is_none() && options.module.is_empty() && options.kernel.is_empty();
    let long = if whole { long_runs(&hosts, options)? } else { Vec::new() };
    let gates = if options.module.is_empty() { gates::all(&names, &rows, &long) } else { Vec::new() };
    print!("{}", gates::table(&gates));
    // What is measured in part does not replace the whole.
    let name = if whole && options.host.is_empty() && options.clock == Clock::Wall {
        options.lua.name().to_string()
    } else {
        format!("{}-part", options.lua.name())
    };
    report::store(options.lua, &name, &lines, &names, &rows, &long, &gates)?;
    let svg = chart::store(options.lua, &name, &names, &rows)?;
    if name == Lua::Lua54.name() {
        fs::write(root().join("docs/speed.svg"), svg)?;
        println!("the chart: docs/speed.svg");
        readme::write("make bench", &gates::readme(&gates))?;
    }
    Ok(())
}

/// Runs one kernel on all hosts in turn.
fn measure(kernel: &Kernel, hosts: &[Host], options: &Options) -> Result<Row> {
    let wanted = options.runs;
    let mut row = Row { kernel: kernel.name.clone(), runs: hosts.iter().map(|_| Runs::default()).collect() };
    let mut expected = None;
    while let Some(most) = row.runs.iter().map(|host| remaining(host, wanted)).max().filter(|most| *most > 0)
    {
        let mut processes = Vec::new();
        for (host, runs) in hosts.iter().zip(&row.runs) {
            let process = if remaining(runs, wanted) > 0 {
                Some(Process::start(host, kernel, options.clock)?)
            } else {
                None
            };
            processes.push(process);
        }
        for round in 0..=most.min(RUNS_OF_A_PROCESS) {
            // Another host begins each round.
            for turn in 0..hosts.len() {
                let at = if round == 0 { turn } else { (turn + round) % hosts.len() };
                let runs = &mut row.runs[at];
                let Some(process) = processes[at].as_mut().filter(|_| runs.not.is_none()) else { continue };
                match process.run() {
                    Err(error) => runs.not = Some(format!("{error:#}")),
                    Ok((time, output)) => {
                        if round == 0 { &mut runs.first } else { &mut runs.warm }.push(time);
                        if *expected.get_or_insert_with(|| output.clone()) != output {
                            runs.not = Some(format!("prints {output:?}"));
                        }
                    }
                }
            }
        }
    }
    Ok(row)
}

/// Warm runs that are still to be made.
fn remaining(runs: &Runs, wanted: usize) -> usize {
    let slow = runs.first.iter().any(|time| *time > SLOW) && !runs.warm.is_empty();
    if runs.not.is_some() || slow { 0 } else { wanted.saturating_sub(runs.warm.len()) }
}

/// The first run of a long script and the second, on Node, in fresh processes.
fn long_runs(hosts: &[Host], options: &Options) -> Result<Vec<Long>> {
    let argument = |name: &str| LONG.iter().find(|(long, _)| *long == name).map(|(_, argument)| *argument);
    let words = LONG.map(|(name, _)| name.to_string());
    let kernels = kernels::find(&kernels::folder(), &words, |name, arguments| {
        argument(name).unwrap_or(arguments.full)
    })?;
    let mut result = Vec::new();
    for host in hosts.iter().filter(|host| [NODE, WASMOON].contains(&host.name.as_str())) {
        for (name, _) in LONG {
            let mut long =
                Long { host: host.name.clone(), kernel: name, first: Vec::new(), second: Vec::new() };
            for kernel in kernels.iter().filter(|kernel| kernel.name == name) {
                for _ in 0..options.runs {
                    let mut process = Process::start(host, kernel, options.clock)?;
                    long.first.push(process.run()?.0);
                    long.second.push(process.run()?.0);
                }
            }
            result.push(long);
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_and_failing_hosts_are_not_asked_again() {
        let runs = |first: f64, warm: usize, not: Option<&str>| Runs {
            first: vec![first],
            warm: vec![first; warm],
            not: not.map(String::from),
        };
        assert_eq!(remaining(&Runs::default(), 9), 9);
        assert_eq!(remaining(&runs(300.0, 6, None), 9), 3);
        assert_eq!(remaining(&runs(300.0, 9, None), 9), 0);
        assert_eq!(remaining(&runs(SLOW + 1.0, 3, None), 9), 0);
        assert_eq!(remaining(&runs(300.0, 0, Some("error")), 9), 0);
    }
}
