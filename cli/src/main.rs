//! The command `moonlet`: Lua in a sandbox.

mod engine;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use moonlet::{ErrorKind, Lua, Variadic, Version};

/// Runs Lua in a sandbox.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// The script to run
    script: PathBuf,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("moonlet: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<ExitCode> {
    let name = options.script.display();
    let source = fs::read(&options.script).with_context(|| format!("cannot open {name}"))?;
    let lua = Lua::builder().engine(&engine::engine(Version::Lua54)?).build()?;
    let arguments = Variadic(options.arguments.clone());
    match lua.load(source).name(format!("@{name}")).call::<()>(arguments) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == ErrorKind::Exit => {
            Ok(ExitCode::from(error.exit_code().unwrap_or(1) as u8))
        }
        Err(error) => {
            eprintln!("moonlet: {error}");
            if let Some(traceback) = error.traceback() {
                eprintln!("{traceback}");
            }
            Ok(ExitCode::FAILURE)
        }
    }
}
