//! time.h, compared with the host's glibc.

#[path = "cases/dates.rs"]
mod dates;
#[path = "cases/random.rs"]
mod random;

use dates::{
    FIRST, FORMATS, LAST, RULES, SIZE, ZONES, check_break_down, check_mktime, check_strftime, random_rule,
    set_rule, set_zone,
};
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

/// Every change of some years, to the second; and all that a clock shows around it, also what it shows twice or never.
#[test]
fn clocks_change_as_on_the_host() {
    let _guard = lock();
    for rule in RULES {
        set_rule(rule);
        let offset = |time: i64| {
            // SAFETY: a time.
            let tm = unsafe { time::localtime(&time).as_ref() };
            tm.map_or(0, |tm| tm.tm_gmtoff)
        };
        let mut changes = 0;
        for year in [1980, 1981, 1999, 2000, 2024, 2025, 2026, 2099, 2100, 9999] {
            let first = (year - 1970) * 31_556_952;
            for hour in 0..366 * 24 {
                let start = first + hour * 3600;
                check_break_down(start, time::localtime, libc::localtime_r);
                if offset(start) == offset(start + 3600) {
                    continue;
                }
                changes += 1;
                let at = (start..=start + 3600).rev().find(|&time| offset(time) == offset(start)).unwrap();
                for time in at - 3..at + 4 {
                    check_break_down(time, time::localtime, libc::localtime_r);
                }
                for clock in (at - 9000..at + 9000).step_by(601) {
                    for is_dst in [-1, 0, 1] {
                        let seconds = clock + i64::from(offset(start));
                        check_mktime(Tm {
                            tm_year: 70,
                            tm_mday: 1,
                            tm_hour: (seconds / 3600) as i32,
                            tm_sec: (seconds % 3600) as i32,
                            tm_isdst: is_dst,
                            ..Tm::default()
                        });
                    }
                }
            }
        }
        assert!(changes > 15 || !rule.contains(',') || rule.starts_with("XXX"), "{rule}: {changes}");
    }
}

#[test]
fn random_zones_are_those_of_the_host() {
    let _guard = lock();
    let mut random = Random::new();
    for _ in 0..3000 {
        let rule = random_rule(&mut random);
        for _ in 0..20 {
            set_rule(&rule);
            dates::random_break_down(&mut random);
            dates::random_mktime(&mut random);
        }
    }
}

#[test]
fn what_is_no_zone_is_refused() {
    let _guard = lock();
    set_rule("CET-1CEST,M3.5.0,M10.5.0/3");
    let long = format!("{}0", "A".repeat(32));
    for text in [
        "",
        ":",
        "UTC",
        "UT0",
        "<UT>0",
        "<UTC0",
        "UTC0 ",
        " UTC0",
        "UTC25",
        "UTC0:60",
        "UTC0:00:60",
        "UTC--1",
        "UTC+",
        "CET-1CEST,",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,",
        "CET-1CEST,M3.5.0,M10.5.0,",
        "CET-1CEST,M0.5.0,M10.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M3.5,M10.5.0",
        "CET-1CEST,J0,J1",
        "CET-1CEST,J366,J1",
        "CET-1CEST,366,1",
        "CET-1CEST,0/168,1",
        "CET-1CEST,0/,1",
        "CET-1,M3.5.0,M10.5.0",
        "CET-1CEST,M3.5.0/2/3,M10.5.0",
        "UTC0x",
        "1UTC0",
        "Europe/Berlin",
        "U\u{e9}TC0",
        "CET-1CEST-2,M 3.5.0,M10.5.0",
        long.as_str(),
    ] {
        assert!(!time::set_time_zone_rule(text.as_bytes()), "{text}");
    }
    assert!(!time::set_time_zone_rule(b"UTC0\0"));
    assert_eq!(time::time_zone(), 60, "nothing changed");
    check_break_down(1_750_000_000, time::localtime, libc::localtime_r);
    // The rules of the United States, where none are given.
    for time in (0..40_000).map(|step| step * 50_000) {
        let fields = ["EST5EDT", "EST5EDT,M3.2.0,M11.1.0"].map(|rule| {
            assert!(time::set_time_zone_rule(rule.as_bytes()));
            // SAFETY: a time; the result is copied.
            unsafe { *time::localtime(&time) }
        });
        assert_eq!(fields[0], fields[1]);
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
