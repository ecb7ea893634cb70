//! time.h. Time comes from the host: it sets the clock, the monotonic clock and the time zone. Nothing moves by itself.

mod calendar;
mod strftime;
mod zone;

use crate::errno;
use crate::single::Single;
use core::ffi::c_int;
pub use strftime::strftime;
use zone::Zone;

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
    /// Which name `%Z` shows: 1 that of the time zone, 2 that of its daylight saving time, 0 none.
    pub tm_zone: c_int,
}

static CLOCK: Single<f64> = Single::new(0.0);
static MONOTONIC: Single<f64> = Single::new(0.0);
static ZONE: Single<Zone> = Single::new(Zone::fixed(0));
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
    tm_zone: 0,
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

/// Sets how many minutes local time is ahead of UTC, all the year.
pub fn set_time_zone(minutes_east: i32) {
    ZONE.set(Zone::fixed(minutes_east * 60));
}

/// Sets the time zone by a TZ string of POSIX, such as `CET-1CEST,M3.5.0,M10.5.0/3`; false, and nothing changed, when it is none.
/// Names have 3 to 31 bytes.
pub fn set_time_zone_rule(text: &[u8]) -> bool {
    match Zone::parse(text) {
        Some(zone) => {
            ZONE.set(zone);
            true
        }
        None => false,
    }
}

/// How many whole minutes local time is ahead of UTC, in standard time.
pub fn time_zone() -> i32 {
    ZONE.get().standard_offset() / 60
}

fn zone() -> &'static Zone {
    // SAFETY: one thread, and nobody keeps the reference across a call that sets it.
    unsafe { &*ZONE.as_ptr() }
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
    broken_down(calendar::break_down(unsafe { time.read() }, 0))
}

/// C11 7.27.3.4: as `gmtime`, in the time zone.
///
/// # Safety
///
/// `time` can be read.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn localtime(time: *const i64) -> *mut Tm {
    // SAFETY: the caller gives a time.
    broken_down(zone().break_down(unsafe { time.read() }))
}

fn broken_down(fields: Option<Tm>) -> *mut Tm {
    let Some(tm) = fields else {
        errno::set(errno::EOVERFLOW);
        return core::ptr::null_mut();
    };
    BROKEN_DOWN.set(tm);
    BROKEN_DOWN.as_ptr()
}

/// C11 7.27.2.3: the time of a local date and time, whose fields may be out of range and are brought into it; -1 and
/// EOVERFLOW when that gives a year that does not fit an `int`. As in glibc, `tm_isdst` says which clock the fields
/// are of; where the time zone has no daylight saving time that clock is one hour ahead. glibc's first guess is the offset of its last call, here
/// it is always none; where the clock shows a time twice, or never, the answer can depend on that.
///
/// # Safety
///
/// `tm` can be read and written.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub unsafe extern "C" fn mktime(tm: *mut Tm) -> i64 {
    // SAFETY: the caller gives a broken-down time.
    let fields = unsafe { tm.read() };
    match calendar::make_time(&fields, zone()) {
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
