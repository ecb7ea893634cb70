//! Loops of the library that can take long are left where the slice ends, and go on later; nothing of it shows.

use moonlet_tests::{Lua, Run, Version, option, status};

/// What each takes long with, alone in one call.
#[rustfmt::skip]
const LOOPS: &[(&str, &str)] = &[
    ("string.find, backtracking", "return string.find(('a'):rep(300), '.-.-b')"),
    ("string.find, from many places", "return string.find(('a'):rep(3000), 'a-b')"),
    ("string.find, repetition", "return string.find(('a'):rep(100000), '^a*b')"),
    ("string.find, plain", "return string.find(('ab'):rep(20000), 'aa', 1, true)"),
    ("string.match, captures", "return string.match(('ab'):rep(150), '^(.-)(.-)(%1)c')"),
    ("string.match, sets", "return #string.match(('xyz'):rep(10000), '[x-z]*')"),
    ("string.gmatch", "local n = 0 for w in string.gmatch(('a'):rep(200) .. 'b', 'a-b') do n = n + #w end return n"),
    ("string.gsub, a string", "return #string.gsub(('abc'):rep(5000), 'b', '<%0>')"),
    ("string.gsub, few matches", "return string.gsub(('a'):rep(20000), 'b', 'x') == ('a'):rep(20000)"),
    ("string.gsub, a function", "return #string.gsub(('abc'):rep(2000), '(b)(c)', function(b, c) return c .. b end)"),
    ("string.gsub, a table", "return #string.gsub(('abc'):rep(2000), '.', {a = 'xx', b = false})"),
    ("string.find, places by a class", "return string.find(('a'):rep(20000) .. '1', '%d')"),
    ("string.match, places by a set within captures", "return string.match(('a-'):rep(5000) .. 'xy', '(([^a-])(.))')"),
    ("string.gmatch, places by a letter", "local n = 0 for at in string.gmatch(('...x'):rep(1000), '()x') do n = n + at end return n"),
    ("string.gsub, frontiers", "return #string.gsub(('ab  a1'):rep(1000), '(%f[%a])%a', '<%0%1>')"),
    ("string.gsub, few frontiers", "return #string.gsub(('a'):rep(9000) .. ' a', '%f[^%a]', 7)"),
    ("string.find, a frontier", "return string.find(('a'):rep(9000) .. '-a', '%f[-%z].', 2)"),
    ("string.gsub, places by a class", "return #string.gsub(('aaaaaaa1'):rep(1000), '%d+', '<%0>')"),
    ("string.rep", "return #string.rep('x', 20000, ', ')"),
    ("table.concat", "local t = {} for i = 1, 5000 do t[i] = i end local s = table.concat(t, ', ') return #s, s:byte(-1)"),
    ("table.sort, numbers", "local t, x = {}, 1 for i = 1, 3000 do x = x * 16807 % 2147483647 t[i] = x end table.sort(t) return t[1], t[1500], t[3000]"),
    ("table.sort, strings", "local t, x = {}, 1 for i = 1, 1000 do x = x * 16807 % 2147483647 t[i] = tostring(x) end table.sort(t) return t[1], t[1000]"),
    ("table.sort, a comparator", "local t, x = {}, 1 for i = 1, 500 do x = x * 16807 % 2147483647 t[i] = x end table.sort(t, function(a, b) return a > b end) return t[1], t[500]"),
    ("table.insert", "local t = {} for i = 1, 5000 do t[i] = i end table.insert(t, 1, 0) return t[1], t[2], t[5001], #t"),
    ("table.insert, a length that is none", "local t = setmetatable({}, {__len = function() return 20000 end}) table.insert(t, 1, 'x') return t[1], t[2]"),
    ("table.remove", "local t = {} for i = 1, 5000 do t[i] = i end return table.remove(t, 1), t[1], #t"),
    ("table.move", "return #table.move({}, 1, 20000, 1, {})"),
    ("ipairs of an array", "local t, n = {}, 0 for i = 1, 3000 do t[i] = i end for i, v in ipairs(t) do n = n + i * v end return n"),
    ("pairs of an array with holes", "local t, n = {}, 0 for i = 1, 4000 do t[i] = i end for i = 2, 4000, 7 do for j = i, i + i % 6 do t[j] = nil end end for k, v in pairs(t) do n = n + k * v end return n"),
    ("pairs of names, which go on the way", "local t, n = {}, 0 for i = 1, 2000 do t['k' .. i] = i end for k, v in pairs(t) do t[k] = nil n = n + v if v % 500 == 0 then collectgarbage() end end return n, next(t)"),
    ("next, without values", "local t, n = {}, 0 for i = 1, 2000 do t[i], t['k' .. i] = i, i end for k in next, t do n = n + #tostring(k) end return n"),
    ("ipairs", "local n = 0 for i, v in ipairs(setmetatable({}, {__index = function(_, i) return i < 2000 and i or nil end})) do n = n + v end return n"),
];

