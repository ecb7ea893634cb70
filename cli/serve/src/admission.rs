//! How many scripts are in progress at once, and how many requests wait for a place.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::metrics::{Counted, Metrics};
use crate::problem::Problem;

/// The places.
pub struct Admission {
    places: Arc<Semaphore>,
    waiting: AtomicU32,
    queue: u32,
    wait: Duration,
}

/// A place, until it is dropped.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    _running: Counted,
}

/// Somebody who waits, until it is dropped.
struct Waiting<'a>(&'a AtomicU32, #[allow(dead_code, reason = "it counts as long as it is held")] Counted);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Admission {
    /// So many places; so many may wait for one, and so long.
    pub fn new(places: u32, queue: u32, wait: Duration) -> Self {
        let places = Arc::new(Semaphore::new(places as usize));
        Self { places, waiting: AtomicU32::new(0), queue, wait }
    }

    /// A place for a script.
    ///
    /// # Errors
    /// Too many wait already, or none became free in time.
    pub async fn enter(&self, metrics: &Metrics) -> Result<Place, Problem> {
        let place = |permit| Place { _permit: permit, _running: Counted::new(&metrics.running) };
        if let Ok(permit) = self.places.clone().try_acquire_owned() {
            return Ok(place(permit));
        }
        let full = |detail| {
            Problem::passing(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail, Duration::from_secs(1))
        };
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.queue {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(full("the server runs as many scripts as it can, and as many wait; come back later"));
        }
        let _waiting = Waiting(&self.waiting, Counted::new(&metrics.waiting));
        match tokio::time::timeout(self.wait, self.places.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(place(permit)),
            Ok(Err(_)) => Err(Problem::stopping()),
            Err(_) => Err(full(
                "the server runs as many scripts as it can, and none ended in time; come back later",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_wait_than_may_and_none_for_ever() {
        let metrics = Metrics::default();
        let admission = Admission::new(1, 1, Duration::from_millis(50));
        let held = admission.enter(&metrics).await.ok().unwrap();
        let (first, second) = tokio::join!(admission.enter(&metrics), admission.enter(&metrics));
        let codes = [first, second].map(|entered| entered.err().map(|problem| problem.code()));
        assert_eq!(codes, [Some("overloaded"), Some("overloaded")]);
        assert_eq!(admission.waiting.load(Ordering::Relaxed), 0);
        drop(held);
        assert!(admission.enter(&metrics).await.is_ok());
        assert_eq!((metrics.running.get(), metrics.waiting.get()), (0, 0));
    }
}
