//! Random calls of the shim give what the host's glibc gives: printf, strtod, strftime, mktime, gmtime and localtime, and the
//! functions of string.h.
//!
//! `make glibc CASES=n SEED=s` runs any number of them, `make test` 1,000,000.

#[path = "cases/dates.rs"]
mod dates;
#[path = "cases/guarded.rs"]
mod guarded;
#[path = "cases/printf.rs"]
mod printf;
#[path = "cases/random.rs"]
mod random;
#[path = "cases/strings.rs"]
mod strings;
#[path = "cases/strtod.rs"]
mod strtod;

use random::{Random, setting};
use strings::Strings;

const CASES: u64 = 1_000_000;

/// After so many cases of an area comes the next one, with another zone for the times.
const ROUND: u64 = 1000;

/// Makes one random call in both libraries, panics where they differ, and answers how many it compared: 1, or 0 where the
/// call has no answer to compare.
type Area<'a> = (&'static str, &'a dyn Fn(&mut Random) -> u64);

/// The number with commas.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

#[test]
fn random_calls_give_what_the_host_gives() {
    let (cases, seed) = (setting("CASES", CASES), setting("SEED", 1));
    let strings = Strings::new();
    let areas: [Area; 6] = [
        ("printf", &printf::random_printf),
        ("strtod", &strtod::random_strtod),
        ("strftime", &dates::random_strftime),
        ("mktime", &dates::random_mktime),
        ("gmtime and localtime", &dates::random_break_down),
        ("string.h", &|random| strings.random_call(random)),
    ];
    let mut random = Random::new();
    let mut counts = [0; 6];
    let mut total = 0;
    let mut shown = 0;
    while total < cases {
        let (minutes, name) = random.choose(dates::ZONES);
        if random.once_in(2) {
            dates::set_zone(minutes, name);
        } else {
            dates::set_rule(&dates::random_rule(&mut random));
        }
        for ((_, call), count) in areas.iter().zip(&mut counts) {
            let before = *count;
            while *count < before + ROUND && total + *count - before < cases {
                *count += call(&mut random);
            }
            total += *count - before;
        }
        if total * 10 / cases > shown {
            shown = total * 10 / cases;
            eprintln!("{} of {} cases", grouped(total), grouped(cases));
        }
    }
    assert_eq!(total, counts.iter().sum());
    let by_area: Vec<String> =
        areas.iter().zip(counts).map(|((name, _), count)| format!("{name} {}", grouped(count))).collect();
    println!("{} cases as in glibc, SEED={seed}: {}", grouped(total), by_area.join(", "));
    assert!(cases < 6 * ROUND || counts.iter().all(|count| *count >= cases / 12), "the areas are one-sided");
}
