//! Calls of time.h, compared with those of the host in zones of a fixed distance from UTC, and in zones with daylight saving time.

#![allow(dead_code, reason = "each of the files that include this one uses a part of it")]

use crate::random::Random;
use libc_shim::{errno, time};
use std::ffi::{CStr, CString, c_char};
use std::sync::LazyLock;
use time::Tm;

unsafe extern "C" {
    fn tzset();
}

/// Minutes east of UTC, and what TZ says for it (where west is positive).
pub const ZONES: &[(i32, &CStr)] = &[
    (0, c"UTC0"),
    (330, c"XXX-5:30"),
    (-210, c"XXX3:30"),
    (840, c"XXX-14"),
    (-720, c"XXX12"),
    (1, c"XXX-0:01"),
];

/// Sets the zone of both libraries; no other thread may use times meanwhile.
pub fn set_zone(minutes: i32, name: &CStr) {
    time::set_time_zone(minutes);
    set_host_zone(name);
}

/// Sets the zone of both libraries by a TZ string.
pub fn set_rule(text: &str) {
    assert!(time::set_time_zone_rule(text.as_bytes()), "{text}");
    set_host_zone(&CString::new(text).expect("no NUL"));
}

fn set_host_zone(name: &CStr) {
    // SAFETY: as the caller sees to, nothing else reads the environment or the zone.
    unsafe {
        libc::setenv(c"TZ".as_ptr(), name.as_ptr(), 1);
        tzset();
    }
}

/// A call of mktime in UTC lets the host's next one start from no offset, as ours does.
fn forget_the_last_offset() {
    let name = CString::new(host_zone()).expect("no NUL");
    set_host_zone(c"UTC0");
    // SAFETY: fields to read and write.
    unsafe { libc::mktime(&mut to_host(&Tm { tm_year: 100, tm_mday: 1, ..Tm::default() })) };
    set_host_zone(&name);
}

/// Zones as they are, from all over the world.
pub const RULES: &[&str] = &[
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "GMT0BST,M3.5.0/1,M10.5.0",
    "IST-1GMT0,M10.5.0,M3.5.0/1",
    "EST5EDT,M3.2.0,M11.1.0",
    "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
    "AEST-10AEDT,M10.1.0,M4.1.0/3",
    "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "IST-2IDT,M3.4.4/26,M10.5.0",
    "EET-2EEST,M3.4.4/50,M10.4.4/50",
    "<+0330>-3:30",
    "NST3:30NDT,M3.2.0,M11.1.0",
    "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
    "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
    "XXX3EDT4,0/0,J365/23",
    "AAA-3BBB,J60/-25:10:05,300/100",
];

fn random_name(random: &mut Random) -> String {
    let quoted = random.once_in(3);
    let letters: &[u8] = if quoted { b"AZaz09+-" } else { b"ABZabz" };
    let name: String = (0..3 + random.below(5))
        .map(|_| char::from(letters[random.below(letters.len() as u64) as usize]))
        .collect();
    if quoted { format!("<{name}>") } else { name }
}

fn random_clock(random: &mut Random, hours: u64) -> String {
    let sign = random.choose(&["", "", "-", "+"]);
    let mut clock = format!("{sign}{}", random.below(hours + 1));
    for _ in 0..random.below(4).saturating_sub(1) {
        clock += &format!(":{:02}", random.below(60));
    }
    clock
}

fn random_change(random: &mut Random) -> String {
    let day = match random.below(4) {
        0 => format!("J{}", 1 + random.below(365)),
        1 => random.below(366).to_string(),
        _ => format!("M{}.{}.{}", 1 + random.below(12), 1 + random.below(5), random.below(7)),
    };
    match random.below(3) {
        0 => format!(",{day}"),
        1 => format!(",{day}/{}", random_clock(random, 6).trim_start_matches('+')),
        _ => format!(",{day}/{}", random_clock(random, 167).trim_start_matches('+')),
    }
}

