//! The Rust side of `budget.c`: fuel, slices, and the stopping of a run.

use libc_shim::single::Single;
use libc_shim::work;

use crate::bytes::status;

/// `struct moonlet_meter` of moonlet.h: units used and allowed.
#[repr(C)]
struct Meter {
    task: u64,
    fuel: u64,
    run: u64,
    slice: u64,
    quantum: u64,
    granted: i64,
}

unsafe extern "C" {
    static mut moonlet_meter: Meter;
    static mut moonlet_stopping: i32;
    static mut moonlet_fuel: i64;
    fn moonlet_start_meter();
    fn moonlet_stop_meter();
    #[cfg(feature = "faults")]
    fn moonlet_stop(status: i32);
    fn moonlet_end_stop();
}

/// What the options FUEL and SLICE allow; 0 allows all.
static FUEL: Single<u64> = Single::new(0);
static SLICE: Single<u64> = Single::new(0);

fn limit(units: u64) -> u64 {
    if units == 0 { u64::MAX } else { units }
}

pub fn fuel() -> u64 {
    FUEL.get()
}

pub fn set_fuel(units: u64) {
    FUEL.set(units);
}

pub fn slice() -> u64 {
    SLICE.get()
}

pub fn set_slice(units: u64) {
    SLICE.set(units);
}

/// Begins a call of the host on behalf of a task that has used so many units. Counting starts with [`start`].
pub fn begin(used: u64) {
    // SAFETY: variables of budget.c, on the module's only thread.
    unsafe {
        moonlet_meter.task = used;
        moonlet_meter.fuel = limit(FUEL.get());
        moonlet_meter.run = 0;
        moonlet_meter.slice = limit(SLICE.get());
        moonlet_meter.quantum = 0;
    }
}

/// Counts from here on.
pub fn start() {
    // SAFETY: touches variables of budget.c only.
    unsafe { moonlet_start_meter() }
}

/// Counts no longer.
pub fn stop() {
    // SAFETY: touches variables of budget.c only.
    unsafe { moonlet_stop_meter() }
}

/// Units that the running task, or the last one that ran, has used.
pub fn used() -> u64 {
    // SAFETY: reads variables of budget.c only.
    unsafe { moonlet_meter.task.wrapping_add((moonlet_meter.granted - moonlet_fuel) as u64) }
}

/// Units that the running task may still use; `None` where nothing limits them.
pub fn left() -> Option<u64> {
    // SAFETY: a variable of budget.c, on the module's only thread.
    let fuel = unsafe { moonlet_meter.fuel };
    (fuel != u64::MAX).then(|| fuel.saturating_sub(used()))
}

/// Charges work that no call of Lua's API shows; the next instruction or API call sees it.
pub fn owe(units: usize) {
    if !cfg!(feature = "unmetered") {
        // SAFETY: a variable of budget.c, on the module's only thread.
        unsafe { moonlet_fuel -= units as i64 }
    }
}

/// Takes steps of the host's own, which use Lua's API but are not the last task's.
pub fn uncounted<T>(steps: impl FnOnce() -> T) -> T {
    let used = used();
    let answer = steps();
    set_used(used);
    answer
}

/// Lets [`used`] tell so many units again, whatever was used since.
pub fn set_used(units: u64) {
    stop();
    begin(units);
}

/// Lets every instruction and API call of a script raise from here on, because of `status`.
#[cfg(feature = "faults")]
pub fn interrupt(status: i32) {
    // SAFETY: touches variables of budget.c only.
    unsafe { moonlet_stop(status) }
}

/// The status that the run is being stopped for; OK when it is not.
pub fn stopping() -> i32 {
    // SAFETY: a variable of budget.c, on the module's only thread.
    unsafe { moonlet_stopping }
}

/// Lets scripts run again; the status that they were stopped for.
pub fn end_stop() -> i32 {
    let status = stopping();
    if status != status::OK {
        // SAFETY: touches variables of budget.c only.
        unsafe { moonlet_end_stop() }
    }
    status
}

/// The work of the C library since the last call (see lua_budget.h).
#[unsafe(no_mangle)]
extern "C" fn moonlet_work() -> usize {
    work::take()
}
