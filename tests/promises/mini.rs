//! The mini variants: what they leave out says so, and all else is as in the full modules.
//!
//! `MOONLET_MINI=1` lets the other promises and programs run on them, but for the tests that `tests/mini.txt` names.

use std::fs;
use std::path::Path;

use moonlet_tests::{Lua, Version, option, status};

/// Bits of the libraries that a mini variant holds: base, coroutine, math, string, table, utf8, host.
const HELD: f64 = 2981.0;

/// Golden scripts that use nothing that is left out.
const SCRIPTS: [&str; 5] = ["closures", "collector", "coroutines", "loops", "metamethods"];

/// Programs whose results do not depend on addresses.
const PROGRAMS: [&str; 8] = [
    "return math.sin(1e22), math.cos(-3e300), math.tan(0.7), math.exp(1.5), math.log(7), math.log(7, 10), math.log(9, 2)",
    "return math.asin(0.3), math.acos(0.3), math.atan(0.3, -2), 2.5 ^ 0.3, 7.7 % -0.3, 1e300 % 7e-300, math.fmod(-7, 3)",
    "math.randomseed(42) return math.random(), math.random(100), math.random(0)",
    "local t = {} for i = 1, 3000 do t[i] = (i * 7919) % 3001 end table.sort(t) return table.concat(t, ' ', 1, 50)",
    "local s = {} for x = -330, 330, 7 do s[#s + 1] = ('%.14g %.17g %a'):format(1.7 * 10.0 ^ x, -3.3 * 10.0 ^ x, 5.1 * 10.0 ^ x) end return table.concat(s)",
    "local s = 0 for n in ('17 0x1p-3 1e400 4.9e-324 123456789012345678901234567890'):gmatch('%S+') do s = s .. ' ' .. tostring(tonumber(n)) end return s",
    "local n = 0 for k, v in pairs({a = 1, b = 2, c = 3, 4, 5, [2.5] = 6}) do n = n * 7 + v end return n, #utf8.char(228, 8364, 128512)",
    "return (('hello world'):gsub('o', {o = '0'}):gsub('%w+', string.upper)), ('x'):rep(3, ','), ('%5.1f|%-5d|%q'):format(2.25, 7, 'a\\n')",
];

fn script(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    fs::read_to_string(folder.join(name).with_extension("lua")).expect("a script")
}

/// What `set` answers, and the option then.
fn set(lua: &mut Lua, key: u32, value: f64) -> (i32, f64) {
    (lua.set(key, value), lua.get(key))
}

