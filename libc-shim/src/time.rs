//! time.h. Time comes from the host: it sets the clock, the monotonic clock and the time zone, which is a fixed distance
//! from UTC. Nothing moves by itself.

mod calendar;
mod strftime;

use crate::errno;
use crate::single::Single;
use core::ffi::c_int;
pub use strftime::strftime;

/// C11 7.27.1, with glibc's `tm_gmtoff`, so that `%z` can tell UTC from the time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Tm {
    pub tm_sec: c_int,
    pub tm_min: c_int,
    pub tm_hour: c_int,
    pub tm_mday: c_int,
    pub tm_mon: c_int,
    /// Years since 1900.
    pub tm_year: c_int,
    /// Days since Sunday.
    pub tm_wday: c_int,
    /// Days since 1 January.
    pub tm_yday: c_int,
    pub tm_isdst: c_int,
    /// Seconds east of UTC.
    pub tm_gmtoff: c_int,
}

static CLOCK: Single<f64> = Single::new(0.0);
static MONOTONIC: Single<f64> = Single::new(0.0);
static ZONE: Single<i32> = Single::new(0);
/// What `gmtime` and `localtime` return.
static BROKEN_DOWN: Single<Tm> = Single::new(Tm {
    tm_sec: 0,
    tm_min: 0,
    tm_hour: 0,
    tm_mday: 0,
    tm_mon: 0,
    tm_year: 0,
    tm_wday: 0,
    tm_yday: 0,
    tm_isdst: 0,
    tm_gmtoff: 0,
});

const CLOCKS_PER_SECOND: f64 = 1_000_000.0;

/// Sets the seconds since 1970 that `time` gives.
pub fn set_clock(seconds: f64) {
    CLOCK.set(seconds);
}

/// The seconds since 1970.
pub fn clock_seconds() -> f64 {
    CLOCK.get()
}

/// Sets the seconds that `clock` gives.
pub fn set_monotonic(seconds: f64) {
    MONOTONIC.set(seconds);
}

/// The seconds that `clock` gives.
pub fn monotonic_seconds() -> f64 {
    MONOTONIC.get()
}

/// Sets how many minutes local time is ahead of UTC.
pub fn set_time_zone(minutes_east: i32) {
    ZONE.set(minutes_east);
}

/// How many minutes local time is ahead of UTC.
pub fn time_zone() -> i32 {
    ZONE.get()
}

fn zone_seconds() -> i64 {
    i64::from(time_zone()) * 60
}

/// C11 7.27.2.1. Deviation: not the processor's time, but the monotonic clock the host set.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn clock() -> i64 {
    (monotonic_seconds() * CLOCKS_PER_SECOND) as i64
}

/// C11 7.27.2.2: the seconds from `earlier` to `later`.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn difftime(later: i64, earlier: i64) -> f64 {
    // As an unsigned number the distance always fits, so that only the last step rounds.
    let distance = later.abs_diff(earlier) as f64;
    if later < earlier { -distance } else { distance }
}

/// C11 7.27.2.4: the seconds since 1970 that the host set, also stored in `result` unless that is null.
///
/// # Safety
///
/// `result` is null or can be written.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn time(result: *mut i64) -> i64 {
    let seconds = libm::floor(clock_seconds()) as i64;
    if !result.is_null() {
        // SAFETY: not null, so a place to write to.
        unsafe { result.write(seconds) };
    }
    seconds
}

/// C11 7.27.3.3: a time as date and time in UTC, or null and EOVERFLOW when the year does not fit an `int`. The next call
/// of `gmtime` or `localtime` overwrites the result.
///
/// # Safety
///
/// `time` can be read.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn gmtime(time: *const i64) -> *mut Tm {
    // SAFETY: the caller gives a time.
    broken_down(unsafe { time.read() }, 0)
}

/// C11 7.27.3.4: as `gmtime`, in the time zone. There is no daylight saving time.
///
/// # Safety
///
/// `time` can be read.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn localtime(time: *const i64) -> *mut Tm {
    // SAFETY: the caller gives a time.
    broken_down(unsafe { time.read() }, zone_seconds())
}

fn broken_down(time: i64, offset: i64) -> *mut Tm {
    let Some(tm) = calendar::break_down(time, offset) else {
        errno::set(errno::EOVERFLOW);
        return core::ptr::null_mut();
    };
    BROKEN_DOWN.set(tm);
    BROKEN_DOWN.as_ptr()
}

/// C11 7.27.2.3: the time of a local date and time, whose fields may be out of range and are brought into it; -1 and
/// EOVERFLOW when that gives a year that does not fit an `int`. As in glibc, a positive `tm_isdst` means a clock that is
/// one hour ahead, and since the time zone has no such time, the result is one hour less.
///
/// # Safety
///
/// `tm` can be read and written.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn mktime(tm: *mut Tm) -> i64 {
    // SAFETY: the caller gives a broken-down time.
    let fields = unsafe { tm.read() };
    match calendar::make_time(&fields, zone_seconds()) {
        Some((time, normal)) => {
            // SAFETY: as above.
            unsafe { tm.write(normal) };
            time
        }
        None => {
            errno::set(errno::EOVERFLOW);
            -1
        }
    }
}
