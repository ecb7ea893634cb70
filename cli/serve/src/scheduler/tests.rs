//! What the scheduler promises.

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
fn what_was_stuck_is_dropped_by_another_thread() {
    struct Dropped(mpsc::Sender<thread::ThreadId>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }
    let scheduler = Scheduler::new(1);
    let (done, finished) = mpsc::channel();
    for is_long in [true, false] {
        let (ran, on) = mpsc::channel();
        let held = Dropped(done.clone());
        scheduler.push(Steps(move || {
            let _held = &held;
            let since = Instant::now();
            while is_long && since.elapsed() < 3 * SILENT {}
            ran.send(thread::current().id()).unwrap();
            false
        }));
        assert_eq!(on.recv().unwrap() == finished.recv().unwrap(), !is_long);
    }
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
