//! The time zone: a fixed distance from UTC, or what a TZ string of POSIX says, with daylight saving time by rules.

use super::Tm;
use super::calendar::{SECONDS_PER_DAY, break_down, days_to_month, is_leap, year_of};

const HOUR: i32 = 3600;

/// Bytes that a name may have.
const NAME: usize = 31;

/// A name of the zone, as `%Z` shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name {
    bytes: [u8; NAME],
    len: u8,
}

impl Name {
    const NONE: Self = Self { bytes: [0; NAME], len: 0 };

    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&[])
    }
}

/// A day of each year.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Day {
    /// `Jn`: 1 to 365; 29 February is never counted.
    Julian(i64),
    /// `n`: 0 to 365.
    OfYear(i64),
    /// `Mm.n.d`: the n-th (5 is the last) weekday d of a month from 0.
    OfMonth { month: i64, week: i64, weekday: i64 },
}

/// When a clock changes: a day, and seconds from its start by the clock before.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Change {
    day: Day,
    seconds: i32,
}

/// What `EST5EDT` means without rules: those of the United States.
const DEFAULT: [Change; 2] = [
    Change { day: Day::OfMonth { month: 2, week: 2, weekday: 0 }, seconds: 2 * HOUR },
    Change { day: Day::OfMonth { month: 10, week: 1, weekday: 0 }, seconds: 2 * HOUR },
];

/// Seconds east of UTC, and the names, of standard time and of daylight saving time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    offsets: [i32; 2],
    names: [Name; 2],
    /// To daylight saving time and back, where there is any.
    changes: Option<[Change; 2]>,
}

impl Change {
    /// The time of the change in a year, where the clock before it is `offset` seconds east of UTC.
    fn time(&self, year: i64, offset: i32) -> i64 {
        let first = days_to_month(year, 0);
        let days = match self.day {
            Day::Julian(day) => first + day - 1 + i64::from(day >= 60 && is_leap(year)),
            Day::OfYear(day) => first + day,
            Day::OfMonth { month, week, weekday } => {
                let start = days_to_month(year, month);
                let end =
                    if month == 11 { days_to_month(year + 1, 0) } else { days_to_month(year, month + 1) };
                // 1 January 1970 was a Thursday.
                let day = start + (weekday - start - 4).rem_euclid(7) + 7 * (week - 1);
                if day < end { day } else { day - 7 }
            }
        };
        days * SECONDS_PER_DAY + i64::from(self.seconds) - i64::from(offset)
    }
}

impl Zone {
    /// The zone so many seconds east of UTC, without a name.
    pub const fn fixed(seconds: i32) -> Self {
        Self { offsets: [seconds; 2], names: [Name::NONE; 2], changes: None }
    }

