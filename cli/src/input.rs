//! Standard input: scripts, what scripts read, and lines of the interactive mode, all from one stream.

use std::io;
use std::time::Instant;

use crate::interrupts::Interrupts;

/// Bytes that are read at once.
const PIECE: usize = 65_536;

/// What became of waiting for input.
#[derive(Debug, PartialEq)]
pub enum Read {
    /// Bytes; none is the end.
    Bytes(Vec<u8>),
    /// Ctrl-C.
    Interrupted,
    /// The time is up.
    TimeUp,
}

/// Standard input.
#[derive(Debug, Default)]
pub struct Input {
    /// What was read, and nobody took.
    buffer: Vec<u8>,
    /// Whether scripts get lines, so that what follows stays for who reads lines.
    pub by_lines: bool,
}

impl Input {
    /// What there is, or comes next, for a script.
    pub fn piece(&mut self, interrupts: &Interrupts, deadline: Option<Instant>) -> io::Result<Read> {
        if self.by_lines {
            return self.line(interrupts, deadline);
        }
        if !self.buffer.is_empty() {
            return Ok(Read::Bytes(std::mem::take(&mut self.buffer)));
        }
        read(interrupts, deadline)
    }

    /// A line with its end, or what there is before the end of input.
    pub fn line(&mut self, interrupts: &Interrupts, deadline: Option<Instant>) -> io::Result<Read> {
        let mut looked_at = 0;
        loop {
            if let Some(end) = self.buffer[looked_at..].iter().position(|byte| *byte == b'\n') {
                let rest = self.buffer.split_off(looked_at + end + 1);
                return Ok(Read::Bytes(std::mem::replace(&mut self.buffer, rest)));
            }
            looked_at = self.buffer.len();
            match read(interrupts, deadline)? {
                Read::Bytes(bytes) if bytes.is_empty() => {
                    return Ok(Read::Bytes(std::mem::take(&mut self.buffer)));
                }
                Read::Bytes(bytes) => self.buffer.extend(bytes),
                other => return Ok(other),
            }
        }
    }

    /// All of it.
    pub fn rest(&mut self, interrupts: &Interrupts, deadline: Option<Instant>) -> io::Result<Read> {
        let mut all = std::mem::take(&mut self.buffer);
        loop {
            match read(interrupts, deadline)? {
                Read::Bytes(bytes) if bytes.is_empty() => return Ok(Read::Bytes(all)),
                Read::Bytes(bytes) => all.extend(bytes),
                other => return Ok(other),
            }
        }
    }
}

/// Waits for bytes.
#[cfg(unix)]
fn read(interrupts: &Interrupts, deadline: Option<Instant>) -> io::Result<Read> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    use rustix::stdio::stdin;

    loop {
        if interrupts.caught() {
            return Ok(Read::Interrupted);
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(Read::TimeUp);
        }
        let timeout =
            left.map(|left| Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() });
        match poll(&mut [PollFd::from_borrowed_fd(stdin(), PollFlags::IN)], timeout.as_ref()) {
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut bytes = vec![0; PIECE];
        match rustix::io::read(stdin(), &mut bytes) {
            Ok(count) => {
                bytes.truncate(count);
                return Ok(Read::Bytes(bytes));
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            // A descriptor that is closed has nothing to read.
            Err(Errno::BADF) => return Ok(Read::Bytes(Vec::new())),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Waits for bytes.
#[cfg(not(unix))]
fn read(interrupts: &Interrupts, _: Option<Instant>) -> io::Result<Read> {
    use std::io::Read as _;

    let mut bytes = vec![0; PIECE];
    let count = io::stdin().read(&mut bytes)?;
    bytes.truncate(count);
    Ok(if interrupts.caught() { Read::Interrupted } else { Read::Bytes(bytes) })
}
