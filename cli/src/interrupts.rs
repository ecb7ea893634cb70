//! Ctrl-C: the first interrupts the script, a second one before that has ended kills the process, as with `lua`.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// Whether Ctrl-C was pressed.
#[derive(Clone, Debug)]
pub struct Interrupts(Arc<AtomicBool>);

impl Interrupts {
    /// Begins to catch the signal.
    pub fn catch() -> io::Result<Self> {
        let caught = Arc::new(AtomicBool::new(false));
        // In this order: the first signal sets the flag, the next finds it set.
        flag::register_conditional_default(SIGINT, caught.clone())?;
        flag::register(SIGINT, caught.clone())?;
        Ok(Self(caught))
    }

    /// Whether there was one.
    pub fn caught(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Forgets it: the next is the first again.
    pub fn forget(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
