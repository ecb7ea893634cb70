//! The names in `/dev`, and error output apart from the output.

use moonlet_tests::{Lua, Version, option, status};

/// Opens each device for writing and writes `text` there.
const WRITE: &str = "for _, name in ipairs {'/dev/stdout', './dev/stderr', '/dev/null', '/dev/x/../stdout'} do \
                       local f <close> = assert(io.open(name, MODE)) assert(f:write('<', name, '>')) end";

for_each_version! {
    fn the_null_device_keeps_nothing(version: Version) {
        let mut lua = Lua::new(version);
        let source = "local f = io.open('/dev/null', 'MODE') for i = 1, 1000 do assert(f:write(text)) end return f:seek('end')";
        lua.eval("text = ('x'):rep(10000)");
        let before = lua.get(option::MEMORY_USED);
        for mode in ["w", "a", "r+", "w+", "a+"] {
            assert_eq!(lua.eval(source.replace("MODE", mode)), "0", "{mode}");
        }
        assert!(lua.get(option::MEMORY_PEAK) < before + 100_000.0, "{}", lua.get(option::MEMORY_PEAK));
        assert_eq!(lua.eval("local f = io.open('/dev/null') return f:read('a'), f:read('l'), f:read(1), f:read(0), f:read('n')"), "\tnil\tnil\tnil\tnil");
        assert_eq!(lua.eval("for l in io.lines('/dev/null') do error(l) end local a, b, c = io.open('/dev/null'):write('x') return a, b, c"), "nil\tBad file descriptor\t9");
        assert_eq!(lua.eval("local f = io.open('/dev/null', 'w') f:setvbuf('full', 10) f:write(text) f:write('x') return f:flush() and true, f:close()"), "true\ttrue");
    }

    fn the_devices_of_the_output_write_to_it(version: Version) {
        for mode in ["'w'", "'a'", "'r+'", "'w+'", "'a+'"] {
            let mut lua = Lua::new(version);
            let run = lua.run(WRITE.replace("MODE", mode));
            assert_eq!(run.output_text(), "</dev/stdout><./dev/stderr></dev/x/../stdout>", "{mode} {}", run.text());
            assert_eq!(lua.eval("local f = io.open('/dev/stdout') local a, b, c = f:write('x') return f:read('a'), a, b, c"), "\tnil\tBad file descriptor\t9");
        }
        let mut lua = Lua::new(version);
        let run = lua.run("io.output('/dev/stdout') io.write('a') print('b') local f = io.open('/dev/stderr', 'w') f:setvbuf('full') f:write('c') f:close() io.write('d')");
        assert_eq!(run.output_text(), "ab\ncd");
    }

    fn devices_of_the_output_wait_for_room(version: Version) {
        for apart in [0.0, 1.0] {
            let mut lua = Lua::new(version);
            lua.set(option::OUTPUT, 10.0);
            lua.set(option::ERROR_OUTPUT, apart);
            let mut run = lua.run(WRITE.replace("MODE", "'w'"));
            let (mut output, mut errors) = (run.output.clone(), lua.drain_errors());
            let mut times = 0;
            while run.status() == status::OUTPUT {
                let task = lua.task();
                run = lua.resume(task, b"");
                output.extend(&run.output);
                errors.extend(lua.drain_errors());
                times += 1;
                assert!(run.output.len() <= 10);
            }
            assert!(run.answer == 0 && times >= 3, "{times} {}", run.text());
            let (output, errors) = (String::from_utf8_lossy(&output), String::from_utf8_lossy(&errors));
            match apart {
                0.0 => assert_eq!((&*output, &*errors), ("</dev/stdout><./dev/stderr></dev/x/../stdout>", "")),
                _ => assert_eq!((&*output, &*errors), ("</dev/stdout></dev/x/../stdout>", "<./dev/stderr>")),
            }
        }
    }

    fn a_stream_closed_while_its_write_waits_says_so(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::OUTPUT, 4.0);
        let run = lua.run("f = io.open('/dev/stdout', 'w') f:write('12345')");
        assert_eq!(run.status(), status::OUTPUT);
        let task = lua.task();
        assert_eq!(lua.eval("return f:close()"), "true");
        let run = lua.resume(task, b"");
        assert!(run.status() == status::ERRRUN && run.text().contains("closed file"), "{}", run.text());
        lua.assert_usable();
    }

    fn the_full_device_takes_no_byte(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(
            lua.eval("local f = io.open('/dev/full', 'w') f:setvbuf('no') local a, b, c = f:write('x') return a, b, c, f:seek('end')"),
            "nil\tNo space left on device\t28\t0"
        );
    }

    fn devices_can_be_neither_removed_nor_renamed(version: Version) {
        let mut lua = Lua::new(version);
        lua.write_file("f", b"x");
        for device in ["null", "full", "stdin", "stdout", "stderr"] {
            let refused = "Permission denied\t13";
            assert_eq!(lua.eval(format!("return os.remove('/dev/{device}')")), format!("nil\t/dev/{device}: {refused}"));
            assert!(lua.eval(format!("return os.rename('/dev/{device}', 'g')")).ends_with(refused));
            assert!(lua.eval(format!("return os.rename('f', '/dev/{device}')")).ends_with(refused));
            assert_eq!(lua.eval(format!("return io.open('/dev/{device}/x', 'w')")), format!("nil\t/dev/{device}/x: Not a directory\t20"));
        }
        assert_eq!(lua.eval("return io.open('/dev', 'w')"), "nil\t/dev: Is a directory\t21");
        assert_eq!(lua.eval("return io.open('f'):read('a')"), "x");
    }

    fn standard_input_can_be_opened_before_it_is_there(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("f = io.open('/dev/stdin') return f:read('a'), f:read('l'), io.stdin:seek()"), "\tnil\tnil\tIllegal seek\t29");
        lua.write_file("/dev/stdin", b"one\ntwo\n");
        assert_eq!(lua.eval("return f:read('l'), io.read('l'), io.open('/dev/stdin'):read('a'), f:read('a')"), "one\tone\tone\ntwo\n\ttwo\n");
        assert_eq!(lua.eval("local n = 0 for l in io.lines('/dev/stdin') do n = n + #l end return n"), "6");
        assert_eq!(lua.remove_file("/dev/stdin"), status::OK);
        assert_eq!(lua.eval("return io.read('l'), io.lines('/dev/stdin')()"), "nil");
    }

    fn to_the_host_devices_are_no_files(version: Version) {
        let mut lua = Lua::new(version);
        for name in ["/dev/null", "/dev/full", "dev/stdout", "./dev//stderr", "/dev", "/dev/null/x", "/dev/stdin/x"] {
            assert_eq!(lua.write_file(name, b"x"), status::BAD_ARGUMENT, "{name}");
            assert_eq!(lua.read_file(name), Err(status::BAD_ARGUMENT), "{name}");
            assert_eq!(lua.remove_file(name), status::BAD_ARGUMENT, "{name}");
        }
        assert_eq!(lua.write_file("/dev/stdin", b"x"), status::OK);
        assert_eq!(lua.list_files().as_deref(), Ok(&b"\x91\x92\xa9dev/stdin\x01"[..]));
        assert_eq!(lua.drain(), b"");
    }

    fn error_output_goes_apart_when_the_host_wants_it(version: Version) {
        let mut lua = Lua::new(version);
        let source = "print('out') io.stderr:write('error ', 1, '\\n') warn('@on') warn('careful') io.write('end')";
        let run = lua.run(source);
        assert_eq!((run.output_text().as_str(), lua.drain_errors()), ("out\nerror 1\nLua warning: careful\nend", Vec::new()));
        assert_eq!(lua.set(option::ERROR_OUTPUT, 1.0), status::OK);
        let run = lua.run(source);
        assert_eq!(run.output_text(), "out\nend");
        assert_eq!(lua.drain_errors(), b"error 1\nLua warning: careful\n");
        lua.run("io.stderr:write('kept')");
        assert_eq!(lua.set(option::ERROR_OUTPUT, 0.0), status::OK);
        let run = lua.run("io.stderr:write('joined')");
        assert_eq!((run.output_text().as_str(), lua.drain_errors()), ("joined", b"kept".to_vec()));
        for value in [2.0, -1.0, 0.5] {
            assert_eq!(lua.set(option::ERROR_OUTPUT, value), status::BAD_ARGUMENT);
        }
    }

    fn reset_empties_both_outputs(version: Version) {
        let mut lua = Lua::new(version);
        let before = lua.get(option::MEMORY_USED);
        lua.set(option::ERROR_OUTPUT, 1.0);
        let (ptr, len) = lua.put(b"io.write('out') io.stderr:write('error')");
        assert_eq!(lua.call::<_, i32>("compute", (ptr, len)), 0);
        lua.take((ptr, len));
        assert_eq!((lua.call::<_, u32>("output_len", ()), lua.call::<_, u32>("error_output_len", ())), (3, 5));
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!((lua.drain(), lua.drain_errors()), (Vec::new(), Vec::new()));
        assert_eq!((lua.get(option::ERROR_OUTPUT), lua.get(option::MEMORY_USED)), (1.0, before));
    }

    fn each_output_has_its_own_limit(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::ERROR_OUTPUT, 1.0);
        lua.set(option::OUTPUT, 8.0);
        let (ptr, len) = lua.put(b"io.write('12345678') io.stderr:write('12345678') io.stderr:write('9') return 'done'");
        assert_eq!(lua.call::<_, i32>("compute", (ptr, len)), -status::OUTPUT);
        assert_eq!((lua.call::<_, u32>("output_len", ()), lua.call::<_, u32>("error_output_len", ())), (8, 8));
        let task = lua.task();
        assert_eq!(lua.resume(task, b"").status(), status::OUTPUT, "only the other buffer was drained");
        assert_eq!(lua.drain_errors(), b"12345678");
        assert_eq!(lua.resume(task, b"").text(), "done");
        assert_eq!(lua.drain_errors(), b"9");
    }
}
