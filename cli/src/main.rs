//! The command `moonlet`: Lua in a sandbox, run as `lua` runs it, within limits, saved while it waits.
//!
//! A run goes through these: [`command_line`] reads the words in `lua`'s order, [`prelude`] is the state that all begin with, [`session`] that
//! with what it is given of this machine, `lua/driver.lua` does in Lua what `lua`'s own program does, and [`run`] tells how it ended.

mod command_line;
mod engine;
mod file;
mod folders;
mod input;
mod inspect;
mod interrupts;
mod machine;
mod manual;
mod options;
mod output;
mod prelude;
mod quantity;
mod repl;
mod report;
mod resume;
mod run;
mod session;
mod snapshot;
mod source;
mod value;
mod zone;

use anyhow::Result;
use clap::CommandFactory;

use crate::command_line::{CommandLine, Wrong};
use crate::options::{Command, Options};

/// The status of a command line that says nothing that can be done.
const WRONG: i32 = 2;

fn main() {
    let line = match CommandLine::read(std::env::args_os()) {
        Ok(line) => line,
        Err(wrong) => std::process::exit(refuse(wrong)),
    };
    let status = dispatch(line).unwrap_or_else(|error| {
        eprintln!("moonlet: {error:#}");
        1
    });
    // What is left is the system's to take back, which is faster.
    std::process::exit(status);
}

fn dispatch(mut line: CommandLine) -> Result<i32> {
    match line.options.command.take() {
        None => run::run(&line),
        Some(Command::Repl(options)) => repl::run(&options),
        Some(Command::Resume(options)) => resume::run(&options),
        Some(Command::Serve(options)) => moonlet_serve::serve(*options).map(|()| 0),
        Some(Command::Inspect(options)) => inspect::run(&options),
        Some(Command::Completions { shell }) => manual::completions(shell),
        Some(Command::Man { command }) => manual::page(command.as_deref()),
    }
}

/// Says what is wrong with a command line, or prints the help that was asked for; the status.
fn refuse(wrong: Wrong) -> i32 {
    match wrong {
        Wrong::Clap(error) => error.exit(),
        Wrong::Option(message) => {
            let program = std::env::args().next().unwrap_or_else(|| "moonlet".into());
            eprintln!(
                "{program}: {message}\n\n{}\n\nFor more information, try '--help'.",
                Options::command().render_usage()
            );
            WRONG
        }
    }
}
