//! Which script runs next, and on which thread.
//!
//! Work is done in steps of about a millisecond. What is new goes first, as it mostly ends in its first step; what goes on after that
//! takes turns among its like, and has at least an eighth of the time. A step that does not come back soon keeps its thread,
//! which steps back behind all others, and another takes its place, so that what cannot be interrupted holds nobody up.

mod thread;

use std::collections::{HashMap, VecDeque};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use self::thread::Thread;

/// Something that is done in steps.
pub trait Work: Send {
    /// Takes a step; whether there are more. It is dropped after the last, and after a panic.
    fn step(&mut self) -> bool;
}

/// How long work goes on by steps before other work of its kind has its turn.
const TURN: Duration = Duration::from_millis(5);
/// How much of the processor a turn may use before another thread takes the place of its thread.
const STUCK: Duration = Duration::from_millis(10);
/// The same for one that waits, or where the system does not tell: how long it may take.
const SILENT: Duration = Duration::from_millis(100);
/// A unit of time of what is new counts so much, and one of what goes on that much.
const WEIGHTS: [u32; 2] = [1, 7];
/// How long a thread without work stays.
const REST: Duration = Duration::from_secs(10);

/// Threads that do work. When it is dropped, work that waits is dropped, and turns that are taken are waited for.
pub struct Scheduler(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Threads wait here for work.
    work: Condvar,
    /// The watch waits here for turns to watch, and the end for the threads.
    change: Condvar,
    /// Whether new work waits, for those that take long turns.
    new_waits: AtomicBool,
    /// How many threads take turns at once, those that are stuck left out.
    limit: usize,
}

#[derive(Default)]
struct State {
    queues: [Queue; 2],
    /// The turns that are taken, by their number.
    turns: HashMap<u64, Turn>,
    next: u64,
    /// Turns that are not stuck.
    active: usize,
    /// Threads that wait for work.
    idle: usize,
    /// All threads, the watch among them.
    threads: usize,
    closed: bool,
}

struct Turn {
    since: Instant,
    stuck: bool,
    /// The thread, and what it had used before.
    thread: Option<(Thread, Duration)>,
}

impl Turn {
    /// Looks whether it has become stuck.
    fn look(&mut self) -> bool {
        let used =
            self.thread.and_then(|(thread, before)| Some((thread, thread.used()?.saturating_sub(before))));
        match used {
            Some((thread, used)) if used >= STUCK => {
                thread.step_back();
                self.stuck = true;
            }
            _ => self.stuck = self.since.elapsed() >= SILENT,
        }
        self.stuck
    }
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Box<dyn Work>>,
    /// The time that its work has had, times its weight. The queue with the least is next.
    spent: Duration,
}

#[derive(Clone, Copy)]
enum Kind {
    New = 0,
    Long = 1,
}

impl State {
    fn push(&mut self, kind: Kind, work: Box<dyn Work>) {
        let other = self.queues[1 - kind as usize].spent;
        let queue = &mut self.queues[kind as usize];
        if queue.waiting.is_empty() {
            // Time in which a queue wanted nothing is not owed to it.
            queue.spent = queue.spent.max(other);
        }
        queue.waiting.push_back(work);
    }

    fn pop(&mut self) -> Option<(Kind, Box<dyn Work>)> {
        let [new, long] = &mut self.queues;
        let new_first = long.waiting.is_empty() || new.spent <= long.spent;
        if !new.waiting.is_empty() && new_first {
            return new.waiting.pop_front().map(|work| (Kind::New, work));
        }
        long.waiting.pop_front().map(|work| (Kind::Long, work))
    }

    fn waiting(&self) -> usize {
        self.queues.iter().map(|queue| queue.waiting.len()).sum()
    }
}

