//! time.h, compared with the host's glibc in zones of a fixed distance from UTC.

#[path = "cases/random.rs"]
mod random;

use libc_shim::{errno, time};
use random::{Random, cases};
use std::ffi::{CStr, CString, c_char};
use std::sync::{Mutex, MutexGuard};
use time::Tm;

/// The variable TZ, and the statics of the shim, belong to one test at a time.
static ZONE: Mutex<()> = Mutex::new(());

unsafe extern "C" {
    fn tzset();
}

/// Minutes east of UTC, and what TZ says for it (where west is positive).
const ZONES: &[(i32, &CStr)] = &[
    (0, c"UTC0"),
    (330, c"XXX-5:30"),
    (-210, c"XXX3:30"),
    (840, c"XXX-14"),
    (-720, c"XXX12"),
    (1, c"XXX-0:01"),
];

fn set_zone(minutes: i32, name: &CStr) {
    time::set_time_zone(minutes);
    // SAFETY: the caller holds the lock, and no other code of these tests reads the environment.
    unsafe {
        libc::setenv(c"TZ".as_ptr(), name.as_ptr(), 1);
        tzset();
    }
}

fn lock() -> MutexGuard<'static, ()> {
    ZONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn from_host(tm: &libc::tm) -> Tm {
    Tm {
        tm_sec: tm.tm_sec,
        tm_min: tm.tm_min,
        tm_hour: tm.tm_hour,
        tm_mday: tm.tm_mday,
        tm_mon: tm.tm_mon,
        tm_year: tm.tm_year,
        tm_wday: tm.tm_wday,
        tm_yday: tm.tm_yday,
        tm_isdst: tm.tm_isdst,
        tm_gmtoff: tm.tm_gmtoff as i32,
    }
}

fn to_host(tm: &Tm) -> libc::tm {
    // SAFETY: all fields of the struct may be zero.
    let mut host: libc::tm = unsafe { std::mem::zeroed() };
    host.tm_sec = tm.tm_sec;
    host.tm_min = tm.tm_min;
    host.tm_hour = tm.tm_hour;
    host.tm_mday = tm.tm_mday;
    host.tm_mon = tm.tm_mon;
    host.tm_year = tm.tm_year;
    host.tm_wday = tm.tm_wday;
    host.tm_yday = tm.tm_yday;
    host.tm_isdst = tm.tm_isdst;
    host.tm_gmtoff = i64::from(tm.tm_gmtoff);
    host
}

/// The earliest and the latest time whose year fits, in UTC.
const FIRST: i64 = -67_768_040_609_740_800;
const LAST: i64 = 67_768_036_191_676_799;

fn random_time(random: &mut Random) -> i64 {
    match random.below(6) {
        0 => random.bits() as i64,
        1 => FIRST + random.below(200_000) as i64 - 100_000,
        2 => LAST + random.below(200_000) as i64 - 100_000,
        3 => random.integer() as i64 >> 8,
        // Within 10,000 years, and within 80.
        4 => (random.bits() as i64) % 315_000_000_000,
        _ => random.below(4_000_000_000) as i64 - 1_000_000_000,
    }
}

type BreakDown = unsafe extern "C" fn(*const i64) -> *mut Tm;
type HostBreakDown = unsafe extern "C" fn(*const i64, *mut libc::tm) -> *mut libc::tm;

fn check_break_down(time: i64, ours: BreakDown, host: HostBreakDown) {
    errno::set(0);
    // SAFETY: a time, and on the host a place for the result.
    let (ours, theirs) = unsafe {
        let mut theirs = std::mem::zeroed();
        (ours(&time).as_ref().copied(), host(&time, &mut theirs).as_ref().map(from_host))
    };
    assert_eq!(ours, theirs, "{time}: ours left, host right");
    assert_eq!(errno::get(), if ours.is_none() { libc::EOVERFLOW } else { 0 });
}

#[test]
fn times_break_down_as_on_the_host() {
    let _guard = lock();
    let mut random = Random::new();
    for (minutes, name) in ZONES {
        set_zone(*minutes, name);
        for time in [0, -1, i64::MIN, i64::MAX, FIRST, FIRST - 1, LAST, LAST + 1, 951_782_400, 951_868_800] {
            check_break_down(time, time::gmtime, libc::gmtime_r);
            check_break_down(time, time::localtime, libc::localtime_r);
        }
        for _ in 0..cases(30_000) {
            let time = random_time(&mut random);
            check_break_down(time, time::gmtime, libc::gmtime_r);
            check_break_down(time, time::localtime, libc::localtime_r);
        }
    }
}

