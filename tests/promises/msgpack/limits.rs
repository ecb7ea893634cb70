//! What nests, grows or declares too much, and what an error leaves.

use moonlet_tests::{Version, option, status};

use super::{echo, instance};

for_each_version! {
    fn tables_nest_128_deep(version: Version) {
        let mut lua = instance(version);
        assert_eq!(lua.eval("return #msgpack.encode(nest(128))"), "128");
        for source in ["nest(129)", "{nest(128)}", "nil, {x = nest(128)}", "{[nest(128)] = 1}"] {
            let message = lua.eval(format!("return message(msgpack.encode, {source})"));
            assert!(message.ends_with("(tables nest deeper than 128, or in a cycle)"), "{source}: {message}");
        }
        for (head, value) in [(&[0x91][..], 0x90), (&[0x81, 1], 0x80), (&[0x81], 0x80)] {
            for depth in [127, 128, 129, 1000] {
                let mut data = head.repeat(depth - 1);
                data.push(value);
                // Where the tables are keys, each has a value yet to come.
                if head == [0x81] {
                    data.extend(vec![1; depth - 1]);
                }
                let answer = echo(&mut lua, &data);
                match depth <= 128 {
                    true => assert_eq!(answer.map(|(len, _)| len), Ok(data.len())),
                    false => assert!(answer.is_err_and(|message| message.contains("data nests deeper than 128"))),
                }
            }
        }
    }

    fn cycles_end(version: Version) {
        let mut lua = instance(version);
        for cycle in [
            "local t = {} t[1] = t",
            "local t = {} t.x = t t.y = t",
            "local t = {} t[t] = t",
            "local t = {} for i = 1, 1000 do t[i] = t end",
            "local t = {} t[1] = {{x = {[t] = 1}}}",
        ] {
            let message = lua.eval(format!("{cycle} return message(msgpack.encode, 1, t)"));
            assert_eq!(message, "bad argument #2 to 'msgpack.encode' (tables nest deeper than 128, or in a cycle)", "{cycle}");
        }
        lua.assert_usable();
    }

    fn what_doubles_at_each_level_ends_with_memory(version: Version) {
        for bomb in ["t = {t, t}", "t = {x = t, y = t}", "t = {[t] = t}", "t = {t, t, t, t, ('x'):rep(100)}"] {
            let mut lua = instance(version);
            assert_eq!(lua.set(option::MEMORY, 4_000_000.0), status::OK);
            lua.eval(format!("t = {{}} for i = 1, 100 do {bomb} end collectgarbage()"));
            let used = lua.eval("collectgarbage() return ''").len() as f64 + lua.get(option::MEMORY_USED);
            let run = lua.run("return msgpack.encode(t)");
            assert_eq!((run.status(), run.text().lines().next()), (status::ERRMEM, Some("not enough memory")), "{bomb}");
            assert_eq!(lua.eval("return pcall(msgpack.encode, t)"), "false\tnot enough memory", "{bomb}");
            lua.eval("collectgarbage()");
            assert!(lua.get(option::MEMORY_USED) <= used + 2000.0, "{bomb}: nothing is kept");
            lua.assert_usable();
        }
    }

    fn declared_lengths_take_no_memory(version: Version) {
        let mut lua = instance(version);
        let mut heads: Vec<Vec<u8>> = Vec::new();
        for marker in [0xc6, 0xc9, 0xdb, 0xdd, 0xdf] {
            for len in [1u32 << 16, 0x7fff_ffff, 1 << 31, u32::MAX] {
                heads.push([&[marker][..], &len.to_be_bytes()].concat());
            }
        }
        assert!(echo(&mut lua, &heads[0]).is_err());
        let peak = lua.get(option::MEMORY_PEAK);
        for head in &heads {
            for data in [head.repeat(100), [&head[..], &[1; 100]].concat(), [&[0x91], &head[..]].concat()] {
                assert!(echo(&mut lua, &data).is_err());
            }
        }
        assert!(lua.get(option::MEMORY_PEAK) <= peak + 50_000.0);
        lua.assert_usable();
    }

    fn garbage_makes_room(version: Version) {
        let mut lua = instance(version);
        assert_eq!(lua.set(option::MEMORY, 3_000_000.0), status::OK);
        let source = "collectgarbage() collectgarbage('stop') for i = 1, 14 do local s = ('x'):rep(100000) .. i end \
                      collectgarbage('restart') return #msgpack.encode(('y'):rep(500000), ('z'):rep(400000))";
        assert_eq!(lua.eval(source), "900010");
    }

    fn failures_leave_nothing_behind(version: Version) {
        let mut lua = instance(version);
        let source = "local t = {} for i = 1, 300 do t[i] = ('x'):rep(300) end t[301] = print \
                      for i = 1, 50 do pcall(msgpack.encode, t, t) pcall(msgpack.decode, ('\\x91'):rep(200)) end collectgarbage()";
        lua.eval(source);
        let used: f64 = lua.call("compact", ());
        for _ in 0..5 {
            lua.eval(source);
        }
        assert!(lua.call::<_, f64>("compact", ()) <= used);
    }

    fn errors_are_in_the_style_of_the_standard_library(version: Version) {
        let mut lua = instance(version);
        for (call, message) in [
            ("encode, print", "bad argument #1 to 'msgpack.encode' (cannot encode a function)"),
            ("encode, 1, {{print}}", "bad argument #2 to 'msgpack.encode' (cannot encode a function)"),
            ("encode, {[coroutine.create(print)] = 1}", "bad argument #1 to 'msgpack.encode' (cannot encode a thread)"),
            ("encode, {io.stdout}", "bad argument #1 to 'msgpack.encode' (cannot encode a userdata)"),
            ("decode", "bad argument #1 to 'msgpack.decode' (string expected, got no value)"),
            ("decode, {}", "bad argument #1 to 'msgpack.decode' (string expected, got table)"),
            ("decode, '', 'x'", "bad argument #2 to 'msgpack.decode' (number expected, got string)"),
            ("decode, ''", "bad argument #1 to 'msgpack.decode' (data ends too early)"),
            ("decode, '\\xc1'", "bad argument #1 to 'msgpack.decode' (reserved byte in data)"),
            ("decode, '\\xd6\\1\\0\\0\\0\\1'", "bad argument #1 to 'msgpack.decode' (unknown extension type in data)"),
            ("decode, '\\xd6\\xff\\0\\0\\0\\1'", "bad argument #1 to 'msgpack.decode' (unknown extension type in data)"),
            ("decode, '\\x81\\xc0\\1'", "bad argument #1 to 'msgpack.decode' (key in data is nil or NaN)"),
            ("decode, 'x', 3", "bad argument #2 to 'msgpack.decode' (initial position out of string)"),
        ] {
            assert_eq!(lua.eval(format!("return message(msgpack.{call})")), message);
        }
        assert!(lua.run("msgpack.encode(print)").text().starts_with("[string \"msgpack.encode(print)\"]:1: bad argument #1 to 'encode' (cannot encode a function)"));
    }

    fn values_follow_each_other(version: Version) {
        let mut lua = instance(version);
        assert_eq!(lua.eval("return #msgpack.encode(), #msgpack.encode(nil, nil)"), "0\t2");
        assert_eq!(lua.eval("local s = msgpack.encode(1, nil, 'two', {3}) local i, n = 1, 0 \
                             while i <= #s do local v v, i = msgpack.decode(s, i) n = n + 1 end return n, i - #s"), "4\t1");
        assert_eq!(lua.eval("return select('#', msgpack.decode(msgpack.encode(table.unpack({}, 1, 200000)), 200000))"), "2");
        // Positions mean what they mean to string.unpack.
        for position in ["1", "2", "3", "4", "5", "0", "-1", "-2", "-3", "-4", "math.maxinteger", "math.mininteger", "1 << 32", "1 << 31"] {
            let answer = lua.eval(format!(
                "local ok, a, b = pcall(msgpack.decode, '\\1\\2\\3', {position}) \
                 local also, c, d = pcall(string.unpack, 'B', '\\1\\2\\3', {position}) \
                 return ok == also and (not ok or a == c and b == d)"));
            assert_eq!(answer, "true", "{position}");
        }
        assert_eq!(lua.eval("return require('msgpack') == msgpack"), "true");
    }

    fn no_metamethod_runs(version: Version) {
        let mut lua = instance(version);
        let source = "local log = {} \
                      local m = setmetatable({}, {__index = function(_, event) return function() log[#log + 1] = event end end}) \
                      for _, event in ipairs{'__index', '__newindex', '__len', '__pairs', '__tostring', '__name', '__call', '__eq'} do m[event] = m[event] end \
                      local t = setmetatable({setmetatable({x = 1}, m)}, m) \
                      local s = msgpack.encode(t) return #s, #log";
        assert_eq!(lua.eval(source), "5\t0");
    }
}
