//! Which script runs next, and on which thread.
//!
//! Work is done in steps of about a millisecond. What is new mostly ends in its first step. What goes on after that takes turns among its
//! like, on threads of its own that let others go first, by a priority that leaves them a tenth of a busy processor or so. A step that does
//! not come back soon keeps its thread, which steps back behind all others, and another takes its place, so that what cannot be
//! interrupted holds nobody up.

#[cfg(test)]
mod tests;
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
/// How far threads of what goes on step back, and those that are stuck: as `nice` has it.
const BEHIND: i32 = 5;
const LAST: i32 = 19;
/// How long a thread without work stays.
const REST: Duration = Duration::from_secs(10);

/// Threads that do work. When it is dropped, work that waits is dropped, and turns that are taken are waited for.
pub struct Scheduler(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Threads wait here for work of their kind.
    work: [Condvar; 2],
    /// The watch waits here for turns to watch and threads to start, and the end for the threads.
    change: Condvar,
    /// Whether new work waits, for those that take long turns.
    new_waits: AtomicBool,
    /// How many threads take turns of each kind at once, those that are stuck left out.
    limit: usize,
}

#[derive(Default)]
struct State {
    crews: [Crew; 2],
    /// The turns that are taken, by their number.
    turns: HashMap<u64, Turn>,
    next: u64,
    /// All threads, the watch among them.
    threads: usize,
    closed: bool,
}

/// The threads of a kind of work.
#[derive(Default)]
struct Crew {
    waiting: VecDeque<Box<dyn Work>>,
    /// Turns that are not stuck.
    active: usize,
    /// Threads that wait for work.
    idle: usize,
    /// Threads that were called, and have not come yet.
    called: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    New = 0,
    Long = 1,
}

struct Turn {
    kind: Kind,
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
                thread.step_back(LAST);
                self.stuck = true;
            }
            _ => self.stuck = self.since.elapsed() >= SILENT,
        }
        self.stuck
    }
}

