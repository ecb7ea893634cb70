//! Random sequences of calls of all exports: every answer is the one that the model of ABI.md gives, no call traps, and after
//! each sequence `return 2+2` is 4.
//!
//! `make sequences COUNT=n SEED=s` makes any number of them, half for each version; `make test` 5,000.

use std::sync::atomic::{AtomicU64, Ordering};

use moonlet_tests::sequences::{self, Counts};
use moonlet_tests::{Version, is_mini, status};

const COUNT: u64 = 5_000;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// The sequences of one version; `done` counts those of both.
fn run(version: Version, count: u64, first: u64, total: u64, done: &AtomicU64) -> Counts {
    let mut counts = Counts::default();
    for seed in (first..).take(count as usize) {
        let bytes = sequences::bytes(seed);
        match sequences::check(version, &bytes) {
            Ok(one) => counts.add(&one),
            Err(_) => panic!("SEED={seed} COUNT=2: {}", sequences::shrink(version, bytes)),
        }
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done * 10 / total > (done - 1) * 10 / total {
            eprintln!("{done} of {total} sequences");
        }
    }
    counts
}

#[test]
fn sequences_answer_as_the_model_says() {
    let (count, seed) = (setting("COUNT", COUNT), setting("SEED", 1));
    let done = &AtomicU64::new(0);
    let mut counts = Counts::default();
    std::thread::scope(|scope| {
        let halves = [count - count / 2, count / 2];
        let threads = Version::ALL.into_iter().zip(halves);
        let threads: Vec<_> = threads
            .map(|(version, half)| scope.spawn(move || run(version, half, seed, count, done)))
            .collect();
        for thread in threads {
            counts.add(&thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    });
    let list = |counts: Vec<String>| counts.join(", ");
    println!(
        "{} sequences as the model says, SEED={seed}: {} calls ({}), {} refused; runs by status: {}",
        counts.sequences,
        counts.total(),
        list(counts.calls.iter().map(|(name, count)| format!("{name} {count}")).collect()),
        counts.refused,
        list(counts.runs.iter().map(|(status, count)| format!("{status}: {count}")).collect()),
    );
    assert_eq!(counts.sequences, count);
    if count >= 1000 {
        let exports = include_str!("golden/exports.txt").lines();
        let exports = exports.filter_map(|line| line.split_whitespace().next());
        for export in exports.filter(|name| *name != "memory") {
            let often = counts.calls.get(export).is_some_and(|calls| calls * 10 > count);
            assert!(often, "{export} is hardly called");
        }
        for status in [
            status::OK,
            status::ERRRUN,
            status::ERRSYNTAX,
            status::ERRMEM,
            status::YIELD,
            status::PAUSED,
            status::OUTPUT,
            status::BUDGET,
            status::CANCELLED,
            status::EXIT,
            status::INPUT,
            status::RESULT,
            status::BAD_ARGUMENT,
            status::BAD_STATE,
            status::BAD_DATA,
        ] {
            if is_mini() && [status::OUTPUT, status::EXIT, status::INPUT].contains(&status) {
                continue; // what brings them about is left out, or mostly io.write
            }
            let often = counts.runs.get(&status).is_some_and(|runs| runs * 200 > count);
            assert!(often, "few runs end in {status}");
        }
    }
}
