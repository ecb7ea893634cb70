//! The server by itself, without the rest of the command.

use std::process::ExitCode;

use clap::Parser;
use moonlet_serve::ServeOptions;

/// Serves the playground, and runs Lua over HTTP
#[derive(Parser)]
#[command(name = "moonlet-serve", version)]
struct Arguments {
    /// Stop when standard input ends, as it does with the process that gives it
    #[arg(long, hide = true)]
    tethered: bool,

    #[command(flatten)]
    options: ServeOptions,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.tethered {
        std::thread::spawn(|| {
            // An error ends it as well.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            std::process::exit(1);
        });
    }
    match moonlet_serve::serve(arguments.options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("moonlet-serve: {error:#}");
            ExitCode::FAILURE
        }
    }
}
