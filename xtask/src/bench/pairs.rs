//! `make bench-pairs`: two Luas that take turns of a few milliseconds, on Node in one process for each kernel, on wasmtime in one for each module.
//! On a machine that others use too, their ratio is much surer than that of seconds taken apart.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use super::hosts::{Host, Process, WASMOON};
use super::kernels::{self, Kernel};
use super::statistics::{Estimate, ratio};
use super::{Clock, hosts, peers, report};
use crate::tools::Tools;
use crate::{Lua, module, root};

/// What runs the two.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Node,
    Wasmtime,
}

/// Pairs of processes for a kernel on wasmtime, one after the other: where their memory lies is another in each.
const PROCESSES: u32 = 4;

#[derive(Args)]
pub struct Options {
    #[arg(long, default_value = "lua54")]
    lua: Lua,
    /// Only kernels with one of these words in their names
    #[arg(long, value_delimiter = ' ')]
    kernel: Vec<String>,
    /// What runs the two
    #[arg(long, default_value = "node")]
    host: Engine,
    /// Two modules, in the place of ours as it is and wasmoon, or on wasmtime ours without a budget
    #[arg(long, value_delimiter = ' ', num_args = 1..=2)]
    module: Vec<PathBuf>,
    /// How long each kernel takes turns, on Node after half as long to warm up
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
}

/// What is compared with what.
fn sides(options: &Options) -> Result<[String; 2]> {
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    let ours = || Ok::<_, anyhow::Error>(path(&module::build(options.lua)?));
    match options.module.as_slice() {
        [] if options.host == Engine::Wasmtime => Ok([ours()?, path(&module::build_unmetered(options.lua)?)]),
        [] => {
            peers::install()?;
            let hosts = peers::hosts(options.lua);
            let (_, wasmoon) = hosts.into_iter().find(|(name, _)| *name == WASMOON).context("wasmoon")?;
            Ok([ours()?, wasmoon])
        }
        [other] => Ok([ours()?, path(other)]),
        [one, other, ..] => Ok([path(one), path(other)]),
    }
}

/// Runs what the options name, and prints it.
pub fn pairs(options: &Options) -> Result<()> {
    ensure!(options.seconds > 0.0, "TURNS, in seconds, is more than 0");
    for module in &options.module {
        ensure!(module.is_file(), "{} is no file; name modules: MODULE='a.wasm b.wasm'", module.display());
    }
    let kernels = kernels::find(&kernels::folder(), &options.kernel, |_, arguments| arguments.short)?;
    let sides = sides(options)?;
    let program = match options.host {
        Engine::Node => Tools::new(root()).node()?,
        Engine::Wasmtime => hosts::wasmtime()?,
    };
    println!("{}\n{} against {}, in turns\n", report::machine(), sides[0], sides[1]);
    println!("{:<14}{:>6}  {:<16}{:>6}", "kernel", "ratio", "95 %", "turns");
    let mut all = Vec::new();
    for kernel in &kernels {
        let ratios = match options.host {
            Engine::Node => on_node(&program, &sides, kernel, options.seconds)?,
            Engine::Wasmtime => on_wasmtime(&program, &sides, kernel, options.seconds)?,
        };
        println!("{:<14}{}{:>6}", kernel.name, shown(ratio(&[(&ratios, &[1.0])])), ratios.len());
        all.push(ratios);
    }
    let pairs: Vec<(&[f64], &[f64])> = all.iter().map(|ratios| (ratios.as_slice(), &[1.0][..])).collect();
    println!("{:<14}{}", "geometric mean", shown(ratio(&pairs)));
    Ok(())
}

/// The ratios of the turns in one process of Node.
fn on_node(node: &Path, sides: &[String; 2], kernel: &Kernel, seconds: f64) -> Result<Vec<f64>> {
    let ran = Command::new(node)
        .arg(root().join("benches/hosts/pairs.mjs"))
        .args(sides)
        .args([&kernel.before, &kernel.path])
        .arg(seconds.to_string())
        .env("PEERS", peers::folder())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", node.display()))?;
    ensure!(ran.status.success(), "{} failed, as said above", kernel.name);
    Ok(serde_json::from_slice(&ran.stdout)?)
}

/// The ratios of the turns of processes of two modules, by the processor's time. Each is run first in half of them.
fn on_wasmtime(program: &Path, sides: &[String; 2], kernel: &Kernel, seconds: f64) -> Result<Vec<f64>> {
    let mut ratios = Vec::new();
    for _ in 0..PROCESSES {
        let start = |side: &String| Process::start(&Host::of_module(side, program, side), kernel, Clock::Cpu);
        let (mut one, mut other) = (start(&sides[0])?, start(&sides[1])?);
        let (_, said) = one.run()?;
        let (_, others) = other.run()?;
        ensure!(said == others, "{}: {} prints {said}, {} {others}", kernel.name, sides[0], sides[1]);
        let end = Instant::now() + Duration::from_secs_f64(seconds / f64::from(PROCESSES));
        loop {
            let first = one.run()?.0;
            let others = other.run()?.0 + other.run()?.0;
            ratios.push((first + one.run()?.0) / others);
            if Instant::now() >= end {
                break;
            }
        }
    }
    Ok(ratios)
}

fn shown(Estimate { value, low, high }: Estimate) -> String {
    format!("{value:>6.3}  {:<16}", format!("{low:.3} to {high:.3}"))
}
