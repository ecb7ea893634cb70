//! Snapshots in good order: moved after every step, to another engine and back, and forked.

use moonlet_tests::{Lua, Random, Version, option, snapshot, status};

use crate::node::Node;
use crate::workload::{Host, Trace, restored};

/// Orders in which `make test` runs the scripts.
const SEEDS: u64 = 2;

/// Checks a workload in each order of the scripts; `check` answers how much of `what` it did.
fn each_seed(version: Version, what: &str, check: impl Fn(&Trace, u64) -> usize) {
    let seeds = crate::amount("SEEDS", SEEDS);
    let (mut steps, mut done) = (0, 0);
    for seed in 1..=seeds {
        let trace = Trace::new(version, seed);
        steps += trace.len();
        done += check(&trace, seed);
        if seed % 5 == 0 {
            println!("{version:?}: {seed} of {seeds} orders of the scripts, {done} {what}");
        }
    }
    println!("{version:?}: {seeds} orders of the scripts, {steps} steps, {done} {what}");
}

fn every_step_in_a_fresh_instance(version: Version) {
    each_seed(version, "moves into a fresh instance; each step as undisturbed", |trace, _| {
        let mut stored = trace.snapshots[0].clone();
        for (number, step) in trace.steps.iter().enumerate() {
            let mut lua = restored(version, &stored);
            let outcome = step.run(&mut lua);
            stored = snapshot::save(&mut lua).expect("not poisoned");
            trace.assert_same(number, &outcome, &stored, "in a fresh instance");
        }
        trace.len()
    });
}

/// One instance, into which the snapshot of each step is brought after other work: less than it, more, or work that the
/// engine tore down.
fn every_step_in_a_used_instance(version: Version) {
    each_seed(version, "moves over a used instance; each step as undisturbed", |trace, seed| {
        let mut random = Random(seed);
        let mut used = Lua::metered(version);
        let mut sizes = std::collections::BTreeSet::new();
        let mut stored = trace.snapshots[0].clone();
        for (number, step) in trace.steps.iter().enumerate() {
            match random.below(5) {
                0 => used = Lua::metered(version),
                1 => {
                    let source = used.put(b"local t = {} while true do t[#t + 1] = {#t} end");
                    used.set(option::SLICE, 0.0);
                    used.store.set_fuel(2_000_000).expect("an engine with fuel");
                    used.try_call::<_, i32>("compute", source).expect_err("fuel ends it");
                    used.store.set_fuel(u64::MAX).expect("an engine with fuel");
                    assert_eq!(used.call::<_, i32>("status", ()), status::POISONED);
                }
                2 => drop(used.try_put(&vec![0xa5; 100_000 << random.below(5)])),
                _ => {}
            }
            sizes.insert(used.memory.size(&used.store));
            snapshot::restore(&mut used, &stored).unwrap_or_else(|error| panic!("{error}"));
            let outcome = step.run(&mut used);
            stored = snapshot::save(&mut used).expect("not poisoned");
            trace.assert_same(number, &outcome, &stored, "over a used instance");
        }
        assert!(sizes.len() > 3, "instances of several sizes: {sizes:?} pages");
        trace.len()
    });
}

fn every_other_step_on_node(version: Version) {
    let node = std::cell::RefCell::new(Node::new(version));
    each_seed(version, "moves between wasmtime and Node; each step as undisturbed", |trace, seed| {
        let mut node = node.borrow_mut();
        let mut stored = trace.snapshots[0].clone();
        for (number, step) in trace.steps.iter().enumerate() {
            let outcome = if number as u64 % 2 == seed % 2 {
                let mut lua = restored(version, &stored);
                let outcome = step.run(&mut lua);
                stored = snapshot::save(&mut lua).expect("not poisoned");
                outcome
            } else {
                node.restore(&stored).unwrap_or_else(|reason| panic!("step {number} on Node: {reason}"));
                let outcome = node.run(step);
                stored = node.save();
                outcome
            };
            trace.assert_same(number, &outcome, &stored, "between wasmtime and Node");
        }
        trace.len()
    });
}

fn every_snapshot_to_the_end(version: Version) {
    each_seed(version, "steps from a snapshot to the end; each as undisturbed", |trace, seed| {
        // From each eighth one on, and with each seed from others.
        let (mut steps, stride) = (0, 8);
        for start in (seed as usize % stride..trace.len()).step_by(stride) {
            let mut lua = restored(version, &trace.snapshots[start]);
            for (number, step) in trace.steps.iter().enumerate().skip(start) {
                assert_eq!(step.run(&mut lua), trace.outcomes[number], "step {number} from {start} on");
                steps += 1;
            }
            let stored = snapshot::save(&mut lua).expect("not poisoned");
            assert!(trace.snapshots.last() == Some(&stored), "other memory at the end from {start} on");
        }
        steps
    });
}

/// A copy whose host answers differently goes its own way; the original and another copy, run in between, do not notice.
fn forks_do_not_disturb_each_other(version: Version) {
    each_seed(version, "forks, each of which went its own way and disturbed no other", |trace, seed| {
        let mut random = Random(seed);
        let mut host = Host::new(seed);
        let mut lua = restored(version, &trace.snapshots[0]);
        let mut forks = 0;
        for number in 0..trace.len() {
            let answers = trace.steps[number..].iter().filter(|step| step.is_answer()).count();
            if number > 2 && answers > 5 && random.below(8) == 0 {
                fork(version, trace, &host, number);
                forks += 1;
            }
            let step = host.next().expect("as many steps as undisturbed");
            let outcome = step.run(&mut lua);
            host.note(&outcome);
            let stored = snapshot::save(&mut lua).expect("not poisoned");
            trace.assert_same(number, &outcome, &stored, "beside its forks");
        }
        assert!(forks > 0, "no fork in {} steps", trace.len());
        forks
    });
}

fn fork(version: Version, trace: &Trace, host: &Host, start: usize) {
    let (mut other_host, mut same_host) = (host.fork(2), host.fork(1));
    let mut other = restored(version, &trace.snapshots[start]);
    let mut same = restored(version, &trace.snapshots[start]);
    let mut differences = 0;
    for number in start..trace.len() {
        if let Some(step) = other_host.next() {
            let outcome = step.run(&mut other);
            other_host.note(&outcome);
            differences += usize::from(outcome != trace.outcomes[number]);
        }
        let step = same_host.next().expect("as many steps as undisturbed");
        assert_eq!(step, trace.steps[number], "the fork from step {start} on");
        let outcome = step.run(&mut same);
        same_host.note(&outcome);
        assert_eq!(outcome, trace.outcomes[number], "step {number} in a fork from step {start} on");
    }
    assert!(trace.snapshots.last() == Some(&snapshot::save(&mut same).expect("not poisoned")));
    assert!(trace.snapshots.last() != Some(&snapshot::save(&mut other).expect("not poisoned")));
    assert!(differences > 0, "other answers lead elsewhere");
    other.assert_usable();
}

both_versions! {
    every_step_in_a_fresh_instance
    every_step_in_a_used_instance
    every_other_step_on_node
    every_snapshot_to_the_end
    forks_do_not_disturb_each_other
}
