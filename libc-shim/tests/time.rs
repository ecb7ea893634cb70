//! time.h, compared with the host's glibc in zones of a fixed distance from UTC.

#[path = "cases/dates.rs"]
mod dates;
#[path = "cases/random.rs"]
mod random;

use dates::{FIRST, FORMATS, LAST, SIZE, ZONES, check_break_down, check_strftime, set_zone};
use libc_shim::time;
use random::Random;
use std::ffi::CString;
use std::sync::{Mutex, MutexGuard};
use time::Tm;

/// The variable TZ, and the statics of the shim, belong to one test at a time.
static ZONE: Mutex<()> = Mutex::new(());

fn lock() -> MutexGuard<'static, ()> {
    ZONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[test]
fn times_break_down_as_on_the_host() {
    let _guard = lock();
    for (minutes, name) in ZONES {
        set_zone(*minutes, name);
        for time in [0, -1, i64::MIN, i64::MAX, FIRST, FIRST - 1, LAST, LAST + 1, 951_782_400, 951_868_800] {
            check_break_down(time, time::gmtime, libc::gmtime_r);
            check_break_down(time, time::localtime, libc::localtime_r);
        }
    }
}

#[test]
fn dates_print_as_on_the_host() {
    let _guard = lock();
    let mut random = Random::new();
    let formats: Vec<_> = FORMATS.iter().map(|format| CString::new(format.as_str()).unwrap()).collect();
    let all = CString::new(FORMATS.join(" ")).unwrap();
    let check_time = |time: i64, random: &mut Random| {
        // SAFETY: a time; the result is copied before the next call.
        let Some(tm) = (unsafe { time::localtime(&time).as_ref() }) else { return };
        for format in &formats {
            check_strftime(format, tm, SIZE);
        }
        check_strftime(&all, tm, random.below(SIZE as u64) as usize);
    };
    for (minutes, name) in ZONES {
        set_zone(*minutes, name);
        // Every day of some years around the turns of centuries, of eras and of the sign.
        for year in [
            -401, -400, -101, -100, -99, -2, -1, 0, 1, 99, 100, 1899, 1900, 1969, 1999, 2000, 2024, 9999,
            10_000,
        ] {
            let mut first = Tm { tm_year: year - 1900, tm_mday: 1, ..Tm::default() };
            // SAFETY: fields to read and write.
            let first = unsafe { time::mktime(&mut first) };
            for day in (0..366).step_by(if *minutes == 0 { 1 } else { 37 }) {
                check_time(first + day * 86_400 + random.below(86_400) as i64, &mut random);
            }
        }
    }
}

#[test]
fn the_zone_is_named_by_its_offset() {
    let _guard = lock();
    for (minutes, expected) in
        [(0, "UTC +0000"), (330, "+0530 +0530"), (-210, "-0330 -0330"), (-1, "-0001 -0001")]
    {
        time::set_time_zone(minutes);
        let mut buffer = [0_u8; 40];
        // SAFETY: a time, and a buffer of that size.
        let (length, utc) = unsafe {
            let local = time::localtime(&0);
            let length = time::strftime(buffer.as_mut_ptr().cast(), 40, c"%Z %z".as_ptr(), local);
            (length, *time::gmtime(&0))
        };
        assert_eq!(&buffer[..length], expected.as_bytes());
        assert_eq!(utc.tm_gmtoff, 0);
    }
}

#[test]
fn an_unknown_conversion_is_copied() {
    let mut buffer = [0_u8; 40];
    for format in [c"%", c"%E", c"%Q", c"a%Ok%%", c"%-d"] {
        // SAFETY: a buffer of that size, and fields.
        let length =
            unsafe { time::strftime(buffer.as_mut_ptr().cast(), 40, format.as_ptr(), &Tm::default()) };
        let expected = format.to_str().unwrap().replace("%%", "%");
        assert_eq!(&buffer[..length], expected.as_bytes());
    }
}

#[test]
fn clocks_give_what_the_host_set() {
    let _guard = lock();
    time::set_clock(-1.5);
    time::set_monotonic(2.25);
    let mut result = 7;
    // SAFETY: null, and a place to write to.
    unsafe {
        assert_eq!(time::time(std::ptr::null_mut()), -2);
        assert_eq!(time::time(&mut result), -2);
    }
    assert_eq!(result, -2);
    assert_eq!(time::clock(), 2_250_000);
    assert_eq!((time::clock_seconds(), time::monotonic_seconds()), (-1.5, 2.25));
}

#[test]
fn differences_are_those_of_the_host() {
    let mut random = Random::new();
    for _ in 0..100_000 {
        let (a, b) = (random.integer() as i64, (random.integer() as i64).wrapping_neg());
        for (later, earlier) in [(a, b), (b, a), (a, a), (i64::MAX, b), (a, i64::MIN)] {
            // SAFETY: any two times may be passed.
            assert_eq!(time::difftime(later, earlier), unsafe { libc::difftime(later, earlier) });
        }
    }
}