/// A TZ string, of a zone that there is or could be.
pub fn random_rule(random: &mut Random) -> String {
    if random.once_in(2) {
        return random.choose(RULES).to_string();
    }
    let mut text = random_name(random) + &random_clock(random, 24);
    if !random.once_in(5) {
        text += &random_name(random);
        if random.once_in(3) {
            text += &random_clock(random, 24);
        }
        text = text + &random_change(random) + &random_change(random);
    }
    text
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
        tm_zone: 0,
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
pub const FIRST: i64 = -67_768_040_609_740_800;
pub const LAST: i64 = 67_768_036_191_676_799;

fn random_time(random: &mut Random) -> i64 {
    match random.below(8) {
        0 => random.bits() as i64,
        1 => FIRST + random.below(200_000) as i64 - 100_000,
        2 => LAST + random.below(200_000) as i64 - 100_000,
        3 => random.integer() as i64 >> 8,
        // Within 10,000 years, and within 80.
        4 => (random.bits() as i64) % 315_000_000_000,
        5 => random.below(4_000_000_000) as i64 - 1_000_000_000,
        // Around the first day of a century: one of the four in a cycle of the calendar.
        6 => {
            let cycle = 146_097 * (random.below(40) as i64 - 20);
            let century = random.choose(&[0, 36_525, 73_049, 109_573]);
            946_684_800 + (cycle + century) * 86_400 + random.below(12 * 86_400) as i64 - 6 * 86_400
        }
        // Around New Year.
        _ => {
            let year = (random.below(4000) as i64 - 2000) * 31_556_952;
            year + random.below(20 * 86_400) as i64 - 10 * 86_400
        }
    }
}

/// Where rules of daylight saving time can be compared: the host takes those of 1970 for all years before, and its numbers overflow in
/// the distant future. What lies near the start is compared with what lies years before it, when a clock is looked for.
const COMPARABLE: std::ops::Range<i64> = 0..150_000_000_000_000;
const WELL_AFTER_1970: i64 = 300_000_000;

fn has_rules() -> bool {
    host_zone().contains(',')
}

/// What TZ says.
fn host_zone() -> String {
    std::env::var("TZ").unwrap_or_default()
}

/// What `%Z` shows.
fn name_of(tm: &Tm) -> String {
    let mut buffer = [0_u8; SIZE];
    // SAFETY: a buffer of that size.
    let len = unsafe { time::strftime(buffer.as_mut_ptr().cast(), SIZE, c"%Z".as_ptr(), tm) };
    String::from_utf8_lossy(&buffer[..len]).into_owned()
}

pub type BreakDown = unsafe extern "C" fn(*const i64) -> *mut Tm;
pub type HostBreakDown = unsafe extern "C" fn(*const i64, *mut libc::tm) -> *mut libc::tm;

/// Breaks a time down with one function of both libraries.
pub fn check_break_down(time: i64, ours: BreakDown, host: HostBreakDown) {
    errno::set(0);
    // SAFETY: a time, and on the host a place for the result.
    let (ours, theirs, name) = unsafe {
        let mut theirs = std::mem::zeroed();
        let ours = ours(&time).as_ref().copied();
        let theirs = host(&time, &mut theirs).as_ref();
        let name = theirs.map(|tm| CStr::from_ptr(tm.tm_zone).to_string_lossy().into_owned());
        (ours, theirs.map(from_host), name)
    };
    let plain = ours.map(|tm| Tm { tm_zone: 0, ..tm });
    assert_eq!(plain, theirs, "{time} in {}: ours left, host right", host_zone());
    if let Some(tm) = ours.filter(|tm| tm.tm_zone != 0)
        && !name_of(&tm).starts_with(['+', '-'])
        && name_of(&tm) != "UTC"
    {
        assert_eq!(Some(name_of(&tm)), name, "{time} in {}", host_zone());
    }
    assert_eq!(errno::get(), if ours.is_none() { libc::EOVERFLOW } else { 0 });
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
        tm_zone: 0,
    }
}

/// Calls mktime of both libraries: time, normalized fields and errno. Answers how many calls it compared.
pub fn check_mktime(fields: Tm) -> u64 {
    let (mut ours, mut theirs) = (fields, to_host(&fields));
    if has_rules() {
        forget_the_last_offset();
    }
    errno::set(0);
    // SAFETY: both get fields to read and write; errno is the thread's own.
    let (our_time, their_time, their_errno) = unsafe {
        *libc::__errno_location() = 0;
        (time::mktime(&mut ours), libc::mktime(&mut theirs), *libc::__errno_location())
    };
    // The clock is looked for without the seconds.
    let looked_for = our_time.saturating_sub(i64::from(fields.tm_sec));
    if has_rules()
        && ![our_time, looked_for].iter().all(|time| (WELL_AFTER_1970..COMPARABLE.end).contains(time))
    {
        return 0;
    }
    ours.tm_zone = 0;
    // The host also leaves EOVERFLOW behind when only one of its trials failed, and -1 may be a time.
    let their_errno = if ours == fields { their_errno } else { 0 };
    assert_eq!(
        (our_time, errno::get()),
        (their_time, their_errno),
        "{fields:?} in {}: ours left, host right",
        host_zone()
    );
    assert_eq!(
        ours,
        from_host(&theirs),
        "{fields:?} at {our_time} in {}: ours left, host right",
        host_zone()
    );
    1
}

/// glibc adds 1900 in an int, and shows a negative year where that overflows.
pub const LAST_YEAR: i32 = i32::MAX - 1901;

/// Room for any format of these tests.
pub const SIZE: usize = 600;

const CONVERSIONS: &str = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYz%";

/// Calls strftime of both libraries, into `size` bytes.
pub fn check_strftime(format: &CStr, tm: &Tm, size: usize) {
    let (mut ours, mut theirs) = ([0x55 as c_char; SIZE], [0x55 as c_char; SIZE]);
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

/// Every conversion by itself.
pub static FORMATS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let plain = CONVERSIONS.chars().map(|letter| format!("%{letter}"));
    let e = "cCxXyY".chars().map(|letter| format!("%E{letter}"));
    let o = "deHImMSuUVwWy".chars().map(|letter| format!("%O{letter}"));
    plain.chain(e).chain(o).collect()
});

/// One call of gmtime or localtime.
pub fn random_break_down(random: &mut Random) -> u64 {
    let time = random_time(random);
    if has_rules() && !COMPARABLE.contains(&time) {
        return 0;
    }
    if random.once_in(3) {
        check_break_down(time, time::gmtime, libc::gmtime_r);
    } else {
        check_break_down(time, time::localtime, libc::localtime_r);
    }
    1
}

/// One call of mktime.
pub fn random_mktime(random: &mut Random) -> u64 {
    check_mktime(random_fields(random))
}

/// One call of strftime with up to four conversions.
pub fn random_strftime(random: &mut Random) -> u64 {
    let time = random_time(random);
    // SAFETY: a time; the result is copied before the next call.
    let Some(tm) = (unsafe { time::localtime(&time).as_ref().copied() }) else { return 0 };
    if tm.tm_year > LAST_YEAR {
        return 0;
    }
    let mut format = String::new();
    for _ in 0..=random.below(4) {
        format.push_str(random.choose(&["", "", " ", "-", "text "]));
        format.push_str(&FORMATS[random.below(FORMATS.len() as u64) as usize]);
    }
    let size = if random.once_in(4) { random.below(60) as usize } else { SIZE };
    check_strftime(&CString::new(format).expect("no NUL"), &tm, size);
    1
}