fn random_field(random: &mut Random, least: i32, most: i32) -> i32 {
    match random.below(16) {
        0 => random.bits() as i32,
        1 => random.choose(&[i32::MIN, i32::MAX, i32::MAX - 1, i32::MIN + 1]),
        2..5 => random.below(20_000) as i32 - 10_000,
        _ => least + random.below((most - least) as u64 + 1) as i32,
    }
}

fn random_fields(random: &mut Random) -> Tm {
    Tm {
        tm_sec: random_field(random, 0, 60),
        tm_min: random_field(random, 0, 59),
        tm_hour: random_field(random, 0, 23),
        tm_mday: random_field(random, 1, 31),
        tm_mon: random_field(random, 0, 11),
        tm_year: random_field(random, -2000, 10_000),
        tm_wday: random.bits() as i32,
        tm_yday: random.bits() as i32,
        tm_isdst: random.choose(&[0, 0, -1, 1, 5]),
        tm_gmtoff: 0,
    }
}

fn check_mktime(fields: Tm) {
    let (mut ours, mut theirs) = (fields, to_host(&fields));
    errno::set(0);
    // SAFETY: both get fields to read and write; errno is the thread's own.
    let (our_time, their_time, their_errno) = unsafe {
        *libc::__errno_location() = 0;
        (time::mktime(&mut ours), libc::mktime(&mut theirs), *libc::__errno_location())
    };
    // The host also leaves EOVERFLOW behind when only one of its trials failed, and -1 may be a time.
    let their_errno = if ours == fields { their_errno } else { 0 };
    assert_eq!((our_time, errno::get()), (their_time, their_errno), "{fields:?}: ours left, host right");
    assert_eq!(ours, from_host(&theirs), "{fields:?} at {our_time}: ours left, host right");
}

#[test]
fn fields_of_any_value_make_the_times_of_the_host() {
    let _guard = lock();
    let mut random = Random::new();
    for (minutes, name) in ZONES {
        set_zone(*minutes, name);
        for _ in 0..cases(12_000) {
            check_mktime(random_fields(&mut random));
        }
    }
}

const CONVERSIONS: &str = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYz%";

fn check_format(format: &CStr, tm: &Tm, size: usize) {
    let (mut ours, mut theirs) = ([0x55 as c_char; 600], [0x55 as c_char; 600]);
    let host = to_host(tm);
    // SAFETY: both buffers have at least that size.
    let lengths = unsafe {
        (
            time::strftime(ours.as_mut_ptr(), size, format.as_ptr(), tm),
            libc::strftime(theirs.as_mut_ptr(), size, format.as_ptr(), &host),
        )
    };
    let text = |buffer: &[c_char], length: usize| {
        buffer[..length].iter().map(|c| char::from(*c as u8)).collect::<String>()
    };
    assert_eq!(
        (lengths.0, text(&ours, lengths.0)),
        (lengths.1, text(&theirs, lengths.1)),
        "{format:?} of {tm:?}: ours left, host right"
    );
    if lengths.0 > 0 {
        assert_eq!(ours[lengths.0], 0);
    }
}

fn formats() -> Vec<CString> {
    let plain = CONVERSIONS.chars().map(|letter| format!("%{letter}"));
    let e = "cCxXyY".chars().map(|letter| format!("%E{letter}"));
    let o = "deHImMSuUVwWy".chars().map(|letter| format!("%O{letter}"));
    plain.chain(e).chain(o).map(|format| CString::new(format).unwrap()).collect()
}

#[test]
fn dates_print_as_on_the_host() {
    let _guard = lock();
    let mut random = Random::new();
    let formats = formats();
    let all = CString::new(formats.iter().map(|f| format!("{} ", f.to_str().unwrap())).collect::<String>())
        .unwrap();
    let check_time = |time: i64, random: &mut Random| {
        // SAFETY: a time; the result is copied before the next call.
        let Some(tm) = (unsafe { time::localtime(&time).as_ref() }) else { return };
        // glibc adds 1900 in an int, and shows a negative year where that overflows.
        if tm.tm_year > i32::MAX - 1901 {
            return;
        }
        for format in &formats {
            check_format(format, tm, 600);
        }
        check_format(&all, tm, random.below(600) as usize);
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
        for _ in 0..cases(1_000) {
            let time = random_time(&mut random);
            check_time(time, &mut random);
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
    for _ in 0..cases(100_000) {
        let (a, b) = (random.integer() as i64, (random.integer() as i64).wrapping_neg());
        for (later, earlier) in [(a, b), (b, a), (a, a), (i64::MAX, b), (a, i64::MIN)] {
            // SAFETY: any two times may be passed.
            assert_eq!(time::difftime(later, earlier), unsafe { libc::difftime(later, earlier) });
        }
    }
}
