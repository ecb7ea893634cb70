//! Memory stays flat, however many evaluations one state makes, and however many states are made and dropped.
//!
//! COUNT is how many rounds of ten evaluations, 2,000 by default, and ten times how many states. A program of its own, as it counts what
//! the process allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use moonlet::{Class, Function, Lua, Object};

/// Bytes that the process has allocated now.
static LIVE: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: the system's allocator does the work; this only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller upholds.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller upholds.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() -> usize {
    std::env::var("COUNT").map_or(2_000, |count| count.parse().expect("COUNT is a number"))
}

/// Kilobytes of the process in memory; linear memory is not the allocator's.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// Everything that could be left behind: values, functions, objects, errors, tasks, output, nested evaluations.
fn evaluate(lua: &Lua, number: usize) {
    let sum: usize = lua.load("return ... + 1").call(number).expect("a sum");
    assert_eq!(sum, number + 1);
    let held: Function = lua.eval("return function(x) return {x} end").expect("a function");
    assert_eq!(held.call::<Vec<usize>>(number).expect("a table"), [number]);
    lua.load("kept = ...").call::<()>(Object::new(number)).expect("an object");
    lua.eval::<()>("error({1})").expect_err("an error");
    lua.eval::<()>("return ((").expect_err("no Lua");
    lua.eval::<()>("print(nested())").expect("a nested evaluation");
    lua.eval::<()>("fails()").expect_err("an error of the host");
    let mut task = lua.start("return host.call('x')").expect("a task");
    if number.is_multiple_of(2) {
        task.resume(1).expect("done");
    } else {
        task.cancel().expect("cancelled");
    }
}

fn new() -> Lua {
    let lua = Lua::builder().output(|_| ()).build().expect("a state");
    lua.define("nested", |lua: Lua| lua.eval::<i64>("return 5")).expect("defined");
    lua.define("fails", || Err::<(), _>("no")).expect("defined");
    let class = Class::<usize>::new("Number").getter("value", |number: &usize| *number);
    lua.set("object", class.object(5)).expect("set");
    lua
}

/// What is live once all garbage of a state is gone.
fn settled(lua: &Lua) -> (u64, usize) {
    lua.compact().expect("collected");
    lua.eval::<()>("").expect("a call, which hears of what was dropped");
    let used = lua.compact().expect("collected");
    (used, LIVE.load(Ordering::Relaxed))
}

#[test]
fn memory_stays_flat() {
    let lua = new();
    (0..100).for_each(|number| evaluate(&lua, number));
    let (used, live) = settled(&lua);
    let before = resident();
    (100..count()).for_each(|number| evaluate(&lua, number));
    let after = settled(&lua);
    assert!(after.0 <= used + 512, "bytes in the state: {used}, then {}", after.0);
    assert!(after.1 <= live + 4096, "bytes of the host: {live}, then {}", after.1);
    assert!(resident() <= before + 16_384, "the process: {before} kB, then {} kB", resident());

    let live = LIVE.load(Ordering::Relaxed);
    for number in 0..count() / 10 {
        let lua = new();
        evaluate(&lua, number);
        if number.is_multiple_of(2) {
            drop(lua);
        } else {
            lua.close();
        }
    }
    assert!(LIVE.load(Ordering::Relaxed) <= live + 4096, "bytes of the host, after states were dropped");
    assert!(resident() <= before + 16_384, "the process, after states were dropped: {} kB", resident());
}
