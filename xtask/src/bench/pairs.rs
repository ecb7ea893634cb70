//! `make bench-pairs`: two Luas on Node, in one process for each kernel, which take turns of a few milliseconds. On a machine that others
//! use too, their ratio is much surer than that of seconds taken apart.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::hosts::WASMOON;
use super::statistics::{Estimate, ratio};
use super::{kernels, peers, report};
use crate::tools::Tools;
use crate::{Lua, module, root};

#[derive(Args)]
pub struct Options {
    #[arg(long, default_value = "lua54")]
    lua: Lua,
    /// Only kernels with one of these words in their names
    #[arg(long, value_delimiter = ' ')]
    kernel: Vec<String>,
    /// Two modules, in the place of ours as it is and wasmoon
    #[arg(long, value_delimiter = ' ', num_args = 1..=2)]
    module: Vec<PathBuf>,
    /// How long each kernel takes turns, after half as long to warm up
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
}

/// What is compared with what.
fn sides(options: &Options) -> Result<[String; 2]> {
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    let ours = || Ok::<_, anyhow::Error>(path(&module::build(options.lua)?));
    match options.module.as_slice() {
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
    let node = Tools::new(root()).node()?;
    println!("{}\n{} against {}, in turns\n", report::machine(), sides[0], sides[1]);
    println!("{:<14}{:>6}  {:<16}{:>6}", "kernel", "ratio", "95 %", "turns");
    let mut all = Vec::new();
    for kernel in &kernels {
        let ran = Command::new(&node)
            .arg(root().join("benches/hosts/pairs.mjs"))
            .args(&sides)
            .args([&kernel.before, &kernel.path])
            .arg(options.seconds.to_string())
            .env("PEERS", peers::folder())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot start {}", node.display()))?;
        ensure!(ran.status.success(), "{} failed, as said above", kernel.name);
        let ratios: Vec<f64> = serde_json::from_slice(&ran.stdout)?;
        println!("{:<14}{}{:>6}", kernel.name, shown(ratio(&[(&ratios, &[1.0])])), ratios.len());
        all.push(ratios);
    }
    let pairs: Vec<(&[f64], &[f64])> = all.iter().map(|ratios| (ratios.as_slice(), &[1.0][..])).collect();
    println!("{:<14}{}", "geometric mean", shown(ratio(&pairs)));
    Ok(())
}

fn shown(Estimate { value, low, high }: Estimate) -> String {
    format!("{value:>6.3}  {:<16}", format!("{low:.3} to {high:.3}"))
}
