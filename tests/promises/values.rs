//! Results are what `tostring` gives, joined by tabs; numbers keep all their digits, and NaN has one face.

use moonlet_tests::{Lua, Run, Version, option, status};
use rmpv::Value;

/// The fields of the map that an error is.
fn fields(run: &Run) -> Vec<(Value, Value)> {
    let value = rmpv::decode::read_value(&mut run.result.as_slice()).expect("MessagePack");
    value.as_map().expect("a map").clone()
}

for_each_version! {
    fn results_are_text_joined_by_tabs(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("return nil, true, false, 1, 1.0, 'x', 'a\\tb'"), "nil\ttrue\tfalse\t1\t1.0\tx\ta\tb");
        assert_eq!(lua.eval("return"), "");
        assert_eq!(lua.eval("return nil"), "nil");
        assert_eq!(lua.eval("return ''"), "");
        assert_eq!(lua.eval("return setmetatable({}, {__tostring = function() return 'mine' end})"), "mine");
        assert!(lua.eval("return setmetatable({}, {__name = 'Kind'})").starts_with("Kind: 0x"));
        assert!(lua.eval("return print").starts_with("function: builtin") || lua.eval("return print").starts_with("function: 0x"));
        assert_eq!(lua.eval("return table.unpack({}, 1, 200)").matches('\t').count(), 199);
    }

    fn one_nul_follows_the_result(version: Version) {
        let mut lua = Lua::new(version);
        for source in ["return 'abc'", "return", "error('e', 0)", "x = ="] {
            lua.run(source);
            let (ptr, len): (u32, u32) = (lua.call("result_ptr", ()), lua.call("result_len", ()));
            assert_ne!(ptr, 0);
            assert_eq!(lua.read(ptr + len, 1), [0], "{source}");
        }
    }

    fn integers_and_floats_are_exact(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("return math.maxinteger, math.mininteger, -0.0, 1/0, -1/0"),
                   "9223372036854775807\t-9223372036854775808\t-0.0\tinf\t-inf");
        assert_eq!(lua.eval("return string.format('%.17g %a %.3f %5.1e', 0.1, 0.1, 2.0005, 12345.678)"),
                   "0.10000000000000001 0x1.999999999999ap-4 2.001 1.2e+04");
        assert_eq!(lua.eval("return 0x1p-1074 == 5e-324, 1e308 * 10, tonumber('0x.8p1')"), "true\tinf\t1.0");
        assert_eq!(lua.eval("return tonumber('1e'), tonumber('0x'), tonumber(' 10 '), tonumber('1e1')"), "nil\tnil\t10\t10.0");
        assert_eq!(lua.eval("return 7 // 0.0, -7 // 0.0, 0.0 / 0.0 ~= 0.0 / 0.0, 5.5 % -2, -5 % 3"), "inf\t-inf\ttrue\t-0.5\t1");
    }

    fn nan_is_the_same_everywhere(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("local n = 0/0 return n, -n, math.sqrt(-1), math.huge - math.huge, tostring(-n)"),
                   "nan\tnan\tnan\tnan\tnan");
        assert_eq!(lua.eval("local n = 0/0 return string.pack('<d', n) == string.pack('<d', -n), string.pack('<f', n) == string.pack('<f', -n)"),
                   "true\ttrue");
        assert_eq!(lua.eval("local n = 0/0 return string.format('%f %5.1f|%g %a', n, -n, n, -n)"), "nan   nan|nan nan");
    }

    fn runs_repeat(version: Version) {
        let source = "local r = {} for i = 1, 20 do r[i] = math.random(1000) end \
                      local t = {} for i = 1, 100 do t['key' .. i] = i end \
                      for k in pairs(t) do r[#r + 1] = k end \
                      return table.concat(r, ' '), tostring(r), tostring(print), os.time(), os.clock()";
        assert_eq!(Lua::new(version).eval(source), Lua::new(version).eval(source));
    }

    fn coroutines_behave_as_in_lua(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("return select(2, coroutine.running()), coroutine.isyieldable()"), "true\tfalse");
        assert_eq!(lua.eval("return pcall(coroutine.yield)"), "false\tattempt to yield from outside a coroutine");
        assert_eq!(lua.eval("local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end) \
                             return coroutine.resume(co, 1), select(2, coroutine.resume(co, 21)), coroutine.status(co)"), "true\t42\tdead");
    }

    fn with_strings_no_type_depends_on_content(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!((lua.set(option::FORMAT, 1.0), lua.set(option::STRINGS, 1.0)), (status::OK, status::OK));
        let endings = [
            ("error('text')", status::ERRRUN),
            ("error('\\xff')", status::ERRRUN),
            ("error({text = '\\xff', bytes = 'b'})", status::ERRRUN),
            ("x = = 1", status::ERRSYNTAX),
            ("x = = '\\xff'", status::ERRSYNTAX),
            ("return ('x'):rep(1 << 40)", status::ERRRUN),
            ("while true do end", status::BUDGET),
            ("os.exit()", status::EXIT),
        ];
        lua.set(option::FUEL, 100_000.0);
        for (source, expected) in endings {
            let run = lua.run(source);
            assert_eq!(run.status(), expected, "{source}: {}", run.text());
            for (name, value) in fields(&run) {
                assert!(name.is_str(), "{source}: {name}");
                let strings = match &value {
                    Value::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
                    value => vec![value],
                };
                for value in strings {
                    assert!(value.is_bin() || value.is_number(), "{source}: {name} is {value}");
                }
            }
        }
        for run in [lua.call_function(&[0xc1]), lua.call_function(&[0x90]), lua.resume(9, &[])] {
            assert!(fields(&run).iter().all(|(name, value)| name.is_str() && value.is_bin()), "{}", run.text());
        }
        // What a script encodes is for whoever reads it.
        assert_eq!(lua.run("return msgpack.encode('text', '\\xff') == '\\xa4text\\xc4\\1\\xff'").result, [0x91, 0xc3]);
        lua.set(option::FORMAT, 0.0);
        assert_eq!(lua.eval("return 'text', '\\xc3\\xa9'"), "text\té");
    }

    fn null_is_a_value_of_its_own(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("return host.null"), "null");
        assert_eq!(
            lua.eval("local n = host.null return type(n), n == host.null, n ~= nil, not n, #{n, n}, tostring(n), ({[n] = 1})[n]"),
            "userdata\ttrue\ttrue\tfalse\t2\tnull\t1"
        );
        // Other light userdata still show their address.
        let id = lua.eval("return debug.upvalueid(function() return lua end, 1)");
        assert!(id.starts_with("userdata: 0x"), "{id}");
        assert_eq!(lua.set(option::FORMAT, 1.0), status::OK);
        assert_eq!(lua.get(option::HANDLES), 0.0);
        let run = lua.run("error({host.null})");
        assert!(fields(&run).contains(&("value".into(), Value::Array(vec![Value::Nil]))), "{}", run.text());
        assert_eq!(lua.get(option::HANDLES), 0.0, "it is no handle");
    }
}
