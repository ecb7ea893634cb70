//! Time zones with daylight saving time, by TZ strings.

use moonlet_tests::{Lua, Version, option, status};

/// 2026-07-01 and 2026-01-01, 12:00 in UTC.
const SUMMER: i64 = 1_782_907_200;
const WINTER: i64 = 1_767_268_800;

fn date(lua: &mut Lua, format: &str, time: i64) -> String {
    lua.eval(format!("return os.date('{format}', {time})"))
}

for_each_version! {
    fn dates_follow_daylight_saving_time(version: Version) {
        let mut lua = Lua::new(version);
        for (zone, summer, winter) in [
            ("CET-1CEST,M3.5.0,M10.5.0/3", "14:00 CEST +0200", "13:00 CET +0100"),
            ("EST5EDT", "08:00 EDT -0400", "07:00 EST -0500"),
            ("NZST-12NZDT,M9.5.0,M4.1.0/3", "00:00 NZST +1200", "01:00 NZDT +1300"),
            ("<+0330>-3:30", "15:30 +0330 +0330", "15:30 +0330 +0330"),
            ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "10:00 -02 -0200", "09:00 -03 -0300"),
            ("GMT0BST,M3.5.0/1,M10.5.0", "13:00 BST +0100", "12:00 GMT +0000"),
            ("XST-1XDT,J60,J300/26", "14:00 XDT +0200", "13:00 XST +0100"),
            ("XST-1XDT,59,299", "14:00 XDT +0200", "13:00 XST +0100"),
        ] {
            assert_eq!(lua.time_zone(zone), status::OK, "{zone}");
            assert_eq!(date(&mut lua, "%H:%M %Z %z", SUMMER), summer, "{zone}");
            assert_eq!(date(&mut lua, "%H:%M %Z %z", WINTER), winter, "{zone}");
            assert_eq!(date(&mut lua, "!%H:%M %Z %z", WINTER), "12:00 UTC +0000", "{zone}");
            for time in [SUMMER, WINTER] {
                assert_eq!(lua.eval(format!("return os.time(os.date('*t', {time}))")), time.to_string(), "{zone}");
            }
        }
    }

    fn the_clock_changes_on_the_second(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.time_zone("CET-1CEST,M3.5.0,M10.5.0/3"), status::OK);
        // 29 March 2026 01:00 UTC, and 25 October 2026 01:00 UTC.
        let (spring, autumn) = (1_774_746_000, 1_792_890_000);
        assert_eq!(date(&mut lua, "%X %Z", spring - 1), "01:59:59 CET");
        assert_eq!(date(&mut lua, "%X %Z", spring), "03:00:00 CEST");
        assert_eq!(date(&mut lua, "%X %Z", autumn - 1), "02:59:59 CEST");
        assert_eq!(date(&mut lua, "%X %Z", autumn), "02:00:00 CET");
        assert_eq!(lua.eval(format!("local t = os.date('*t', {spring}) return t.isdst, os.date('*t', {autumn}).isdst")), "true\tfalse");
        let time = |lua: &mut Lua, fields: &str| lua.eval(format!("local t = {{year=2026, {fields}}} local s = os.time(t) return s, t.hour, t.isdst"));
        // What the clock shows twice, and never.
        assert_eq!(time(&mut lua, "month=10, day=25, hour=2, min=30, isdst=true"), format!("{}\t2\ttrue", autumn - 1800));
        assert_eq!(time(&mut lua, "month=10, day=25, hour=2, min=30, isdst=false"), format!("{}\t2\tfalse", autumn + 1800));
        assert_eq!(time(&mut lua, "month=10, day=25, hour=2, min=30"), format!("{}\t2\tfalse", autumn + 1800));
        assert_eq!(time(&mut lua, "month=3, day=29, hour=2, min=30, isdst=true"), format!("{}\t1\tfalse", spring - 1800));
        assert_eq!(time(&mut lua, "month=3, day=29, hour=2, min=30, isdst=false"), format!("{}\t3\ttrue", spring + 1800));
        // Fields by the clock that is not in force.
        assert_eq!(time(&mut lua, "month=7, day=1, hour=14, isdst=false"), format!("{}\t15\ttrue", SUMMER + 3600));
        assert_eq!(time(&mut lua, "month=1, day=1, hour=13, isdst=true"), format!("{}\t12\tfalse", WINTER - 3600));
    }

    fn a_string_that_is_no_zone_changes_nothing(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.time_zone("CET-1CEST,M3.5.0,M10.5.0/3"), status::OK);
        for zone in [&b""[..], b"Europe/Berlin", b"CET", b"CET-1CEST,M3.5.0", b"CET-25", b"UTC0\0", b"\xff\xff\xff0", b"CE0", b"CET-1CEST,M3.5.0/168,M10.5.0"] {
            assert_eq!(lua.time_zone(zone), status::BAD_DATA, "{}", String::from_utf8_lossy(zone));
        }
        assert_eq!(lua.call::<_, i32>("time_zone", (0x7fff_ffff, 9)), status::BAD_ARGUMENT);
        assert_eq!(date(&mut lua, "%H:%M %Z", SUMMER), "14:00 CEST");
        assert_eq!(lua.get(option::TIME_ZONE), 60.0, "standard time");
    }

    fn the_last_of_zone_and_option_counts(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::TIME_ZONE, 330.0);
        assert_eq!(date(&mut lua, "%H:%M %Z", SUMMER), "17:30 +0530");
        for (zone, minutes) in [("NST3:30NDT", -210.0), ("UTC0", 0.0), ("ABC-24:59:59", 1499.0), ("ABC0:00:59", 0.0)] {
            assert_eq!(lua.time_zone(zone), status::OK);
            assert_eq!(lua.get(option::TIME_ZONE), minutes, "{zone}");
        }
        lua.time_zone("CET-1CEST,M3.5.0,M10.5.0/3");
        lua.set(option::TIME_ZONE, 60.0);
        assert_eq!(date(&mut lua, "%H:%M %Z", SUMMER), "13:00 +0100", "no daylight saving time");
        lua.time_zone("EST5EDT");
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!(date(&mut lua, "%H:%M %Z", SUMMER), "08:00 EDT", "options outlive a reset");
        let mut other = Lua::new(version);
        other.restore(&lua.snapshot());
        assert_eq!(date(&mut other, "%H:%M %Z", SUMMER), "08:00 EDT", "and snapshots carry them");
    }
}