/// Work that has ended, and is yet to be dropped.
struct Over(#[allow(dead_code, reason = "it is dropped")] Box<dyn Work>);

impl Work for Over {
    fn step(&mut self) -> bool {
        false
    }
}

impl State {
    fn push(&mut self, kind: Kind, work: Box<dyn Work>) {
        self.crews[kind as usize].waiting.push_back(work);
    }

    fn is_stuck(&self, turn: u64) -> bool {
        self.turns.get(&turn).is_none_or(|turn| turn.stuck)
    }
}

impl Scheduler {
    /// One whose threads take so many turns at once.
    pub fn new(limit: usize) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Default::default(),
            change: Condvar::new(),
            new_waits: AtomicBool::new(false),
            limit: limit.max(1),
        });
        shared.spawn(&mut shared.lock(), "moonlet watch", |shared| shared.watch());
        Self(shared)
    }

    /// Lets work be done. How much of it there may be is the caller's to limit.
    pub fn push(&self, work: impl Work + 'static) {
        let mut state = self.0.lock();
        state.push(Kind::New, Box::new(work));
        self.0.new_waits.store(true, Ordering::Relaxed);
        self.0.provide(&mut state, Kind::New);
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closed = true;
        let waiting = state.crews.each_mut().map(|crew| std::mem::take(&mut crew.waiting));
        self.0.work.iter().for_each(Condvar::notify_all);
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

    fn spawn(
        self: &Arc<Self>,
        state: &mut State,
        name: &str,
        run: impl FnOnce(&Arc<Self>) + Send + 'static,
    ) -> bool {
        let shared = self.clone();
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            run(&shared);
            shared.lock().threads -= 1;
            shared.change.notify_all();
        });
        match &thread {
            Ok(_) => state.threads += 1,
            // The threads that are there do the work, later.
            Err(error) => {
                tracing::warn!(%error, "no thread could be started; scripts wait for those that run")
            }
        }
        thread.is_ok()
    }

    /// Sees to it that waiting work is taken up, if a thread may take it. A thread that was started has the priority of the one that starts it.
    fn provide(self: &Arc<Self>, state: &mut State, kind: Kind) {
        if !self.call(state, kind) {
            return;
        }
        let started = match kind {
            Kind::New => self.spawn(state, "moonlet script", |shared| shared.run(Kind::New)),
            Kind::Long => self.spawn(state, "moonlet long", |shared| shared.run(Kind::Long)),
        };
        state.crews[kind as usize].called += usize::from(started);
    }

    /// Calls a thread that waits for work; whether one is to be started instead.
    fn call(&self, state: &mut State, kind: Kind) -> bool {
        let crew = &mut state.crews[kind as usize];
        if crew.active >= self.limit || crew.waiting.len() <= crew.called || state.closed {
            return false;
        }
        if crew.idle > crew.called {
            crew.called += 1;
            self.work[kind as usize].notify_one();
            return false;
        }
        true
    }

    /// What a thread does: takes turns as long as there is work.
    fn run(self: &Arc<Self>, kind: Kind) {
        let own = Thread::current();
        if let (Kind::Long, Some(own)) = (kind, own) {
            own.step_back(BEHIND);
        }
        let index = kind as usize;
        let mut state = self.lock();
        state.crews[index].called -= 1;
        while !state.closed {
            let crew = &mut state.crews[index];
            let taken = if crew.active < self.limit { crew.waiting.pop_front() } else { None };
            let Some(mut work) = taken else {
                crew.idle += 1;
                let waited = self.work[index].wait_timeout(state, REST);
                let waited = waited.unwrap_or_else(PoisonError::into_inner);
                state = waited.0;
                let crew = &mut state.crews[index];
                crew.idle -= 1;
                // One that wakes by itself may take the place of one that was called, which then finds nothing.
                crew.called = crew.called.saturating_sub(1);
                if waited.1.timed_out() && crew.waiting.is_empty() {
                    return;
                }
                continue;
            };
            crew.active += 1;
            self.new_waits.store(!state.crews[Kind::New as usize].waiting.is_empty(), Ordering::Relaxed);
            let (number, since) = (state.next, Instant::now());
            state.next += 1;
            let thread = own.and_then(|own| Some((own, own.used()?)));
            state.turns.insert(number, Turn { kind, since, stuck: false, thread });
            if state.turns.len() == 1 {
                self.change.notify_all();
            }
            if kind == Kind::New {
                self.provide(&mut state, kind);
            } else if self.call(&mut state, kind) {
                self.change.notify_all();
            }
            drop(state);

            let more = self.turn(&mut *work, since);
            let mut work = Some(work);
            if !more && kind == Kind::New && !self.lock().is_stuck(number) {
                // What it holds is freed while others may take the lock.
                work = None;
            }

            state = self.lock();
            let stuck = state.turns.remove(&number).is_none_or(|turn| turn.stuck);
            if !stuck {
                state.crews[index].active -= 1;
            }
            match work {
                _ if state.closed => {}
                Some(work) if more => state.push(Kind::Long, work),
                // A thread that has stepped back would hold the process's memory for as long as it takes to free it, and all others up with it.
                Some(work) => state.push(Kind::New, Box::new(Over(work))),
                None => {}
            }
            if stuck {
                // It has stepped back, and cannot step forward: the watch starts another.
                self.change.notify_all();
                return;
            }
            for of in [Kind::New, Kind::Long] {
                if kind == Kind::New {
                    self.provide(&mut state, of);
                } else if self.call(&mut state, of) {
                    self.change.notify_all();
                }
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
            self.provide(&mut state, Kind::New);
            self.provide(&mut state, Kind::Long);
            if state.turns.is_empty() {
                state = self.change.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let waited = self.change.wait_timeout(state, STUCK / 2);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            let State { turns, crews, .. } = &mut *state;
            for turn in turns.values_mut().filter(|turn| !turn.stuck) {
                if turn.look() {
                    crews[turn.kind as usize].active -= 1;
                }
            }
        }
    }
}
