//! The way from the conversions to the sink: counts, and joins small pieces.

use super::Sink;
use crate::errno;
use crate::string::memcpy;
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

    pub fn put(&mut self, byte: u8) {
        self.write(&[byte]);
    }

    #[inline(never)]
    pub fn write(&mut self, bytes: &[u8]) {
        match self.stage.get_mut(self.staged..self.staged + bytes.len()) {
            Some(place) => {
                copy(place, bytes);
                self.staged += bytes.len();
            }
            None => {
                self.flush();
                self.sink.write(bytes);
            }
        }
        self.total += bytes.len() as u64;
    }

    #[inline(never)]
    pub fn repeat(&mut self, byte: u8, count: usize) {
        // What can no longer be counted need not be written, and would take long.
        if self.total + count as u64 > c_int::MAX as u64 {
            return self.fail();
        }
        for _ in 0..count {
            if self.staged == STAGE {
                self.flush();
            }
            if let Some(place) = self.stage.get_mut(self.staged) {
                *place = byte;
                self.staged += 1;
            }
        }
        self.total += count as u64;
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

/// Fills `place`, which is as long as `bytes`. Not by `copy_from_slice`, which becomes an instruction that engines take long to
/// begin.
fn copy(place: &mut [u8], bytes: &[u8]) {
    let size = place.len().min(bytes.len());
    // SAFETY: both have so many bytes, and what can be written is nobody else's.
    unsafe { memcpy(place.as_mut_ptr().cast(), bytes.as_ptr().cast(), size) };
}