impl Scheduler {
    /// One whose threads take so many turns at once.
    pub fn new(limit: usize) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            change: Condvar::new(),
            new_waits: AtomicBool::new(false),
            limit: limit.max(1),
        });
        shared.spawn(&mut shared.lock(), "moonlet watch", Shared::watch);
        Self(shared)
    }

    /// Lets work be done. How much of it there may be is the caller's to limit.
    pub fn push(&self, work: impl Work + 'static) {
        let mut state = self.0.lock();
        state.push(Kind::New, Box::new(work));
        self.0.new_waits.store(true, Ordering::Relaxed);
        self.0.provide(&mut state);
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closed = true;
        let waiting = std::mem::take(&mut state.queues);
        self.0.work.notify_all();
        self.0.change.notify_all();
        while state.threads > 0 {
            state = self.0.change.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        drop(waiting);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(self: &Arc<Self>, state: &mut State, name: &str, run: fn(&Arc<Self>)) {
        let shared = self.clone();
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            run(&shared);
            shared.lock().threads -= 1;
            shared.change.notify_all();
        });
        match thread {
            Ok(_) => state.threads += 1,
            // The threads that are there do the work, later.
            Err(error) => {
                tracing::warn!(%error, "no thread could be started; scripts wait for those that run")
            }
        }
    }

    /// Sees to it that waiting work is taken up, if a thread may take it.
    fn provide(self: &Arc<Self>, state: &mut State) {
        if state.active >= self.limit || state.waiting() == 0 || state.closed {
            return;
        }
        if state.idle > 0 {
            self.work.notify_one();
        } else {
            self.spawn(state, "moonlet script", Self::run);
        }
    }

    /// What a thread does: takes turns as long as there is work.
    fn run(self: &Arc<Self>) {
        let own = Thread::current();
        let mut state = self.lock();
        while !state.closed {
            let taken = if state.active < self.limit { state.pop() } else { None };
            let Some((kind, mut work)) = taken else {
                state.idle += 1;
                let (again, waited) =
                    self.work.wait_timeout(state, REST).unwrap_or_else(PoisonError::into_inner);
                state = again;
                state.idle -= 1;
                if waited.timed_out() && state.waiting() == 0 {
                    return;
                }
                continue;
            };
            self.new_waits.store(!state.queues[Kind::New as usize].waiting.is_empty(), Ordering::Relaxed);
            let (number, since) = (state.next, Instant::now());
            state.next += 1;
            state.active += 1;
            let thread = own.and_then(|own| Some((own, own.used()?)));
            state.turns.insert(number, Turn { since, stuck: false, thread });
            if state.turns.len() == 1 {
                self.change.notify_all();
            }
            self.provide(&mut state);
            drop(state);

            let more = self.turn(&mut *work, since);
            // What it holds is freed before the lock is taken.
            let work = if more { Some(work) } else { None };

            state = self.lock();
            let stuck = state.turns.remove(&number).is_none_or(|turn| turn.stuck);
            if !stuck {
                state.active -= 1;
            }
            state.queues[kind as usize].spent += since.elapsed() * WEIGHTS[kind as usize];
            if let Some(work) = work
                && !state.closed
            {
                state.push(Kind::Long, work);
            }
            if stuck {
                // It may have stepped back, and cannot step forward.
                self.provide(&mut state);
                return;
            }
        }
    }

    /// Takes steps for a while; whether there are more.
    fn turn(&self, work: &mut dyn Work, since: Instant) -> bool {
        loop {
            match panic::catch_unwind(AssertUnwindSafe(|| work.step())) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(_) => {
                    tracing::error!("a script's step panicked; this is a fault of the server, which goes on");
                    return false;
                }
            }
            if since.elapsed() >= TURN || self.new_waits.load(Ordering::Relaxed) {
                return true;
            }
        }
    }

    /// What the watch does: lets other threads take the place of those that are stuck.
    fn watch(self: &Arc<Self>) {
        let mut state = self.lock();
        while !state.closed {
            if state.turns.is_empty() {
                state = self.change.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let waited = self.change.wait_timeout(state, STUCK / 2);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            let late = state.turns.values_mut().filter(|turn| !turn.stuck);
            let found = late.map(Turn::look).filter(|stuck| *stuck).count();
            state.active -= found;
            for _ in 0..found {
                self.provide(&mut state);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    struct Steps<F>(F);

    impl<F: FnMut() -> bool + Send> Work for Steps<F> {
        fn step(&mut self) -> bool {
            (self.0)()
        }
    }

    #[test]
    fn what_is_stuck_holds_nobody_up() {
        let scheduler = Scheduler::new(1);
        let (release, released) = mpsc::channel::<()>();
        let released = Mutex::new(released);
        let (done, finished) = mpsc::channel();
        let stuck = done.clone();
        scheduler.push(Steps(move || {
            released.lock().unwrap().recv().unwrap();
            stuck.send("stuck").unwrap();
            false
        }));
        scheduler.push(Steps(move || {
            done.send("new").unwrap();
            false
        }));
        assert_eq!(finished.recv().unwrap(), "new");
        release.send(()).unwrap();
        assert_eq!(finished.recv().unwrap(), "stuck");
    }

    #[test]
    fn what_keeps_the_processor_holds_nobody_up() {
        let scheduler = Scheduler::new(1);
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..3 {
            let stop = stop.clone();
            scheduler.push(Steps(move || {
                while !stop.load(Ordering::Relaxed) {}
                false
            }));
        }
        let (done, finished) = mpsc::channel();
        scheduler.push(Steps(move || {
            done.send(()).unwrap();
            false
        }));
        finished.recv().unwrap();
        stop.store(true, Ordering::Relaxed);
    }

    #[test]
    fn what_goes_on_for_ever_lets_others_pass() {
        let scheduler = Scheduler::new(1);
        for _ in 0..8 {
            scheduler.push(Steps(|| {
                thread::sleep(Duration::from_millis(1));
                true
            }));
        }
        for number in 0..50 {
            let (done, finished) = mpsc::channel();
            scheduler.push(Steps(move || {
                done.send(number).unwrap();
                false
            }));
            assert_eq!(finished.recv().unwrap(), number);
        }
    }

    #[test]
    fn what_goes_on_is_not_starved() {
        let scheduler = Scheduler::new(1);
        let (done, finished) = mpsc::channel();
        let mut left = 20;
        scheduler.push(Steps(move || {
            thread::sleep(Duration::from_millis(1));
            left -= 1;
            if left == 0 {
                done.send(()).unwrap();
            }
            left > 0
        }));
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let (done, finished) = mpsc::channel();
                        scheduler.push(Steps(move || {
                            thread::sleep(Duration::from_micros(100));
                            done.send(()).unwrap();
                            false
                        }));
                        finished.recv().unwrap();
                    }
                });
            }
            finished.recv().unwrap();
            stop.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn a_panic_ends_the_work_and_nothing_else() {
        let scheduler = Scheduler::new(1);
        scheduler.push(Steps(|| panic!("on purpose")));
        let (done, finished) = mpsc::channel();
        scheduler.push(Steps(move || {
            done.send(()).unwrap();
            false
        }));
        finished.recv().unwrap();
    }

    #[test]
    fn work_that_waits_is_dropped_at_the_end() {
        let scheduler = Scheduler::new(1);
        let (done, finished) = mpsc::channel::<()>();
        for _ in 0..4 {
            let done = done.clone();
            scheduler.push(Steps(move || {
                let _held = &done;
                thread::sleep(Duration::from_millis(1));
                true
            }));
        }
        drop(done);
        drop(scheduler);
        assert!(finished.recv().is_err());
    }
}
