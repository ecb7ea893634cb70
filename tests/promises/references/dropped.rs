//! What Lua dropped is told to the host, once, whatever ended the run.

use std::collections::BTreeSet;

use moonlet_tests::{Random, Version, option, status};
use rmpv::Value;

use super::{call, compact, dropped, instance, pack, reference, request, with};

for_each_version! {
    fn the_host_hears_once_of_what_was_dropped(version: Version) {
        let mut lua = with(version, "function keep(...) kept = {...} end");
        assert_eq!(dropped(&mut lua), [0u32; 0]);
        call(&mut lua, "keep", &[1, 2, 3].map(reference));
        compact(&mut lua);
        assert_eq!(dropped(&mut lua), [0u32; 0]);
        call(&mut lua, "keep", &[2, 4, 5].map(reference));
        compact(&mut lua);
        assert_eq!(dropped(&mut lua), [1, 3]);
        assert_eq!(dropped(&mut lua), [0u32; 0]);
        call(&mut lua, "keep", &[]);
        compact(&mut lua);
        // It is an array whatever the form of results, and small results are no reason to leave numbers out.
        assert_eq!((lua.set(option::FORMAT, 0.0), lua.set(option::RESULT, 1.0)), (status::OK, status::OK));
        assert_eq!(dropped(&mut lua), [2, 4, 5]);
    }

    fn what_was_told_takes_no_memory(version: Version) {
        let mut lua = with(version, "function drop() end");
        let all: Vec<Value> = (0..3000).map(reference).collect();
        let mut used = Vec::new();
        for _ in 0..20 {
            call(&mut lua, "drop", &all);
            compact(&mut lua);
            assert_eq!(dropped(&mut lua).len(), all.len());
            call(&mut lua, "drop", &[]);
            used.push(compact(&mut lua));
        }
        assert!(used[19] <= used[1], "{used:?}");
        // Nor does the room for many, where one stays.
        let mut lua = with(version, "function drop() end function keep(r) kept = r end");
        call(&mut lua, "keep", &[reference(1)]);
        let before = compact(&mut lua);
        for _ in 0..10 {
            call(&mut lua, "drop", &all);
        }
        compact(&mut lua);
        dropped(&mut lua);
        call(&mut lua, "drop", &[]);
        let after = compact(&mut lua);
        assert!(after < before + 4000.0, "{before} became {after}");
    }

    fn a_number_that_arrives_again_is_not_told(version: Version) {
        let mut lua = with(version, "function keep(...) kept = {...} end function drop() end");
        let all: Vec<Value> = (0..100).map(reference).collect();
        call(&mut lua, "drop", &all);
        compact(&mut lua);
        let again: Vec<Value> = (0..100).step_by(3).map(reference).collect();
        call(&mut lua, "keep", &again);
        assert_eq!(dropped(&mut lua), (0..100).filter(|number| number % 3 != 0).collect::<Vec<_>>());
        compact(&mut lua);
        assert_eq!(dropped(&mut lua), [0u32; 0]);
        call(&mut lua, "keep", &[]);
        compact(&mut lua);
        assert_eq!(dropped(&mut lua), (0..100).step_by(3).collect::<Vec<_>>());
    }

    /// Numbers come, are kept, dropped and come again while the collector is at any point of its work.
    fn what_is_told_is_not_in_lua_and_all_is_told(version: Version) {
        for (seed, mode) in [(1, "incremental"), (2, "generational"), (3, "incremental"), (4, "generational")] {
            let mut lua = with(version, &format!("\
                collectgarbage('{mode}')
                kept = {{}}
                function take(slot, reference) kept[slot] = reference end
                function drop(slot) kept[slot] = nil end
                function step(n) collectgarbage('step', n) end
                function resurrect(slot)
                  setmetatable({{kept[slot]}}, {{__gc = function(t) kept[-slot] = t[1] end}}) kept[slot] = nil
                end
                function work(n) for i = 1, n do local t = setmetatable({{}}, {{__gc = function() end}}) end end"));
            let mut random = Random(seed);
            let mut slots = [None; 13];
            // What the host may not free, and what it has a right to hear of.
            let mut out = BTreeSet::new();
            for _ in 0..3000 {
                let slot = 1 + random.below(12) as usize;
                match random.below(9) {
                    0..=3 => {
                        let number = random.below(20) as u32;
                        call(&mut lua, "take", &[slot.into(), reference(number)]);
                        slots[slot] = Some(number);
                        out.insert(number);
                    }
                    4 => {
                        call(&mut lua, "drop", &[slot.into()]);
                        slots[slot] = None;
                    }
                    5 => drop(call(&mut lua, "step", &[random.below(3).into()])),
                    6 => drop(call(&mut lua, "work", &[random.below(200).into()])),
                    7 if random.below(4) == 0 => {
                        call(&mut lua, "resurrect", &[slot.into()]);
                        slots[slot] = None;
                    }
                    _ => {
                        let told = dropped(&mut lua);
                        let held: BTreeSet<u32> = slots.iter().flatten().copied().collect();
                        for number in told {
                            assert!(out.remove(&number), "{number} was not in Lua, or told already");
                            assert!(!held.contains(&number), "{number} is in Lua still");
                        }
                    }
                }
            }
            lua.run("kept = nil");
            compact(&mut lua);
            assert_eq!(dropped(&mut lua), out.into_iter().collect::<Vec<_>>());
        }
    }

    fn one_that_outlives_its_finalizer_is_none_any_more(version: Version) {
        let mut lua = with(version, "\
            function bury(r) setmetatable({r}, {__gc = function(t) zombie = t[1] end}) end
            function try() return pcall(function() return zombie.x end) end
            function compare(r) return r == zombie, tostring(zombie) end");
        call(&mut lua, "bury", &[reference(9)]);
        compact(&mut lua);
        assert_eq!(dropped(&mut lua), [9]);
        assert_eq!(call(&mut lua, "try", &[])[1].as_str().map(|text| text.contains("a reference that was dropped")), Some(true));
        assert_eq!(call(&mut lua, "compare", &[reference(9)]), [false.into(), "reference: 9".into()]);
        // It is a userdata like any other.
        assert!(lua.run("return zombie").result.starts_with(&[0x91, 0xd6, 1]));
        lua.run("zombie = nil");
        compact(&mut lua);
        assert_eq!(dropped(&mut lua), [9], "of the other one");
    }

    fn finalizers_run_whatever_ends_the_run(version: Version) {
        for ending in ["while true do local t = {} end", "for i = 1, 1e5 do local t = {} end os.exit()", "error('end')"] {
            let mut lua = instance(version);
            assert_eq!(lua.set(option::FINALIZERS, 0.0), status::OK);
            // The last of it are finalized while the run is being stopped.
            let run = lua.run(format!("local r = host.call('objects') r = nil {ending}"));
            assert_eq!(request(&run), ["objects".into()]);
            lua.set(option::FUEL, 2_000_000.0);
            let all: Vec<Value> = (0..5000).map(reference).collect();
            let task = lua.task();
            lua.resume(task, &pack(&all));
            lua.set(option::FUEL, 0.0);
            compact(&mut lua);
            assert_eq!(dropped(&mut lua), (0..5000).collect::<Vec<_>>(), "{ending}");
        }
        // No unit of fuel is left for the collection.
        let mut lua = with(version, "function drop() end");
        call(&mut lua, "drop", &[reference(1), reference(2)]);
        lua.set(option::FUEL, 1.0);
        compact(&mut lua);
        lua.set(option::FUEL, 0.0);
        compact(&mut lua);
        assert_eq!(dropped(&mut lua), [1, 2]);
    }

    fn dropping_needs_no_memory(version: Version) {
        let mut lua = with(version, "function keep(...) kept = {...} end function fill() local t = {} while true do t = {t} end end");
        let all: Vec<Value> = (0..20_000).map(reference).collect();
        call(&mut lua, "keep", &all);
        let used = lua.get(option::MEMORY_USED);
        lua.set(option::MEMORY, used + 20_000.0);
        lua.run("kept = nil");
        for _ in 0..3 {
            assert_eq!(lua.run("fill()").status(), status::ERRMEM);
        }
        compact(&mut lua);
        assert_eq!(dropped(&mut lua).len(), 20_000);
        // Where there is no memory for the numbers they wait on.
        let half: Vec<Value> = (0..10_000).map(reference).collect();
        lua.set(option::MEMORY, 0.0);
        call(&mut lua, "keep", &half);
        call(&mut lua, "keep", &[]);
        compact(&mut lua);
        lua.set(option::MEMORY, 1.0);
        let run = lua.dropped();
        assert_eq!(run.answer, -status::ERRMEM, "{} bytes", run.result.len());
        lua.set(option::MEMORY, 0.0);
        assert_eq!(dropped(&mut lua).len(), 10_000);
        assert_eq!(lua.run("return 2+2").result, [0x91, 4]);
    }
}
