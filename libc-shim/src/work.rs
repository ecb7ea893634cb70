//! A count of the work that a call did beyond what its arguments show, for callers that charge for it.

use core::sync::atomic::{AtomicUsize, Ordering};

/// Steps since they were asked for last. Atomic only because tests on the host have threads.
static STEPS: AtomicUsize = AtomicUsize::new(0);

/// The steps, about a nanosecond each, that were taken since the last call.
pub fn take() -> usize {
    STEPS.swap(0, Ordering::Relaxed)
}

/// Adds to the steps that [`take`] tells.
pub fn note(steps: usize) {
    STEPS.store(STEPS.load(Ordering::Relaxed).saturating_add(steps), Ordering::Relaxed);
}