/// Resumes until the task ends: the last answer, and the pauses.
pub fn finish(lua: &mut Lua, mut run: Run) -> (Run, u32) {
    let mut pauses = 0;
    while run.status() == status::PAUSED {
        pauses += 1;
        let task = lua.task();
        run = lua.resume(task, b"");
    }
    (run, pauses)
}

for_each_version! {
    fn long_loops_are_left_where_the_slice_ends(version: Version) {
        for (name, source) in LOOPS {
            let mut undisturbed = Lua::new(version);
            let expected = undisturbed.run(source);
            assert_eq!(expected.status(), status::OK, "{name}: {}", expected.text());
            let fuel = undisturbed.get(option::FUEL_USED);
            for slice in [97.0, 1000.0] {
                let mut lua = Lua::new(version);
                lua.set(option::SLICE, slice);
                let first = lua.run(source);
                let (run, pauses) = finish(&mut lua, first);
                assert_eq!((run.status(), run.text()), (status::OK, expected.text()), "{name}");
                // Work that is paid for in one piece, an allocation for one, can end beyond the slice.
                assert!(f64::from(pauses) > fuel / slice / 2.0 - 2.0, "{name}: {pauses} pauses in {fuel} units with slice {slice}");
                assert_eq!(lua.get(option::FUEL_USED), fuel, "{name} with slice {slice}");
                assert_eq!(lua.get(option::MEMORY_USED), undisturbed.get(option::MEMORY_USED), "{name} with slice {slice}");
            }
        }
    }

    fn what_is_kept_meanwhile_is_given_back_when_the_task_ends_otherwise(version: Version) {
        let source = "return string.find(('a'):rep(300), ('.-'):rep(9) .. 'b')";
        for reset in [false, true] {
            let mut lua = Lua::new(version);
            lua.eval("return string.find('', '')");
            let mut idle = Vec::new();
            for _ in 0..6 {
                lua.set(option::SLICE, 5000.0);
                let tasks: Vec<i32> = (0..20).map(|_| {
                    assert_eq!(lua.run(source).status(), status::PAUSED);
                    lua.task()
                }).collect();
                lua.set(option::SLICE, 0.0);
                if reset {
                    lua.call::<_, i32>("reset", ());
                } else {
                    for task in tasks {
                        assert_eq!(lua.cancel(task), status::OK);
                    }
                }
                lua.assert_usable();
                idle.push(lua.call::<_, f64>("compact", ()));
            }
            // A match that is left takes some 500 bytes, and 20 were.
            assert!(idle[5] < idle[1] + 2000.0, "{idle:?}");
        }
    }

    fn matches_that_wait_do_not_disturb_each_other(version: Version) {
        let mut lua = Lua::new(version);
        let sources: Vec<String> = (1..=30).map(|n| format!(
            "local s = ('ab'):rep({n}) .. 'c' return s:gsub('(.-)(.-)c', '%1{n}%2'), s:match('^(.-)b-c$'), (s:rep(3):gsub('b', function(b) return s:find('c') .. b end))")).collect();
        let expected: Vec<String> = sources.iter().map(|source| lua.eval(source)).collect();
        lua.set(option::SLICE, 40.0);
        let mut waiting: Vec<(i32, usize)> = sources.iter().enumerate().map(|(index, source)| {
            assert_eq!(lua.run(source).status(), status::PAUSED);
            (lua.task(), index)
        }).collect();
        while !waiting.is_empty() {
            waiting.retain(|&(task, index)| {
                let run = lua.resume(task, b"");
                if run.status() == status::PAUSED {
                    return true;
                }
                assert_eq!((run.status(), run.text().as_str()), (status::OK, expected[index].as_str()));
                false
            });
        }
    }

    fn where_nothing_can_be_suspended_loops_go_on(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::SLICE, 100.0);
        for (name, source) in LOOPS {
            let wrapped = format!(
                "local function work() {source} end local values \
                 tostring(setmetatable({{}}, {{__tostring = function() values = table.pack(work()) return '' end}})) return table.unpack(values, 1, values.n)");
            let first = lua.run(&wrapped);
            let (run, _) = finish(&mut lua, first);
            lua.set(option::SLICE, 0.0);
            assert_eq!((run.status(), run.text()), (status::OK, lua.eval(source)), "{name}");
            lua.set(option::SLICE, 100.0);
        }
    }

    fn a_yield_of_the_script_passes_no_further_than_in_plain_lua(version: Version) {
        for call in [
            "table.sort({3, 1, 2}, coroutine.yield)",
            "table.sort({3, 1, 2}, function() assert(not coroutine.isyieldable()) coroutine.yield() end)",
            "string.gsub('abc', '.', coroutine.yield)",
            "string.gsub('abc', '.', function() pcall(error) coroutine.yield() end)",
            "string.gsub('abc', '.', setmetatable({}, {__index = function() coroutine.yield() end}))",
            "for i in ipairs(setmetatable({}, {__index = function() coroutine.yield() end})) do end",
            "local a = '1' + setmetatable({}, {__add = function() coroutine.yield() end})",
        ] {
            for slice in [0.0, 5.0] {
                let mut lua = Lua::new(version);
                lua.set(option::SLICE, slice);
                let first = lua.run(format!("local co = coroutine.wrap(function() local _, message = pcall(function() {call} end) coroutine.yield(message) return 'end' end) return co(), co()"));
                let (run, _) = finish(&mut lua, first);
                assert_eq!(run.text(), "attempt to yield across a C-call boundary\tend", "{call}");
            }
        }
    }

    fn nested_sorts_and_callbacks_go_as_deep_as_in_plain_lua(version: Version) {
        // What Lua allows: LUAI_MAXCCALLS is 200, and a comparator, a callback and a coroutine take a level.
        for (source, least) in [
            ("local n = 0 local function f() n = n + 1 table.sort({3, 1, 2}, f) end pcall(f) return n", 190),
            ("local n = 0 local function f() n = n + 1 string.gsub('a', 'a', f) end pcall(f) return n", 190),
            ("local n = 0 local function f() n = n + 1 table.sort({2, 1}, function() string.gsub('a', 'a', function() coroutine.wrap(f)() end) end) end pcall(f) return n", 60),
        ] {
            let depth: u32 = Lua::new(version).eval(source).parse().expect("a number");
            assert!(depth >= least, "{depth} levels: {source}");
        }
    }

    fn hooks_see_the_c_functions_that_loops_call(version: Version) {
        let mut lua = Lua::new(version);
        let source = "local seen = {} debug.sethook(function() local f = debug.getinfo(2, 'f').func seen[f] = (seen[f] or 0) + 1 end, 'c') \
             table.sort({5, 3, 1, 4}, math.ult) local a = ('abc'):gsub('%w', string.upper) for _ in next, {x = 1} do end \
             debug.sethook() return seen[math.ult] > 3, seen[string.upper], seen[next]";
        assert_eq!(lua.eval(source), "true\t3\t2");
    }

    fn many_values_of_a_variadic_function_come_back_where_the_fuel_ends(version: Version) {
        let source = "local function f(...) return ... end local function g(...) local u = 1 kept = function() return u end return ... end \
             local sum = 0 for i = 1, 50 do \
             for _, f in ipairs {f, g} do local t = table.pack(f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)) \
             sum = sum + t.n + t[1] + t[20] end end return sum";
        let mut lua = Lua::new(version);
        let whole = lua.eval(source);
        assert_eq!(whole, "4100");
        for slice in 20..180 {
            lua.set(option::SLICE, f64::from(slice));
            let run = lua.run(source);
            let (run, pauses) = finish(&mut lua, run);
            assert!(pauses > 0);
            assert_eq!(run.text(), whole, "slices of {slice}");
        }
        lua.set(option::SLICE, 0.0);
        for fuel in 1000..1300 {
            lua.set(option::FUEL, f64::from(fuel));
            assert_eq!(lua.run(source).status(), status::BUDGET, "{fuel} units");
            assert_eq!(lua.eval("return 2+2"), "4", "after {fuel} units");
        }
    }
}