for_each_version! {
    fn it_says_what_it_holds(version: Version) {
        let mut lua = Lua::mini(version);
        assert_eq!([lua.get(option::HELD_LIBRARIES), lua.get(option::LIBRARIES)], [HELD; 2]);
        for bit in (0..13).map(|place| 1 << place) {
            let held = HELD as u32 & bit != 0;
            let expected = if held { status::OK } else { status::BAD_STATE };
            assert_eq!(lua.set(option::LIBRARIES, f64::from(bit)), expected, "library {bit}");
            assert_eq!(lua.get(option::LIBRARIES), if held { f64::from(bit) } else { HELD });
            assert_eq!(lua.eval("return 1"), "1");
            assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
            assert_eq!(lua.set(option::LIBRARIES, HELD), status::OK);
        }
        assert_eq!(set(&mut lua, option::LIBRARIES, 8192.0), (status::BAD_ARGUMENT, HELD));
        assert_eq!(lua.set(option::HELD_LIBRARIES, 1.0), status::BAD_ARGUMENT, "it is a figure");
        assert_eq!(Lua::new(version).get(option::HELD_LIBRARIES), f64::from(moonlet_tests::held_libraries()));
    }

    fn exports_of_what_it_leaves_out_answer_bad_state(version: Version) {
        let mut lua = Lua::mini(version);
        assert_eq!(lua.eval("return 1"), "1");
        let before = (lua.get(option::MEMORY_USED), lua.result());
        assert_eq!(lua.write_file("name", b"contents"), status::BAD_STATE);
        assert_eq!(lua.read_file("name"), Err(status::BAD_STATE));
        assert_eq!(lua.remove_file("name"), status::BAD_STATE);
        assert_eq!(lua.list_files(), Err(status::BAD_STATE));
        assert_eq!(lua.write_input(b"line"), status::BAD_STATE);
        assert_eq!(lua.time_zone("CET-1"), status::BAD_STATE);
        for (export, arguments) in [("write_input", (u32::MAX, 2)), ("time_zone", (0, 1)), ("remove_file", (0, 1))] {
            assert_eq!(lua.call::<(u32, u32), i32>(export, arguments), status::BAD_ARGUMENT, "{export}");
        }
        assert_eq!((lua.get(option::MEMORY_USED), lua.result()), before);
        lua.assert_usable();
    }

    fn options_of_what_it_leaves_out_answer_bad_state(version: Version) {
        let mut lua = Lua::mini(version);
        for key in [option::BINARY_CHUNKS, option::INPUT, option::CLOCK, option::MONOTONIC, option::TIME_ZONE] {
            assert_eq!(set(&mut lua, key, 1.0), (status::BAD_STATE, 0.0), "option {key}");
            assert_eq!(set(&mut lua, key, 0.0), (status::OK, 0.0), "option {key}");
            assert_eq!(set(&mut lua, key, f64::NAN), (status::BAD_ARGUMENT, 0.0), "option {key}");
        }
        for (key, value) in [(option::SEED_LOW, 7.0), (option::FORMAT, 1.0), (option::ERROR_OUTPUT, 1.0), (option::NULLS, 1.0)] {
            assert_eq!(set(&mut lua, key, value), (status::OK, value), "option {key}");
        }
    }

    fn a_script_that_uses_what_it_leaves_out_is_told(version: Version) {
        let mut lua = Lua::mini(version);
        for (source, what) in [
            ("io.write('x')", "index a nil value (global 'io'"),
            ("return os.time()", "index a nil value (global 'os'"),
            ("local m = require 'm'", "call a nil value (global 'require'"),
            ("package.path = ''", "index a nil value (global 'package'"),
            ("debug.traceback()", "index a nil value (global 'debug'"),
            ("msgpack.encode(1)", "index a nil value (global 'msgpack'"),
            ("dofile('x')", "call a nil value (global 'dofile'"),
            ("loadfile('x')", "call a nil value (global 'loadfile'"),
        ] {
            let run = lua.run(source);
            let said = format!("attempt to {what}, which the mini variant leaves out)\n");
            assert_eq!(run.status(), status::ERRRUN);
            assert!(run.text().contains(&said), "{source}: {}", run.text());
        }
        // What the script itself has under such a name, or under one that only begins like it, is not left out.
        for (source, said) in [
            ("io = 5 io.write('x')", "attempt to index a number value (global 'io')\n"),
            ("ios.write('x')", "attempt to index a nil value (global 'ios')\n"),
            ("local os os.time()", "attempt to index a nil value (local 'os')\n"),
            ("local t = {} t.io.write()", "attempt to index a nil value (field 'io')\n"),
        ] {
            assert!(lua.run(source).text().contains(said), "{source}: {}", lua.run(source).text());
        }
        assert_eq!(lua.eval("return os, require, debug, dofile, loadfile, package"), "nil\tnil\tnil\tnil\tnil\tnil");
        assert_eq!(lua.eval("local n = 0 for k in pairs(math) do n = n + 1 end return n, math.pow, math.log10, math.cosh"), format!("{}\tnil\tnil\tnil", if version == Version::Lua54 { 27 } else { 29 }));
        assert_eq!(lua.eval("return pcall(string.dump, function() end)"), "false\tunable to dump given function");
        assert_eq!(lua.eval("return load('\\27Lua')"), "nil\tattempt to load a binary chunk (mode is 't')");
        lua.assert_usable();
    }

    fn print_and_warnings_stay(version: Version) {
        let mut lua = Lua::mini(version);
        assert_eq!(lua.run("print('a', 1, nil) warn('@on') warn('b', 'c')").output_text(), "a\t1\tnil\nLua warning: bc\n");
        assert_eq!(lua.set(option::ERROR_OUTPUT, 1.0), status::OK);
        assert_eq!(lua.run("print('out') warn('err')").output_text(), "out\n");
        assert_eq!(lua.drain_errors(), b"Lua warning: err\n");
        assert_eq!(lua.set(option::OUTPUT, 4.0), status::OK);
        let run = lua.run("print('abcdef')");
        assert_eq!((run.status(), run.output_text().as_str()), (status::OUTPUT, "abcd"));
        let task = lua.task();
        assert_eq!(lua.resume(task, &[]).output_text(), "ef\n");
    }

    fn results_are_those_of_the_full_module(version: Version) {
        let sources = SCRIPTS.map(script).into_iter().chain(PROGRAMS.map(String::from));
        for source in sources {
            let [full, mini] = [Lua::new(version), Lua::mini(version)].map(|mut lua| {
                if !source.contains("collectgarbage") {
                    // A collection may come by in one of them only, also while the chunk is loaded.
                    assert_eq!(lua.eval("return collectgarbage('stop')"), "0");
                }
                let run = lua.run(&source);
                (run, lua.get(option::FUEL_USED))
            });
            assert_eq!(mini.0, full.0, "{source}");
            // What a collection costs goes by the size of the heap, and a heap with fewer libraries is smaller; and its table of
            // strings, of 256 places or more, grows at another time.
            let close = (mini.1 - full.1).abs() <= 0.02 * full.1 + 256.0;
            assert!(close || source.contains("collectgarbage()"), "{source}: {} and {} units", mini.1, full.1);
        }
    }

    fn it_is_the_smaller_one(version: Version) {
        let (mini, full) = (version.mini_bytes(), version.bytes());
        assert!(moonlet_tests::is_mini() || mini.len() < full.len() * 9 / 10, "{} and {} bytes", mini.len(), full.len());
        // What only the code that is left out says.
        for text in ["cannot %s %s", "truncated chunk", "LUA_PATH", "/dev/std", "msgpack.", "lua_debug>", "Sunday"] {
            let held = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!held(&mini), "the mini variant holds the text {text:?}");
        }
    }
}
