//! The way from the conversions to the sink: counts, and joins small pieces.

use super::Sink;
use crate::errno;
use core::ffi::c_int;

/// Long enough for every number Lua formats by default, so that these reach the sink in one piece.
const STAGE: usize = 64;

pub struct Output<'a> {
    sink: &'a mut dyn Sink,
    stage: [u8; STAGE],
    staged: usize,
    total: u64,
    failed: bool,
}

// Kept out of line: called from so many places, the copies would take several kilobytes.
impl<'a> Output<'a> {
    pub fn new(sink: &'a mut dyn Sink) -> Self {
        Output { sink, stage: [0; STAGE], staged: 0, total: 0, failed: false }
    }

    #[inline(never)]
    pub fn put(&mut self, byte: u8) {
        if self.staged == STAGE {
            self.flush();
        }
        if let Some(place) = self.stage.get_mut(self.staged) {
            *place = byte;
            self.staged += 1;
            self.total += 1;
        }
    }

    #[inline(never)]
    pub fn write(&mut self, bytes: &[u8]) {
        if bytes.len() > STAGE {
            self.flush();
            self.sink.write(bytes);
            self.total += bytes.len() as u64;
        } else {
            for &byte in bytes {
                self.put(byte);
            }
        }
    }

    #[inline(never)]
    pub fn repeat(&mut self, byte: u8, count: usize) {
        // What can no longer be counted need not be written, and would take long.
        if self.total + count as u64 > c_int::MAX as u64 {
            self.fail();
        } else {
            for _ in 0..count {
                self.put(byte);
            }
        }
    }

    /// Makes the result -1.
    pub fn fail(&mut self) {
        self.failed = true;
    }

    /// Hands everything to the sink and gives the result of the whole.
    pub fn finish(&mut self) -> c_int {
        self.flush();
        match c_int::try_from(self.total) {
            Ok(total) if !self.failed => total,
            _ => {
                errno::set(errno::EOVERFLOW);
                -1
            }
        }
    }

    #[inline(never)]
    fn flush(&mut self) {
        if let Some(bytes) = self.stage.get(..self.staged) {
            self.sink.write(bytes);
        }
        self.staged = 0;
    }
}
