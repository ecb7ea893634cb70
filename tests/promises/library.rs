//! What plain Lua's library would do otherwise inside a module: positions beyond 32 bits, pauses that hooks and addresses on the C
//! stack see, buffers of a run that is being stopped.

use crate::loops::finish;
use crate::tasks::pack;
use moonlet_tests::{Lua, Version, option, status};

for_each_version! {
    fn a_position_beyond_32_bits_is_no_small_one(version: Version) {
        let mut lua = Lua::new(version);
        for (source, result) in [
            ("return ('abc'):sub((1 << 32) + 2)", ""),
            ("return ('abc'):sub((1 << 32) + 1, (1 << 32) + 2)", ""),
            ("return #('abc'):sub(2, (1 << 32) + 2)", "2"),
            ("return ('abc'):sub(-(1 << 32) - 2)", "abc"),
            ("return select('#', ('abc'):byte((1 << 32) + 1))", "0"),
            ("return ('abc'):find('b', (1 << 32) + 1)", "nil"),
            ("return ('abc'):match('b', (1 << 32) + 1)", "nil"),
            ("return pcall(string.unpack, 'b', 'abc', (1 << 32) + 1)", "false\tbad argument #3 to 'string.unpack' (initial position out of string)"),
            ("return utf8.len('abc', 1, (1 << 32) - 1)", "error"),
        ] {
            let said = lua.run(source);
            assert!(said.text() == result || result == "error" && said.answer < 0, "{source}: {}", said.text());
        }
    }

    fn a_pause_skips_no_hook(version: Version) {
        let source = "local lines, counts, calls = 0, 0, 0 for i = 1, 500 do local x = i end \
             debug.sethook(function(event) if event == 'line' then lines = lines + 1 elseif event == 'count' then counts = counts + 1 else calls = calls + 1 end end, 'crl', 3) \n\
             local function f(n) \n return n + 1 \n end \n for i = 1, 50 do \n local x = f(i) \n x = x .. '' \n end \n debug.sethook() return lines, counts, calls";
        let mut lua = Lua::new(version);
        let undisturbed = lua.run(source).text();
        for slice in (1..40).chain([100, 300, 400, 500, 800, 1000]) {
            let mut lua = Lua::new(version);
            lua.set(option::SLICE, f64::from(slice));
            let run = lua.run(source);
            let (run, pauses) = finish(&mut lua, run);
            assert!(pauses > 0);
            assert_eq!(run.text(), undisturbed, "slices of {slice}");
        }
    }

    fn texts_on_the_c_stack_take_the_same_memory_after_a_pause(version: Version) {
        let source = "kept = {} coroutine.wrap(function() pcall(function() coroutine.wrap(function() \
             for i = 1, 200 do kept[i] = debug.getinfo(1, 'S').short_src end end)() end) end)() return #kept";
        let name = format!("@{}", "a long name of a chunk ".repeat(2));
        let memory = |slice: f64| {
            let mut lua = Lua::new(version);
            lua.set(option::SLICE, slice);
            let run = lua.eval_data(&pack(&[source.into(), name.as_str().into()]));
            let (run, _) = finish(&mut lua, run);
            assert_eq!(run.text(), "200");
            lua.set(option::SLICE, 0.0);
            assert_eq!(lua.run("collectgarbage() collectgarbage()").answer, 0);
            lua.get(option::MEMORY_USED)
        };
        let undisturbed = memory(0.0);
        for slice in [7.0, 50.0, 1000.0] {
            assert_eq!(memory(slice), undisturbed, "slices of {slice}");
        }
    }

    fn a_buffer_is_freed_in_a_run_that_is_being_stopped(version: Version) {
        let mut lua = Lua::new(version);
        lua.run("function used() collectgarbage() collectgarbage() return collectgarbage('count') * 1024 end");
        for source in [
            "string.gsub(('x'):rep(50000), '()x', function(i) if i == 49000 then os.exit(1) end end)",
            "table.concat(setmetatable({('y'):rep(50000)}, {__index = function() os.exit(1) end}), '', 1, 3)",
            "string.format('%s%s', ('z'):rep(50000), setmetatable({}, {__tostring = function() os.exit(1) end}))",
        ] {
            let before: f64 = lua.eval("return used()").parse().expect("a number");
            assert_eq!(lua.run(source).status(), status::EXIT, "{source}");
            let after: f64 = lua.eval("return used()").parse().expect("a number");
            assert!(after < before + 5000.0, "{source}: {before} bytes before, {after} after");
        }
    }
    fn a_string_that_is_made_when_the_fuel_ends_is_not_lost(version: Version) {
        let source = "local s = string.format('%s%s', text, text) s = nil";
        let mut lua = Lua::new(version);
        lua.run("text = ('x'):rep(50000)");
        assert_eq!(lua.run(source).answer, 0);
        let all = lua.get(option::FUEL_USED);
        let used = |lua: &mut Lua| {
            lua.run("collectgarbage() collectgarbage()");
            lua.get(option::MEMORY_USED)
        };
        let before = used(&mut lua);
        for fuel in 1..=60 {
            lua.set(option::FUEL, (all - f64::from(fuel)).max(1.0));
            lua.run(source);
            lua.set(option::FUEL, 0.0);
        }
        let after = used(&mut lua);
        assert!(after < before + 10_000.0, "{before} bytes before, {after} after");
    }
}
