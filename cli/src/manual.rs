//! Completions for shells, and manual pages.

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::options::Options;
use crate::output;

/// Prints the completions for a shell.
pub fn completions(shell: Shell) -> Result<i32> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Options::command(), "moonlet", &mut text);
    output::print(text)?;
    Ok(0)
}

/// Prints the manual page of moonlet, or of one of its commands.
pub fn page(command: Option<&str>) -> Result<i32> {
    let mut all = Options::command();
    all.build();
    let mut text = Vec::new();
    match command.and_then(|name| all.find_subcommand(name)) {
        Some(command) => Man::new(command.clone()).render(&mut text)?,
        None => {
            Man::new(all).render(&mut text)?;
            rest().to_writer(&mut text)?;
        }
    }
    output::print(text)?;
    Ok(0)
}

/// What the options do not tell.
fn rest() -> Roff {
    let mut page = Roff::new();
    let mut section = |title: &str, entries: &[(&str, &str)]| {
        page.control("SH", [title]);
        for (term, meaning) in entries {
            page.control("TP", []);
            page.text([bold(*term)]);
            page.text([roman(*meaning)]);
        }
    };
    section(
        "EXIT STATUS",
        &[
            ("0", "The script ended, or called os.exit without a code."),
            ("1", "It failed, a limit ended it, or it cannot be read."),
            ("2", "The command line says nothing that can be done."),
            ("75", "It waits, and was saved by --snapshot."),
            ("other", "What the script gave to os.exit."),
        ],
    );
    section(
        "ENVIRONMENT",
        &[
            ("LUA_INIT, LUA_INIT_5_4, LUA_INIT_5_5", "Run before the script, a file with @ before its name."),
            ("LUA_PATH, LUA_CPATH, and with a version", "What package.path and package.cpath are."),
            ("TZ", "The time zone of os.date."),
            ("NO_COLOR", "No colours on a terminal."),
        ],
    );
    section(
        "FILES",
        &[
            ("~/.cache/moonlet", "Compiled code; it may be removed."),
            ("~/.local/state/moonlet/history", "What was typed in the interactive mode."),
        ],
    );
    page
}
