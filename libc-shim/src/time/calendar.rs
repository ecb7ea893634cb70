//! Dates of the Gregorian calendar, extended in both directions, as numbers of days.

use super::Tm;
use super::zone::Zone;

pub const SECONDS_PER_DAY: i64 = 86_400;

/// The calendar repeats after 400 years.
const DAYS_PER_ERA: i64 = 146_097;
/// From 1 March of the year 0 to 1 January 1970.
const DAYS_TO_1970: i64 = 719_468;

/// The days from 1 January 1970 to the first of a month (0 to 11) of a year.
///
/// Counting years from March puts the leap day at their end, where it needs no special case.
pub fn days_to_month(year: i64, month: i64) -> i64 {
    let year = if month < 2 { year - 1 } else { year };
    let months_since_march = (month + 10) % 12;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    // The months from March on have 31 30 31 30 31, again, and again: 153 days for five.
    let day_of_year = (153 * months_since_march + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970
}

pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The year of a time in UTC; `None` where it does not fit.
pub fn year_of(time: i64) -> Option<i64> {
    let (year, ..) = date(time.div_euclid(SECONDS_PER_DAY));
    i32::try_from(year - 1900).ok().map(|_| year)
}

/// Year, month (0 to 11) and day of the month (1 to 31) of a day counted from 1 January 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let since_march = days + DAYS_TO_1970;
    let era = since_march.div_euclid(DAYS_PER_ERA);
    let day_of_era = since_march.rem_euclid(DAYS_PER_ERA);
    // Takes out the leap days before dividing: one each 4 years, but not each 100, but at the end of 400.
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_since_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_since_march + 2) / 5 + 1;
    let month = (months_since_march + 2) % 12;
    let year = era * 400 + year_of_era + i64::from(month < 2);
    (year, month, day)
}

/// The fields of a time `offset` seconds east of UTC. As in glibc, both the year there and the year in UTC have to fit.
pub fn break_down(time: i64, offset: i64) -> Option<Tm> {
    fields(time, 0)?;
    fields(time, offset)
}

fn fields(time: i64, offset: i64) -> Option<Tm> {
    // Split first: adding the offset to the time could overflow.
    let seconds = time.rem_euclid(SECONDS_PER_DAY) + offset;
    let days = time.div_euclid(SECONDS_PER_DAY) + seconds.div_euclid(SECONDS_PER_DAY);
    let seconds = seconds.rem_euclid(SECONDS_PER_DAY) as i32;
    let (year, month, day) = date(days);
    Some(Tm {
        tm_sec: seconds % 60,
        tm_min: seconds / 60 % 60,
        tm_hour: seconds / 3600,
        tm_mday: day as i32,
        tm_mon: month as i32,
        tm_year: i32::try_from(year - 1900).ok()?,
        // 1 January 1970 was a Thursday.
        tm_wday: (days + 4).rem_euclid(7) as i32,
        tm_yday: (days - days_to_month(year, 0)) as i32,
        tm_isdst: 0,
        tm_gmtoff: offset as _,
        tm_zone: 0,
    })
}

/// The time that fields of any value stand for, and the same fields in their ranges.
pub fn make_time(tm: &Tm, zone: &Zone) -> Option<(i64, Tm)> {
    let month = i64::from(tm.tm_mon);
    let year = i64::from(tm.tm_year) + 1900 + month.div_euclid(12);
    let days = days_to_month(year, month.rem_euclid(12)) + i64::from(tm.tm_mday) - 1;
    // Each term is far below 2^62, as the fields have 32 bits.
    let minutes = (days * 24 + i64::from(tm.tm_hour)) * 60 + i64::from(tm.tm_min);
    // glibc looks up the time with the seconds brought into a minute first, and fails if that is out of range.
    let seconds = i64::from(tm.tm_sec);
    let start = zone.find(minutes * 60 + seconds.clamp(0, 59), tm.tm_isdst)?;
    zone.break_down(start)?;
    let time = start + seconds - seconds.clamp(0, 59);
    Some((time, zone.break_down(time)?))
}
