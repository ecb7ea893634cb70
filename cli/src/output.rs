//! What this command itself prints.

use std::io::{self, Write};

/// The status when output is a pipe that nobody reads, as of a process that SIGPIPE ended.
pub const BROKEN_PIPE: i32 = 141;

/// Prints a text. When nobody reads it the process ends.
pub fn print(text: impl AsRef<[u8]>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_ref()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(BROKEN_PIPE),
        printed => printed,
    }
}
