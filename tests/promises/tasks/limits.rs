//! What a task may use before it waits, or ends.

use moonlet_tests::{Lua, Version, option, status};
use rmpv::Value;

use super::{echo, one, pack};

for_each_version! {
    fn host_calls_are_limited_for_each_task(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::HOST_CALLS, 3.0);
        for _ in 0..2 {
            let first = lua.run("local n = 0 local ok, m = pcall(function() while true do coroutine.wrap(host.call)('x') n = n + 1 end end) return n, m");
            let (run, calls) = echo(&mut lua, first);
            assert_eq!(calls, 3);
            assert!(run.text().starts_with("3\t") && run.text().contains("HOST_CALLS"), "{}", run.text());
        }
    }

    fn output_waits_for_the_host(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::OUTPUT, 64.0);
        let write = "for i = 1, 50 do print('line', i) io.write(i, ' and ', i + 0.5, '\\n') io.stderr:write('e', i, '\\n') end print(('long '):rep(100)) return 'done'";
        let mut expected = String::new();
        for i in 1..=50 {
            expected += &format!("line\t{i}\n{i} and {:?}\ne{i}\n", f64::from(i) + 0.5);
        }
        expected += &format!("{}\n", "long ".repeat(100));
        for source in [write.to_string(), format!("return coroutine.wrap(function() return coroutine.wrap(function() {write} end)() end)()")] {
            let mut run = lua.run(&source);
            let mut output = run.output.clone();
            let mut waits = 0;
            while run.status() == status::OUTPUT {
                assert!(run.output.len() <= 64);
                waits += 1;
                let task = lua.task();
                assert_eq!(lua.raise(task, &[0xc0]).status(), status::BAD_STATE);
                run = lua.resume(task, &[]);
                output.extend(&run.output);
            }
            assert_eq!((run.text().as_str(), String::from_utf8_lossy(&output).as_ref()), ("done", expected.as_str()));
            assert!(waits > 10);
        }
    }

    /// Most units are used where no pause can happen, and nearly none in between.
    fn a_pause_that_had_to_wait_happens_at_the_next_chance(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 1_000_000.0);
        lua.set(option::SLICE, 1000.0);
        for source in [
            "local s = 'return ' .. ('a .. '):rep(100) .. 'a' while true do load(s) end",
            "local f = function(a, b) return a < b end while true do table.sort({1, 2, 3, 4, 5, 6, 7, 8}, f) end",
            "local f = function() for i = 1, 20 do end end while true do string.gsub('xyz', '.', f) end",
            "local t = setmetatable({}, {__tostring = function() for i = 1, 20 do end return 'x' end}) while true do tostring(t) end",
            "local function f() for i = 1, 20 do end end \
             local function inner(a, b) coroutine.wrap(f)() return a < b end while true do table.sort({1, 2, 3}, inner) end",
            "coroutine.wrap(function() local s = ('x = 1 '):rep(100) while true do pcall(load, s) end end)()",
        ] {
            let mut run = lua.run(source);
            let mut used = 0.0;
            for _ in 0..20 {
                assert_eq!(run.status(), status::PAUSED, "{source}: {}", run.text());
                let slice = lua.get(option::FUEL_USED) - used;
                assert!(slice < 4000.0, "{source}: {slice} units in a slice of 1000");
                used += slice;
                let task = lua.task();
                run = lua.resume(task, &[]);
            }
            let task = lua.task();
            assert_eq!(lua.cancel(task), status::OK);
        }
        lua.set(option::SLICE, 0.0);
        lua.assert_usable();
    }

    fn nothing_outruns_the_budget(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 100_000.0);
        for source in [
            "while true do pcall(function() while true do end end) end",
            "local function f() return xpcall(f, f) end while true do f() end",
            "while true do coroutine.wrap(function() pcall(function() while true do end end) end)() end",
            "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do pcall(co) end",
            "local function new() return setmetatable({}, {__close = function() while true do end end}) end while true do pcall(function() local x <close> = new() error(1) end) end",
            "setmetatable({}, {__gc = function() while true do end end}) collectgarbage() while true do end",
            "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end",
            "table.sort({1, 2, 3, 4, 5}, function() while true do end end)",
            "('x'):rep(100):gsub('.', function() while true do end end)",
            "while true do load('local x = 1')() end",
            "debug.sethook(function() while true do end end, 'l')\nlocal a = 1\nreturn a",
        ] {
            let run = lua.run(source);
            assert_eq!(run.status(), status::BUDGET, "{source}: {}", run.text());
            assert!(lua.get(option::FUEL_USED) >= 100_000.0, "{source}");
            lua.assert_usable();
        }
        // The fuel is the task's, however often it is suspended.
        let mut run = lua.run("while true do host.call('x') end");
        let mut calls = 0;
        while run.status() == status::YIELD {
            calls += 1;
            let task = lua.task();
            run = lua.resume(task, &[]);
        }
        assert_eq!(run.status(), status::BUDGET);
        assert!(calls < 100_000);
        lua.assert_usable();
    }

    fn tasks_that_wait_are_limited(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::TASKS_LIMIT, 3.0);
        lua.eval("again = host.define('again') function f() return again() end");
        // A host that answers by calling `f` once more.
        let mut run = lua.call_function(&pack(&["f".into()]));
        for _ in 1..3 {
            assert_eq!(run.status(), status::YIELD);
            run = lua.call_function(&pack(&["f".into()]));
        }
        assert_eq!((run.status(), lua.get(option::TASKS)), (status::YIELD, 3.0));
        let last = lua.task();
        for source in ["x = 1", "x = = 1"] {
            let buffer = lua.put(source.as_bytes());
            assert_eq!(lua.call::<_, i32>("compute", buffer), -status::BAD_STATE);
        }
        for data in [pack(&["f".into()]), vec![0xc1]] {
            let run = lua.call_function(&data);
            assert_eq!(run.status(), status::BAD_STATE);
            assert!(run.text().contains("TASKS_LIMIT"), "{}", run.text());
        }
        assert_eq!((lua.get(option::TASKS), lua.task()), (3.0, last));
        assert_eq!(lua.call::<_, i32>("compute", (u32::MAX, 8_u32)), -status::BAD_ARGUMENT);
        assert_eq!(lua.resume(last, &pack(&["back".into()])).text(), "back");
        assert_eq!(lua.eval("return x"), "nil", "nothing ran");
        lua.set(option::SLICE, 1000.0);
        assert_eq!(lua.run("while true do end").status(), status::PAUSED);
        lua.set(option::SLICE, 0.0);
        assert_eq!(lua.run("return 1").status(), status::BAD_STATE, "a task that is paused waits too");
        lua.set(option::TASKS_LIMIT, 2.0);
        assert_eq!(lua.run("return 1").status(), status::BAD_STATE);
        lua.set(option::TASKS_LIMIT, 0.0);
        lua.assert_usable();
    }

    fn finalizers_that_run_while_data_is_taken_are_bounded_too(version: Version) {
        let mut lua = Lua::metered(version);
        lua.store.set_fuel(2_000_000_000).expect("an engine with fuel");
        lua.set(option::FUEL, 1_000_000.0);
        let source = "local t = {} for i = 1, 10 do t[i] = setmetatable({}, {__gc = function() while true do end end}) end \
                      t = nil return select('#', host.call('x'))";
        for raises in [false, true] {
            assert_eq!(lua.run(source).status(), status::YIELD);
            let task = lua.task();
            let pairs = Value::Array(vec![Value::Array(vec![1.into(), 2.into()]); 100_000]);
            let run = if raises { lua.raise(task, &one(&pairs)) } else { lua.resume(task, &pack(&[pairs])) };
            assert_eq!((run.status(), lua.get(option::TASKS)), (status::BUDGET, 0.0), "{}", run.text());
            lua.assert_usable();
        }
    }

    fn a_script_can_ask_what_is_left(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("return host.budget()"), "nil\tnil");
        lua.set(option::FUEL, 100_000.0);
        lua.set(option::MEMORY, 1_000_000.0);
        let numbers = |text: String| text.split('\t').map(|n| n.parse().expect("a number")).collect::<Vec<f64>>();
        let left = numbers(lua.eval("return host.budget()"));
        assert!(left[0] > 99_000.0 && left[0] < 100_000.0, "{left:?}");
        assert!(left[1] > 500_000.0 && left[1] < 1_000_000.0, "{left:?}");
        // A script that stops by itself, just before the limit would stop it.
        let run = lua.run("local n = 0 while host.budget() > 1000 do n = n + 1 end return n");
        assert_eq!(run.status(), status::OK, "{}", run.text());
        assert!(lua.get(option::FUEL_USED) > 99_000.0);
        lua.set(option::FUEL, 0.0);
        let spent = "local _, before = host.budget() local s = ('x'):rep(100000) local _, after = host.budget() return before - after";
        let spent = numbers(lua.eval(spent))[0];
        assert!((90_000.0..101_000.0).contains(&spent), "{spent}");
        // It says the same, paused or not.
        let asks = "local t = {} for i = 1, 300 do t[i] = host.budget() coroutine.wrap(function() t[i] = t[i] - host.budget() end)() end \
                    for i = 1, 300 do local u, b = host.budget() t[#t + 1] = u t[#t + 1] = b end return table.concat(t, ' ')";
        let fresh = |slice: f64| {
            let mut lua = Lua::new(version);
            for (key, value) in [(option::FUEL, 1e6), (option::MEMORY, 1e7), (option::SLICE, slice)] {
                lua.set(key, value);
            }
            // What the host holds counts, so it holds the same all the time.
            let buffer = lua.put(asks.as_bytes());
            let mut answer: i32 = lua.call("compute", buffer);
            let mut pauses = 0;
            while answer == -status::PAUSED {
                let task = lua.task();
                answer = lua.call("resume", (task, 0, 0));
                pauses += 1;
            }
            assert!(answer > 0);
            (String::from_utf8(lua.result()).expect("text"), pauses)
        };
        let (undisturbed, none) = fresh(0.0);
        assert_eq!(none, 0);
        for slice in [1.0, 7.0, 64.0, 1000.0] {
            let (text, pauses) = fresh(slice);
            assert!(pauses > 3);
            for (at, (one, other)) in text.split(' ').zip(undisturbed.split(' ')).enumerate() {
                assert_eq!(one, other, "value {at} in slices of {slice}");
            }
        }
    }
}
