//! Random calls of every function of every library with values of every type: no script traps an instance that has the
//! options of a fresh one, `return 2+2` is 4 after every batch, and `reset` leaves nothing behind.
//!
//! `make calls COUNT=n SEED=s` makes any number of calls, half for each version; `make test` 100,000.

use std::sync::atomic::{AtomicU64, Ordering};

use moonlet_tests::calls::{self, Called, Counts};
use moonlet_tests::{Version, status};

const COUNT: u64 = 100_000;

/// Functions that cannot fail, or hardly (by a metamethod), whatever they are given.
const NEVER_FAIL: &[&str] = &[
    "coroutine.running",
    "host.budget",
    "debug.gethook",
    "io.tmpfile",
    "os.clock",
    "os.tmpname",
    "table.pack",
    "null metatable.__tostring",
    "made by load",
    "a == b",
];

/// Functions that do not return, or always say that there is nothing like it here.
const NEVER_SUCCEED: &[&str] = &["error", "io.popen", "os.exit"];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Sessions of one version until so many calls are made; `done` counts those of both.
fn run(version: Version, count: u64, first: u64, total: u64, done: &AtomicU64) -> Counts {
    let mut counts = Counts::default();
    for seed in first.. {
        if counts.calls >= count {
            break;
        }
        match calls::check(version, &calls::bytes(seed), false) {
            Ok(one) => {
                counts.add(&one);
                let before = done.fetch_add(one.calls, Ordering::Relaxed);
                if (before + one.calls) * 10 / total > before * 10 / total {
                    eprintln!("{} of {total} calls", before + one.calls);
                }
            }
            Err(problem) => {
                eprintln!("{version:?}, SEED={seed}: {problem}; looking for a part of it that fails");
                panic!("SEED={seed} COUNT=1: {}", calls::shrink(version, calls::bytes(seed)));
            }
        }
    }
    counts
}

/// What the calls lacked to have been a test.
fn one_sided(version: Version, counts: &Counts) -> Vec<String> {
    let mut missing = Vec::new();
    for (name, Called { failed, succeeded, .. }) in &counts.by_function {
        if *failed == 0 && !NEVER_FAIL.contains(&name.as_str()) {
            missing.push(format!("{name} never failed in {succeeded} calls"));
        }
        if *succeeded == 0 && !NEVER_SUCCEED.contains(&name.as_str()) {
            missing.push(format!("{name} never succeeded in {failed} calls"));
        }
    }
    if counts.by_function.len() < 170 {
        missing.push(format!("{} functions only", counts.by_function.len()));
    }
    if counts.lost * 5 > counts.batches {
        missing.push(format!("{} of {} logs were lost", counts.lost, counts.batches));
    }
    for status in [
        status::OK,
        status::YIELD,
        status::ERRRUN,
        status::PAUSED,
        status::OUTPUT,
        status::BUDGET,
        status::CANCELLED,
        status::EXIT,
    ] {
        if !counts.runs.contains_key(&status) {
            missing.push(format!("no run ends in {status}"));
        }
    }
    missing.into_iter().map(|what| format!("{version:?}: {what}")).collect()
}

#[test]
fn no_call_traps() {
    let (count, seed) = (setting("COUNT", COUNT), setting("SEED", 1));
    let done = &AtomicU64::new(0);
    let mut all = Counts::default();
    let mut missing = Vec::new();
    std::thread::scope(|scope| {
        let threads = Version::ALL.map(|version| {
            (version, scope.spawn(move || run(version, count.div_ceil(2), seed, count, done)))
        });
        for (version, thread) in threads {
            let counts = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let functions = counts.by_function.len();
            println!("{version:?}: {} calls of {functions} functions, no trap", counts.calls);
            missing.extend(one_sided(version, &counts));
            all.add(&counts);
        }
    });
    let sum = |part: fn(&Called) -> u64| all.by_function.values().map(part).sum::<u64>();
    let statuses: Vec<String> = all.runs.iter().map(|(status, count)| format!("{status}: {count}")).collect();
    println!(
        "{} calls, SEED={seed}: no trap, and 2+2 is 4 after each of {} batches; {} succeeded, {} failed, {} were made by a library; \
         runs by status: {}",
        all.calls,
        all.batches,
        sum(|called| called.succeeded),
        sum(|called| called.failed),
        sum(|called| called.indirectly),
        statuses.join(", "),
    );
    if count >= COUNT {
        assert!(missing.is_empty(), "{}", missing.join("\n"));
    }
}

/// The same calls find what breaks an instance where there is something: all of `debug`.
#[test]
fn what_breaks_an_instance_is_found() {
    for version in Version::ALL {
        let breaks = |seed: u64| calls::check(version, &calls::bytes(seed), true).is_err();
        assert!((1..2000).any(breaks), "{version:?}: no call traps even with all of debug");
    }
}
