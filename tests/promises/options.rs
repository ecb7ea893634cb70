//! Options hold what the host sets, refuse what cannot be, and figures tell the truth.

use moonlet_tests::{Lua, Version, option, status};

for_each_version! {
    fn an_option_reads_back(version: Version) {
        let mut lua = Lua::new(version);
        for (key, value) in [
            (option::MEMORY, 1_000_000.0),
            (option::OUTPUT, 4096.0),
            (option::RESULT, 100.0),
            (option::LIBRARIES, 7.0),
            (option::BINARY_CHUNKS, 1.0),
            (option::FORMAT, 0.0),
            (option::FINALIZERS, 0.0),
            (option::TASKS_LIMIT, 3.0),
            (option::STRINGS, 1.0),
            (option::NULLS, 1.0),
            (option::CLOCK, 1_795_000_000.25),
            (option::MONOTONIC, 12.5),
            (option::TIME_ZONE, -330.0),
            (option::SEED_LOW, 4_294_967_295.0),
            (option::SEED_HIGH, 7.0),
        ] {
            assert_eq!(lua.set(key, value), status::OK, "option {key}");
            assert_eq!(lua.get(key), value, "option {key}");
        }
    }

    fn what_cannot_be_is_refused_and_changes_nothing(version: Version) {
        let mut lua = Lua::new(version);
        for (key, value) in [
            (option::MEMORY, -1.0),
            (option::MEMORY, 0.5),
            (option::MEMORY, f64::NAN),
            (option::MEMORY, f64::INFINITY),
            (option::FUEL, -1.0),
            (option::SLICE, 0.5),
            (option::HOST_CALLS, f64::NAN),
            (option::LIBRARIES, 8192.0),
            (option::TASKS_LIMIT, -1.0),
            (option::BINARY_CHUNKS, 2.0),
            (option::FORMAT, 2.0),
            (option::STRINGS, 2.0),
            (option::STRINGS, 0.5),
            (option::NULLS, -1.0),
            (option::CLOCK, f64::INFINITY),
            (option::TIME_ZONE, 1441.0),
            (option::TIME_ZONE, 0.5),
            (option::SEED_LOW, 4_294_967_296.0),
            (option::SEED_HIGH, -1.0),
            (option::MEMORY_USED, 0.0),
            (option::EXIT_CODE, 0.0),
            (0, 0.0),
            (99, 1.0),
        ] {
            let before = lua.get(key);
            assert_eq!(lua.set(key, value), status::BAD_ARGUMENT, "option {key} = {value}");
            assert_eq!(lua.get(key).to_bits(), before.to_bits(), "option {key}");
        }
        assert!(lua.get(99).is_nan());
    }

    fn libraries_and_seed_come_before_the_first_run(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.set(option::LIBRARIES, 1.0 + 256.0), status::OK);
        assert_eq!(lua.eval("return type(print), type(table), type(string), type(io)"), "function\ttable\tnil\tnil");
        for key in [option::LIBRARIES, option::SEED_LOW, option::SEED_HIGH] {
            assert_eq!(lua.set(key, 1.0), status::BAD_STATE);
        }
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!(lua.set(option::LIBRARIES, 0.0), status::OK);
        assert_eq!(lua.eval("return 2+2, _G"), "4\tnil");
    }

    fn each_library_has_its_bit(version: Version) {
        let names = ["print", "package", "coroutine", "debug", "io", "math", "os", "string", "table", "utf8", "msgpack", "host"];
        for (bit, name) in names.iter().enumerate() {
            let mut lua = Lua::new(version);
            assert_eq!(lua.set(option::LIBRARIES, f64::from(1 << bit)), status::OK);
            for other in names {
                let there = lua.eval(format!("return {other} ~= nil")) == "true";
                assert_eq!(there, other == *name, "{other} with the bit of {name}");
            }
        }
    }

    fn binary_chunks_load_only_when_allowed(version: Version) {
        let mut lua = Lua::new(version);
        let source = "return load(string.dump(load('return 42')), 'dumped', MODE)";
        for mode in ["nil", "'b'", "'bt'"] {
            let result = lua.eval(source.replace("MODE", mode));
            assert!(result.starts_with("nil\tattempt to load a binary chunk"), "{result}");
        }
        assert_eq!(lua.eval("return load('return 1', 'text', 'bt')()"), "1");
        assert_eq!(lua.eval("return load('return 1', 'text', 'b')").split('\t').next(), Some("nil"));
        assert_eq!(lua.set(option::BINARY_CHUNKS, 1.0), status::OK);
        assert_eq!(lua.eval("return load(string.dump(load('return 42')), 'dumped', 'b')()"), "42");
        assert!(lua.eval(source.replace("MODE", "'t'")).starts_with("nil\tattempt to load a binary chunk"));
    }

    fn finalizers_can_be_left_out(version: Version) {
        let source = "ran = false setmetatable({}, {__gc = function() ran = true end}) collectgarbage() return ran";
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval(source), "true");
        assert_eq!(lua.set(option::FINALIZERS, 0.0), status::OK);
        assert_eq!(lua.eval(source), "false");
        let close = "local f = io.open('f', 'w') f:write('x') f = nil collectgarbage() return io.open('f'):read('a')";
        assert_eq!(lua.eval(close), "x");
    }

    fn time_is_what_the_host_says(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("return os.time(), os.clock(), os.date('!%Y')"), "0\t0.0\t1970");
        lua.set(option::CLOCK, 1_795_348_805.75);
        lua.set(option::MONOTONIC, 2.5);
        lua.set(option::TIME_ZONE, 330.0);
        assert_eq!(lua.eval("return os.time(), os.clock()"), "1795348805\t2.5");
        assert_eq!(lua.eval("return os.date('!%Y-%m-%d %H:%M:%S')"), "2026-11-22 12:00:05");
        assert_eq!(lua.eval("return os.date('%Y-%m-%d %H:%M:%S %z')"), "2026-11-22 17:30:05 +0530");
        assert_eq!(lua.eval("return os.time{year=2026, month=11, day=22, hour=17, min=30, sec=5}"), "1795348805");
        assert_eq!(lua.eval("return os.time{year=2026, month=10, day=53, hour=17, min=29, sec=65}"), "1795348805");
    }

    fn the_seed_decides_the_random_numbers(version: Version) {
        let source = "return math.random(0), math.random(0)";
        let numbers = |low: f64, high: f64| {
            let mut lua = Lua::new(version);
            assert_eq!((lua.set(option::SEED_LOW, low), lua.set(option::SEED_HIGH, high)), (0, 0));
            lua.eval(source)
        };
        assert_eq!(numbers(1.0, 2.0), numbers(1.0, 2.0));
        assert_eq!(numbers(0.0, 0.0), Lua::new(version).eval(source), "0 is the seed at the start");
        assert_ne!(numbers(1.0, 2.0), numbers(2.0, 2.0));
        assert_ne!(numbers(1.0, 2.0), numbers(1.0, 3.0));
    }

    fn a_result_over_its_limit_is_refused(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::RESULT, 10.0);
        assert_eq!(lua.eval("return 'ten bytes!'"), "ten bytes!");
        for source in ["return 'eleven byte'", "return 1, 2, 3, 4, 5, 6"] {
            let run = lua.run(source);
            assert_eq!(run.status(), status::RESULT, "{source}");
            assert!(run.text().contains("RESULT"));
            lua.assert_usable();
        }
        lua.write_file("big", b"eleven byte");
        assert_eq!(lua.read_file("big"), Err(status::TOO_BIG));
        lua.set(option::RESULT, 0.0);
        assert_eq!(lua.read_file("big").as_deref(), Ok(&b"eleven byte"[..]));
    }

    fn output_over_its_limit_suspends_and_is_never_cut(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::OUTPUT, 10.0);
        let sources = ["print('12345') print('123456')", "io.write('12345', '123456')", "io.stderr:write('x'):write(('y'):rep(10))"];
        for (source, output) in sources.into_iter().zip(["12345\n123456\n", "12345123456", "xyyyyyyyyyy"]) {
            let mut run = lua.run(source);
            let mut written = run.output.clone();
            assert_eq!(run.status(), status::OUTPUT, "{source}");
            while run.status() == status::OUTPUT {
                assert_eq!(run.output.len(), 10, "the buffer is full");
                let task = lua.task();
                run = lua.resume(task, b"");
                written.extend(&run.output);
            }
            assert_eq!((run.answer >= 0, String::from_utf8_lossy(&written).as_ref()), (true, output), "{source}");
            lua.assert_usable();
        }
        lua.set(option::OUTPUT, 0.0);
        assert_eq!(lua.run("io.write(('x'):rep(100000))").output.len(), 100_000);
    }

    fn figures_tell_memory_and_version(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.get(option::MEMORY_USED), 0.0, "nothing is allocated before the first call");
        lua.eval("t = {} for i = 1, 10000 do t[i] = i end");
        let (used, peak) = (lua.get(option::MEMORY_USED), lua.get(option::MEMORY_PEAK));
        assert!(used > 100_000.0 && peak >= used, "{used} {peak}");
        lua.eval("t = nil collectgarbage() collectgarbage()");
        assert!(lua.get(option::MEMORY_USED) < used - 80_000.0);
        assert_eq!(lua.get(option::MEMORY_PEAK), peak);
        let number = if version == Version::Lua54 { 504.0 } else { 505.0 };
        assert_eq!(lua.get(option::LUA_VERSION_NUM), number);
    }
}
