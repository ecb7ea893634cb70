//! How many host functions this thread is inside of: each takes stack, and what one calls may call the next.

use std::cell::Cell;

use crate::{Error, ErrorKind, Result};

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Runs `work`, which is code of the host, one level deeper than `depth`.
pub fn at<T>(depth: u32, work: impl FnOnce() -> T) -> T {
    struct Back(u32);
    impl Drop for Back {
        fn drop(&mut self) {
            DEPTH.set(self.0);
        }
    }
    let _back = Back(DEPTH.replace(depth + 1));
    work()
}

/// How deep this thread is.
pub fn depth() -> u32 {
    DEPTH.get()
}

/// Refuses an evaluation that would go deeper than `limit`.
pub fn check(limit: u32) -> Result<()> {
    if depth() <= limit {
        return Ok(());
    }
    let message =
        format!("{limit} evaluations run within host functions already; raise `nesting` if that is meant");
    Err(Error::new(ErrorKind::Refused, message))
}
