//! The server by itself, without the rest of the command.

use std::process::ExitCode;

use clap::Parser;
use moonlet_serve::ServeOptions;

/// Serves the playground, and runs Lua over HTTP
#[derive(Parser)]
#[command(name = "moonlet-serve", version)]
struct Arguments {
    #[command(flatten)]
    options: ServeOptions,
}

fn main() -> ExitCode {
    match moonlet_serve::serve(Arguments::parse().options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("moonlet-serve: {error:#}");
            ExitCode::FAILURE
        }
    }
}
