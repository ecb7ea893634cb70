//! The command.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};
use lower_eh::{Options, Report};

/// Removes exceptions from a WebAssembly module.
///
/// What goes in: any core module, binary (.wasm) or text (.wat), that uses the final exception-handling proposal:
/// tags, throw, throw_ref, try_table, exnref.
///
/// What comes out: a binary module that does the same without them, for engines that know no exceptions. An exception
/// that nobody catches is a trap. Imported functions are taken not to throw.
///
/// What is refused, with a message that says where: legacy exceptions (try/catch/rethrow/delegate), imported or
/// exported tags, exnref in tables, in fields of structs and arrays, in payloads of tags, or in imported or exported
/// functions and globals, functions that may throw in tables or globals that the host sees, functions that may throw
/// and return a non-nullable reference, stack switching, object files, and components.
#[derive(Parser)]
#[command(version, max_term_width = 110)]
struct Arguments {
    /// The module to read; `-` for the standard input
    input: PathBuf,
    /// The file to write; `-` for the standard output. It is written only if all went well
    #[arg(short, long)]
    output: PathBuf,
    /// Also turn each br_table with at most two ways besides its default into compares
    #[arg(long)]
    compare_switches: bool,
    /// Say on the standard error what was found and done
    #[arg(long)]
    report: bool,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lower-eh: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what the argument parser says: help, the version, or what is wrong, the latter always with the usage.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    if !error.use_stderr() {
        print!("{text}");
        return ExitCode::SUCCESS;
    }
    eprint!("{text}");
    if !text.contains("Usage:") {
        eprintln!("{}", Arguments::command().render_usage());
    }
    ExitCode::from(2)
}

fn run(arguments: &Arguments) -> Result<()> {
    let input = read(&arguments.input).with_context(|| format!("{}", arguments.input.display()))?;
    let wasm = wat::parse_bytes(&input).with_context(|| format!("{}", arguments.input.display()))?;
    let options = Options { compare_switches: arguments.compare_switches };
    let (output, report) =
        lower_eh::lower(&wasm, &options).with_context(|| format!("{}", arguments.input.display()))?;
    write(&arguments.output, &output).with_context(|| format!("{}", arguments.output.display()))?;
    if arguments.report {
        eprint!("{}", describe(&report));
    }
    Ok(())
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn read(path: &Path) -> Result<Vec<u8>> {
    if !is_dash(path) {
        return Ok(std::fs::read(path)?);
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes beside the target and renames, so that nobody ever sees half a module.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if is_dash(path) {
        let mut output = std::io::stdout().lock();
        output.write_all(bytes)?;
        return Ok(output.flush()?);
    }
    // A device such as /dev/null cannot be replaced.
    if path.exists() && !path.is_file() {
        return Ok(std::fs::write(path, bytes)?);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // Nothing more can be done about a file that cannot be removed; the first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
    }
    Ok(written?)
}

fn describe(report: &Report) -> String {
    format!(
        "functions            {:>8}\n\
         of them may throw    {:>8}\n\
         calls looked after   {:>8}\n\
         try_table            {:>8}\n\
         throw, throw_ref     {:>8}\n\
         switches as compares {:>8}\n",
        report.functions,
        report.may_throw,
        report.call_sites,
        report.try_tables,
        report.throws,
        report.switches
    )
}
