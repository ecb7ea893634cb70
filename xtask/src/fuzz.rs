//! `make fuzz`: every target of `tests/fuzz/` for its share of the time, then random programs against native Lua.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::tools::Tools;
use crate::{Lua, check, finish, module, root};

/// Where they are.
const FOLDER: &str = "tests/fuzz";

/// The targets, and how many bytes are worth trying: for `abi` a version and 40 calls,
/// for `calls` a version, what the host does, and 64 calls.
const TARGETS: [(&str, u32); 5] =
    [("format", 512), ("parse", 4096), ("lower_eh", 4096), ("abi", 321), ("calls", 1049)];

/// Random programs of each version that are compared at a time.
const PROGRAMS: u64 = 500;

/// Runs everything for so many seconds in all, besides what has to be built; fails when anything was found.
pub fn fuzz(seconds: u64) -> Result<()> {
    let cargo_fuzz = Tools::new(root()).cargo_fuzz()?;
    for lua in Lua::ALL {
        module::build(lua)?;
    }
    let mut programs = check::differential()?;
    // Without a sanitizer, which would need a nightly Rust: the shim's tests have pages of their own around what they touch.
    finish(
        Command::new(cargo_fuzz)
            .args(["build", "--fuzz-dir", FOLDER, "--sanitizer", "none", "--target-dir", "target/fuzz"])
            .current_dir(root()),
    )?;
    let share = seconds / (TARGETS.len() as u64 + 1);
    let mut counts = Vec::new();
    let mut findings = Vec::new();
    for (target, bytes) in TARGETS {
        eprintln!("fuzzing {target} for {share} s");
        let (executions, found) = run(target, bytes, share)?;
        counts.push(format!("{target} {executions} executions"));
        findings.extend(found);
    }
    eprintln!("comparing random programs with native Lua for {share} s");
    let (compared, found) = differential(&mut programs, Duration::from_secs(share))?;
    counts.push(format!("differential {compared} programs"));
    findings.extend(found);
    for finding in &findings {
        eprintln!("{finding}");
    }
    println!("{}; {} findings", counts.join(", "), findings.len());
    ensure!(findings.is_empty(), "the fuzzers found something; the inputs are in target/fuzz/artifacts");
    Ok(())
}

/// Gives an empty corpus inputs of many lengths, so that not all time goes into finding out that longer ones reach more.
fn plant(corpus: &Path) -> Result<()> {
    fs::create_dir_all(corpus)?;
    if fs::read_dir(corpus)?.next().is_some() {
        return Ok(());
    }
    for number in 0..64_u8 {
        let bytes: Vec<u8> = (0..=2 * number).flat_map(|block| Sha256::digest([number, block])).collect();
        fs::write(corpus.join(format!("planted-{number}")), bytes)?;
    }
    Ok(())
}

/// Runs one target; how many executions, and what it found.
fn run(target: &str, bytes: u32, seconds: u64) -> Result<(u64, Option<String>)> {
    let host = Command::new("rustc").args(["--print", "host-tuple"]).current_dir(root()).output()?;
    let folder = root().join("target/fuzz");
    let program = folder.join(String::from_utf8(host.stdout)?.trim()).join("release").join(target);
    let (corpus, artifacts) = (folder.join("corpus").join(target), folder.join("artifacts").join(target));
    plant(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let log = folder.join(target).with_extension("log");
    let status = Command::new(&program)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_len={bytes}"))
        .args(["-print_final_stats=1", "-len_control=0"])
        .arg(&corpus)
        .current_dir(root())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log)?)
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let printed = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let executions = printed.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let executions = executions.with_context(|| format!("{target} gave up; see {}", log.display()))?;
    let found = (!status.success()).then(|| report(target, &printed, &log));
    Ok((executions.trim().parse()?, found))
}

/// What the panic said, and where the rest is.
fn report(target: &str, printed: &str, log: &Path) -> String {
    let lines: Vec<&str> =
        printed.lines().skip_while(|line| !line.contains("panicked at")).take(40).collect();
    format!("{target}: {}\nall of it: {}", lines.join("\n"), log.display())
}

/// Compares programs until the time is over; how many of each version, and what was found.
fn differential(tests: &mut Command, time: Duration) -> Result<(u64, Option<String>)> {
    let start = Instant::now();
    // Others each time.
    let mut seed = std::time::UNIX_EPOCH.elapsed()?.as_secs() * 1000;
    let mut compared = 0;
    while start.elapsed() < time {
        tests.env("PROGRAMS", PROGRAMS.to_string()).env("SEED", seed.to_string());
        let output = tests.output()?;
        if !output.status.success() {
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            return Ok((compared, Some(printed + &String::from_utf8_lossy(&output.stderr))));
        }
        compared += PROGRAMS;
        seed += PROGRAMS;
    }
    Ok((compared, None))
}
