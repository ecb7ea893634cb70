//! `compute`: a source becomes a task.

use super::{chunk, run};
use crate::bytes::options;

/// Runs `source` in the persistent state and answers as a run export does.
pub fn compute(source: &'static [u8]) -> i32 {
    run::start(&|L| {
        options::run_with_format(options::format());
        // SAFETY: `L` is the main thread; only the host writes where the source is.
        unsafe { chunk::push(L, source, None) }
    })
}
