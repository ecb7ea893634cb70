//! A call that the engine tears down at any point leaves POISONED; a snapshot from before it, in a fresh instance or in that
//! one, takes the same step as if nothing had been.

use moonlet_tests::{Lua, Random, Version, snapshot, status};
use wasmtime::Trap;

use crate::workload::{Step, Trace};

/// Calls torn down in `make test`, for each version.
const TRAPS: u64 = 400;
const PLENTY: u64 = 1 << 40;

fn metered(version: Version, stored: &[u8]) -> Lua {
    let mut lua = Lua::metered(version);
    snapshot::restore(&mut lua, stored).unwrap_or_else(|error| panic!("{error}"));
    lua
}

/// Calls `step`'s run export with so much of the engine's fuel; what is left, or the trap.
fn run_on(fuel: u64, lua: &mut Lua, step: &Step) -> Result<u64, Trap> {
    let data = lua.put(&step.data);
    lua.store.set_fuel(fuel).expect("an engine with fuel");
    let answer = step.call(lua, data);
    let left = lua.store.get_fuel().expect("an engine with fuel");
    lua.store.set_fuel(PLENTY).expect("an engine with fuel");
    answer.map(|_| left)
}

fn torn_down_calls_are_poisoned_and_replayed(version: Version) {
    let traps = crate::amount("TRAPS", TRAPS);
    let trace = Trace::new(version, 1);
    let steps = trace.steps.iter().zip(&trace.snapshots);
    let fuel: Vec<u64> = steps
        .map(|(step, stored)| {
            PLENTY - run_on(PLENTY, &mut metered(version, stored), step).expect("enough fuel")
        })
        .collect();
    let mut random = Random(13);
    let (mut poisoned, mut in_time) = (0, 0);
    while poisoned < traps {
        let number = random.below(trace.len() as u64) as usize;
        let (step, stored) = (&trace.steps[number], &trace.snapshots[number]);
        // On fewer units the engine stops the call before its first instruction.
        let budget = 2 + random.below(fuel[number]);
        let context = format!("step {number} on {budget} units: {:?} of task {}", step.export, step.task);
        let mut lua = metered(version, stored);
        match run_on(budget, &mut lua, step) {
            Ok(_) => {
                // The engine looks at its fuel only where functions start and loops turn.
                in_time += 1;
                continue;
            }
            Err(trap) => assert_eq!(trap, Trap::OutOfFuel, "{context}"),
        }
        assert_eq!(lua.call::<_, i32>("status", ()), status::POISONED, "{context}");
        assert_eq!(snapshot::save(&mut lua), Err(snapshot::Error::Poisoned), "{context}");

        // Into a new instance and into the torn down one by turns.
        let mut healed = if poisoned % 2 == 0 { metered(version, stored) } else { lua };
        snapshot::restore(&mut healed, stored).unwrap_or_else(|error| panic!("{error}"));
        let outcome = step.run(&mut healed);
        let again = snapshot::save(&mut healed).expect("not poisoned");
        trace.assert_same(number, &outcome, &again, &context);
        poisoned += 1;
        if poisoned % 2000 == 0 {
            println!("{version:?}: {poisoned} of {traps} calls torn down");
        }
    }
    println!(
        "{version:?}: {traps} calls torn down, {poisoned} POISONED, each step replayed from its snapshot as undisturbed \
         ({in_time} others ended before the engine looked)"
    );
    assert!(in_time < traps / 2);
}

both_versions! { torn_down_calls_are_poisoned_and_replayed }
