//! The clock by which wasmtime stops a call that does not come back. It sleeps while no call has a limit on its time.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How long an epoch of the engine lasts.
pub const TICK: Duration = Duration::from_millis(10);

pub struct Ticker {
    engine: EngineWeak,
    running: Mutex<Running>,
    wake: Condvar,
}

#[derive(Default)]
struct Running {
    calls: usize,
    thread: bool,
}

/// A call that is limited in time; the clock ticks while there is one.
pub struct Call(Arc<Ticker>);

impl Ticker {
    pub fn new(engine: &Engine) -> Arc<Self> {
        Arc::new(Self { engine: engine.weak(), running: Mutex::default(), wake: Condvar::new() })
    }

    /// Lets the clock tick until what this returns is dropped.
    pub fn run(self: Arc<Self>) -> Call {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.calls += 1;
        if !running.thread {
            let ticker = Arc::downgrade(&self);
            let clock = thread::Builder::new().name("moonlet clock".into());
            running.thread = clock.spawn(move || tick(&ticker)).is_ok();
        } else if running.calls == 1 {
            self.wake.notify_one();
        }
        drop(running);
        Call(self)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).calls -= 1;
    }
}

/// How long the clock's thread waits for another call before it ends.
const REST: Duration = Duration::from_secs(1);

fn tick(ticker: &Weak<Ticker>) {
    loop {
        let Some(ticker) = ticker.upgrade() else { return };
        let mut running = ticker.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.calls == 0 {
            let rested = ticker.wake.wait_timeout(running, REST).unwrap_or_else(PoisonError::into_inner);
            running = rested.0;
            if running.calls == 0 {
                running.thread = false;
                return;
            }
        }
        drop(running);
        let Some(engine) = ticker.engine.upgrade() else { return };
        drop(ticker);
        thread::sleep(TICK);
        engine.increment_epoch();
    }
}