    /// What a TZ string says; `None` when it is none.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut rest = Rest(text);
        let standard = rest.name()?;
        let west = rest.offset()?;
        let mut zone = Self { offsets: [-west; 2], names: [standard; 2], changes: None };
        if !rest.0.is_empty() {
            zone.names[1] = rest.name()?;
            zone.offsets[1] =
                if matches!(rest.0.first(), None | Some(b',')) { HOUR - west } else { -rest.offset()? };
            zone.changes = Some(if rest.0.is_empty() { DEFAULT } else { [rest.change()?, rest.change()?] });
        }
        rest.0.is_empty().then_some(zone)
    }

    /// Seconds east of UTC in standard time.
    pub fn standard_offset(&self) -> i32 {
        self.offsets[0]
    }

    /// The name that a broken-down time shows, if it has one.
    pub fn name(&self, tm: &Tm) -> Option<&[u8]> {
        let name = match tm.tm_zone {
            1 => &self.names[0],
            2 => &self.names[1],
            _ => return None,
        };
        Some(name.as_slice()).filter(|name| !name.is_empty())
    }

    /// Whether daylight saving time is in force; `None` where the year does not fit. As in glibc, the changes that count are
    /// those of the year in UTC.
    fn is_summer(&self, time: i64) -> Option<bool> {
        let year = year_of(time)?;
        let Some([to, back]) = self.changes else { return Some(false) };
        let (to, back) = (to.time(year, self.offsets[0]), back.time(year, self.offsets[1]));
        Some(if to > back { time < back || time >= to } else { time >= to && time < back })
    }

    fn offset(&self, summer: bool) -> i64 {
        i64::from(self.offsets[usize::from(summer)])
    }

    /// The local fields of a time; `None` where the year does not fit.
    pub fn break_down(&self, time: i64) -> Option<Tm> {
        let summer = self.is_summer(time)?;
        let tm = break_down(time, self.offset(summer))?;
        Some(Tm { tm_isdst: summer.into(), tm_zone: 1 + i32::from(summer), ..tm })
    }

    /// The time whose local fields, taken as UTC, are `wanted`: as glibc looks for it, from a first guess of UTC on.
    pub fn find(&self, wanted: i64, is_dst: i32) -> Option<i64> {
        let (mut time, mut before, mut last) = (wanted, wanted, wanted);
        let mut last_summer = false;
        for _ in 0..6 {
            let summer = self.is_summer(time)?;
            let off_by = wanted - time - self.offset(summer);
            if off_by == 0 {
                return if is_dst < 0 || summer == (is_dst > 0) {
                    Some(time)
                } else {
                    self.with_clock(wanted, time, is_dst > 0)
                };
            }
            // The clock never shows that time: it goes from one guess to the other and back.
            let settles = if is_dst < 0 { last_summer <= summer } else { summer != (is_dst > 0) };
            if time == before && time != last && settles {
                return Some(time);
            }
            (before, last, time, last_summer) = (last, time, time + off_by, summer);
        }
        None
    }

    /// The time at which the clock that is not in force at `time` would show `wanted`.
    fn with_clock(&self, wanted: i64, time: i64, summer: bool) -> Option<i64> {
        /// glibc's steps, and how far it goes for a time with that clock.
        const STEP: i64 = 601_200;
        const FAR: i64 = 457_243_209 / 2 + STEP;
        let ahead = i64::from(HOUR) * if summer { -1 } else { 1 };
        if self.changes.is_none() {
            return Some(time + ahead);
        }
        let mut distance = STEP;
        while distance < FAR {
            for near in [time - distance, time + distance] {
                if self.is_summer(near)? == summer {
                    return Some(wanted - self.offset(summer));
                }
            }
            distance += STEP;
        }
        Some(time + ahead)
    }
}

/// What is left of a TZ string.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = self.0.get(1..).unwrap_or(&[]);
        }
        found
    }

    /// Three letters or more, or more kinds of bytes in angle brackets.
    fn name(&mut self) -> Option<Name> {
        let quoted = self.take(b'<');
        let belongs = |byte: &u8| {
            byte.is_ascii_alphabetic() || quoted && (byte.is_ascii_digit() || matches!(byte, b'+' | b'-'))
        };
        let len = self.0.iter().take_while(|byte| belongs(byte)).count();
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        if quoted && !self.take(b'>') || !(3..=NAME).contains(&len) {
            return None;
        }
        let mut name = Name { len: len as u8, ..Name::NONE };
        for (to, from) in name.bytes.iter_mut().zip(text) {
            *to = *from;
        }
        Some(name)
    }

    /// A number of up to three digits, no larger than `most`.
    fn number(&mut self, most: i32) -> Option<i32> {
        let len = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(len)?;
        if !(1..=3).contains(&len) {
            return None;
        }
        self.0 = rest;
        let number = digits.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0'));
        (number <= most).then_some(number)
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    fn time(&mut self, hours: i32) -> Option<i32> {
        let negative = !self.take(b'+') && self.take(b'-');
        let mut seconds = self.number(hours)? * HOUR;
        if self.take(b':') {
            seconds += self.number(59)? * 60;
            if self.take(b':') {
                seconds += self.number(59)?;
            }
        }
        Some(if negative { -seconds } else { seconds })
    }

    /// Seconds west of UTC.
    fn offset(&mut self) -> Option<i32> {
        self.time(24)
    }

    /// `,date[/time]`
    fn change(&mut self) -> Option<Change> {
        if !self.take(b',') {
            return None;
        }
        let day = if self.take(b'J') {
            Day::Julian(i64::from(self.number(365).filter(|day| *day > 0)?))
        } else if self.take(b'M') {
            let month = self.number(12).filter(|month| *month > 0)?;
            let week = self.dot().number(5).filter(|week| *week > 0)?;
            let weekday = self.dot().number(6)?;
            Day::OfMonth { month: i64::from(month) - 1, week: week.into(), weekday: weekday.into() }
        } else {
            Day::OfYear(self.number(365)?.into())
        };
        let seconds = if self.take(b'/') { self.time(167)? } else { 2 * HOUR };
        Some(Change { day, seconds })
    }

    /// Passes over a dot; without one there is nothing left that could be a number.
    fn dot(&mut self) -> &mut Self {
        if !self.take(b'.') {
            self.0 = &[];
        }
        self
    }
}
