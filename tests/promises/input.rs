//! Standard input that waits (INPUT): what is read does not depend on the pieces in which it came.

use moonlet_tests::{Lua, Random, Run, Version, option, status};

/// An instance whose standard input waits.
fn waiting(version: Version) -> Lua {
    let mut lua = Lua::new(version);
    assert_eq!(lua.set(option::INPUT, 1.0), status::OK);
    lua
}

/// Runs a script on input anew and gives it the pieces, one each time that it waits, and then the end.
fn feed(lua: &mut Lua, source: &str, pieces: &[&[u8]]) -> Run {
    assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
    let mut run = lua.run(source);
    let mut output = run.output.clone();
    for piece in pieces.iter().copied().filter(|piece| !piece.is_empty()).chain([&b""[..]]) {
        if run.status() != status::INPUT {
            assert_eq!(lua.write_input(piece), status::OK);
            continue;
        }
        assert_eq!(lua.write_input(piece), status::OK);
        let task = lua.task();
        run = lua.resume(task, b"");
        output.extend(&run.output);
    }
    Run { output, ..run }
}

/// Reads by the same formats again and again, then the rest; shows each result.
fn reader(formats: &str) -> String {
    format!(
        "local out = {{}} \
         local function show(...) for i = 1, select('#', ...) do out[#out + 1] = ('%q'):format((select(i, ...))) end out[#out + 1] = ';' return ... end \
         for i = 1, 6 do show(io.read({formats})) end show(io.stdin:read('a', 'a', 0, 'l')) return table.concat(out, ' ')"
    )
}

const FORMATS: [&str; 13] = [
    "",
    "'l'",
    "'L'",
    "'n'",
    "'a'",
    "0",
    "1",
    "3",
    "1000",
    "'n', 'l'",
    "'*L', 2, 'n'",
    "0, 'n', 0",
    "'n', 'n', 'a'",
];

const INPUTS: [&[u8]; 12] = [
    b"",
    b"\n",
    b"a",
    b"one\ntwo\n\nthree",
    b"one\r\n\0two\xff\n",
    b" \t\n 12 0x1F -3.5e1,7",
    b"+0x.8p-1 0x 1e+ - .5.5 e",
    b"12abc\n 0x1G\n..",
    b"1e5000 99999999999999999999 nan\n",
    b"00012\n-0x-1",
    b"3.14159\n2.71828\n",
    b"    ",
];

for_each_version! {
    fn every_split_of_an_input_reads_the_same(version: Version) {
        let mut lua = Lua::new(version);
        let mut random = Random(11);
        let long = [b"7".repeat(199), b"1 ".to_vec(), b"7".repeat(205), b"\nx".to_vec(), b" ".repeat(300)].concat();
        for input in INPUTS.into_iter().chain([long.as_slice()]) {
            for formats in FORMATS {
                let source = reader(formats);
                assert_eq!(lua.set(option::INPUT, 0.0), status::OK);
                assert_eq!(lua.write_file("/dev/stdin", input), status::OK);
                let expected = lua.eval(&source);
                assert_eq!(lua.set(option::INPUT, 1.0), status::OK);
                let mut check = |pieces: &[&[u8]]| {
                    let run = feed(&mut lua, &source, pieces);
                    assert_eq!(run.text(), expected, "{formats} of {pieces:?}");
                };
                check(&[input]);
                for at in (1..input.len()).filter(|at| input.len() < 100 || at % 37 == 0) {
                    check(&[&input[..at], &input[at..]]);
                }
                check(&input.chunks(1).collect::<Vec<_>>());
                let mut rest = input;
                let mut pieces = Vec::new();
                while !rest.is_empty() {
                    let (piece, others) = rest.split_at(1 + random.below(rest.len() as u64) as usize);
                    pieces.push(piece);
                    rest = others;
                }
                check(&pieces);
            }
        }
    }

    fn iterators_wait_too(version: Version) {
        let mut lua = waiting(version);
        for lines in ["io.lines()", "io.stdin:lines()", "io.input():lines('l')", "io.lines('/dev/stdin')", "io.open('/dev/stdin'):lines()", "io.lines(nil, 'l')"] {
            let source = format!("local n = 0 for l in {lines} do n = n + 1 io.write('<', l, '>') end return n");
            let run = feed(&mut lua, &source, &[b"on", b"e\ntw", b"o\nthree\n", b"\nlast"]);
            assert_eq!((run.text().as_str(), run.output_text().as_str()), ("5", "<one><two><three><><last>"), "{lines}");
        }
        let run = feed(&mut lua, "local s = 0 for a, b in io.lines('/dev/stdin', 'n', 1) do s = s + a end return s", &[b"1,2", b",3", b"9,"]);
        assert_eq!(run.text(), "42");
        let run = feed(&mut lua, "local f = io.open('/dev/stdin') local next = f:lines() next() f:close() return pcall(next)", &[b"x\ny\n"]);
        assert!(run.text().ends_with("file is already closed"), "{}", run.text());
        assert_eq!(lua.eval("return io.read('a')"), "y\n");
        // An iterator made before goes on with what standard input is then.
        lua.set(option::INPUT, 0.0);
        lua.write_file("/dev/stdin", b"of the file\n");
        lua.eval("next = io.lines()");
        assert_eq!(lua.eval("return next()"), "of the file");
        lua.set(option::INPUT, 1.0);
        lua.write_input(b"of the stream\n");
        assert_eq!(lua.eval("return next()"), "of the stream");
    }

    fn a_read_passes_through_coroutines_and_protected_calls(version: Version) {
        let mut lua = waiting(version);
        let source = "local co = coroutine.wrap(function(...) for i = 1, 3 do coroutine.yield(pcall(io.read, ...)) end end) \
                      local t = setmetatable({}, {__index = function(_, k) return k .. io.read() end}) \
                      return select(2, co('n', 'l')), t.key, select(2, co()), (function() local x <close> = setmetatable({}, {__close = function() closed = io.read(1) end}) end)(), closed";
        let run = feed(&mut lua, source, &[b"4", b"2 x", b"\nv", b"alue\n", b"5 6\n!"]);
        assert_eq!(run.text(), "42\tkeyvalue\t5\tnil\t!");
        assert_eq!(run.status(), status::OK);
    }

    fn where_no_suspension_can_happen_the_error_names_the_place(version: Version) {
        let mut lua = waiting(version);
        for (source, place) in [
            ("table.concat(setmetatable({}, {__len = function() return 1 end, __index = function() return io.read() end}))", "table.concat"),
            ("math.max(setmetatable({}, {__lt = function() return io.read('a') end}), 1)", "math.max"),
            ("for l in string.gmatch('x', 'x') do tostring(setmetatable({}, {__tostring = function() return io.read('n') end})) end", "__tostring"),
            ("assert(load(function() return io.stdin:read(1) end))", "the reader of load"),
            ("local n = io.lines() tostring(setmetatable({}, {__tostring = function() n() return '' end}))", "__tostring"),
            ("tostring(setmetatable({}, {__tostring = function() dofile() return '' end}))", "__tostring"),
            ("tostring(setmetatable({}, {__tostring = function() loadfile() return '' end}))", "__tostring"),
        ] {
            let text = lua.eval(format!("return select(2, pcall(function() {source} end))"));
            assert!(text.contains(&format!("attempt to wait for input across a C-call boundary (inside {place})")), "{source}: {text}");
            // What is there can be read.
            lua.write_input(b"1\n2\n3\n4\n");
            lua.eval("('x'):gsub('x', function() for i = 1, 4 do assert(io.read()) end end)");
            lua.assert_usable();
        }
    }

    fn a_waiting_task_is_resumed_without_values(version: Version) {
        let mut lua = waiting(version);
        let run = lua.run("return io.read()");
        assert_eq!((run.status(), run.text().as_str()), (status::INPUT, "standard input is used up: add to it, then resume the task"));
        let task = lua.task();
        assert_eq!(lua.resume(task, &[0x91, 1]).status(), status::BAD_STATE);
        assert_eq!(lua.raise(task, &[1]).status(), status::BAD_STATE);
        assert_eq!(lua.resume(task, b"").status(), status::INPUT, "nothing came");
        assert_eq!(lua.write_input(b"part"), status::OK);
        assert_eq!(lua.resume(task, b"").status(), status::INPUT, "no line came");
        assert_eq!(lua.write_input(b" of a line\nmore"), status::OK);
        assert_eq!(lua.resume(task, b"").text(), "part of a line");
        assert_eq!(lua.eval("return io.read(4)"), "more");
        let run = lua.run("local x <close> = setmetatable({}, {__close = function() closed = true end}) io.read()");
        assert_eq!(run.status(), status::INPUT);
        let task = lua.task();
        assert_eq!((lua.cancel(task), lua.eval("return closed")), (status::OK, "true".to_string()));
    }

    fn tasks_take_turns_at_one_input(version: Version) {
        let mut lua = waiting(version);
        let tasks: Vec<i32> = (0..3)
            .map(|_| {
                assert_eq!(lua.run("return io.read('l')").status(), status::INPUT);
                lua.task()
            })
            .collect();
        lua.write_input(b"first\nsecond");
        assert_eq!(lua.resume(tasks[2], b"").text(), "first");
        assert_eq!(lua.resume(tasks[0], b"").status(), status::INPUT);
        lua.write_input(b"\nth");
        lua.write_input(b"");
        assert_eq!(lua.resume(tasks[1], b"").text(), "second");
        assert_eq!(lua.resume(tasks[0], b"").text(), "th");
        assert_eq!(lua.eval("return io.read('l'), io.read('a')"), "nil\t");
        // More input after the end begins it anew.
        lua.write_input(b"again\n");
        assert_eq!(lua.eval("return io.read('l')"), "again");
        assert_eq!(lua.run("return io.read('a')").status(), status::INPUT);
    }

    fn input_that_was_read_takes_no_memory(version: Version) {
        let mut lua = waiting(version);
        let run = lua.run("n = 0 for l in io.lines() do n = n + #l collectgarbage() end return n");
        assert_eq!(run.status(), status::INPUT);
        let task = lua.task();
        let line = [vec![b'x'; 9_999], b"\n".to_vec()].concat();
        let before = lua.get(option::MEMORY_USED);
        for _ in 0..100 {
            lua.write_input(&line);
            lua.write_input(b"half");
            assert_eq!(lua.resume(task, b"").status(), status::INPUT);
            assert!(lua.get(option::MEMORY_USED) < before + 30_000.0, "{} after {before}", lua.get(option::MEMORY_USED));
        }
        lua.write_input(b"");
        assert_eq!(lua.resume(task, b"").text(), (99 * 10_003 + 9_999 + 4).to_string());
        lua.write_input(&[b'y'; 100_000]);
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!(lua.get(option::MEMORY_USED), 0.0, "reset drops what nobody read");
        assert_eq!(lua.run("return io.read(1)").status(), status::INPUT);
    }

    fn input_without_memory_is_refused_whole(version: Version) {
        let mut lua = waiting(version);
        lua.eval("return 1");
        lua.set(option::MEMORY, 200_000.0);
        let (ptr, len) = lua.put(&[b'z'; 50_000]);
        let mut written = 0;
        while lua.call::<_, i32>("write_input", (ptr, len)) == status::OK {
            written += 50_000;
        }
        assert_eq!(lua.call::<_, i32>("write_input", (ptr, len)), status::ERRMEM);
        lua.take((ptr, len));
        lua.set(option::MEMORY, 0.0);
        assert_eq!(lua.write_input(b""), status::OK);
        assert_eq!(lua.eval("return #io.read('a')"), written.to_string());
        assert_eq!(lua.call::<_, i32>("write_input", (0x7fff_ffff, 10)), status::BAD_ARGUMENT);
    }

    fn a_snapshot_carries_the_input_and_who_waits_for_it(version: Version) {
        let mut lua = waiting(version);
        lua.write_input(b"1 2 half a li");
        assert_eq!(lua.run("return io.read('n', 'n', 1, 'l')").status(), status::INPUT);
        let task = lua.task();
        let memory = lua.snapshot();
        let mut other = Lua::new(version);
        other.restore(&memory);
        for lua in [&mut lua, &mut other] {
            assert_eq!(lua.write_input(b"ne\nrest"), status::OK);
            assert_eq!(lua.resume(task, b"").text(), "1\t2\t \thalf a line");
            assert_eq!(lua.eval("return io.read(4)"), "rest");
        }
    }

    fn the_option_says_which_input_there_is(version: Version) {
        let mut lua = Lua::new(version);
        lua.write_file("/dev/stdin", b"of the file\n");
        assert_eq!(lua.write_input(b"of the stream\n"), status::OK);
        assert_eq!(lua.eval("return io.read()"), "of the file");
        lua.set(option::INPUT, 1.0);
        assert_eq!(lua.eval("return io.read()"), "of the stream");
        assert_eq!(lua.run("return io.read(0)").status(), status::INPUT, "what is there was read");
    }

    fn who_waits_goes_on_when_the_input_is_a_file_again(version: Version) {
        let mut lua = waiting(version);
        lua.write_input(b"no newline");
        assert_eq!(lua.run("return io.read('l'), io.read('a')").status(), status::INPUT);
        lua.set(option::INPUT, 0.0);
        lua.write_file("/dev/stdin", b"file");
        let task = lua.task();
        assert_eq!(lua.resume(task, b"").text(), "no newline\tfile");
        for value in [2.0, 0.5, -1.0] {
            assert_eq!(lua.set(option::INPUT, value), status::BAD_ARGUMENT);
        }
    }

    fn the_stream_has_no_place_and_takes_no_bytes(version: Version) {
        let mut lua = waiting(version);
        assert_eq!(lua.eval("return io.stdin:seek()"), "nil\tIllegal seek\t29");
        assert_eq!(lua.eval("return io.stdin:seek('set')"), "nil\tIllegal seek\t29");
        assert!(lua.eval("return io.stdin:write('x')").starts_with("nil\tBad file descriptor\t9"));
        for mode in ["w", "a", "r+", "w+", "a+"] {
            assert_eq!(lua.eval(format!("return io.open('/dev/stdin', '{mode}')")), "nil\t/dev/stdin: Permission denied\t13");
        }
        assert_eq!(lua.eval("return pcall(io.read, 'x')"), "false\tbad argument #1 to 'io.read' (invalid format)");
        assert!(lua.eval("return pcall(io.stdin.read, io.stdin, 0.5)").contains("number has no integer representation"));
        assert_eq!(lua.eval("local f = io.open('/dev/stdin') f:close() return pcall(f.read, f)"), "false\tattempt to use a closed file");
    }

    fn what_reads_all_of_it_waits_for_the_end(version: Version) {
        let mut lua = waiting(version);
        for source in ["return dofile()", "return dofile('/dev/stdin')", "return loadfile()()", "return assert(loadfile('./dev/stdin', 't'))()"] {
            let run = feed(&mut lua, source, &[b"#!lua\nret", b"urn ", b"'a chunk'"]);
            assert_eq!(run.text(), "a chunk", "{source}");
        }
        lua.write_file("chunk.lua", b"return 'a file'");
        lua.write_input(b"unread");
        assert_eq!(lua.eval("return dofile('chunk.lua')"), "a file");
    }

    fn a_searcher_wants_all_input(version: Version) {
        let mut lua = waiting(version);
        lua.write_input(b"return 'a mod");
        lua.eval("package.path = '/dev/?'");
        let run = lua.run("return (require('stdin'))");
        assert!(run.status() == status::ERRRUN && run.text().contains("before its end is there"), "{}", run.text());
        lua.write_input(b"ule'");
        lua.write_input(b"");
        assert_eq!(lua.eval("return (require('stdin'))"), "a module");
    }

    fn debug_debug_wants_all_input(version: Version) {
        let mut lua = waiting(version);
        lua.set(option::LIBRARIES, 8191.0);
        lua.write_input(b"answer = 4");
        let run = lua.run("debug.debug()");
        assert!(run.status() == status::ERRRUN && run.text().contains("before its end is there"), "{}", run.text());
        lua.write_input(b"2\ncont\nrest");
        lua.write_input(b"");
        assert_eq!(lua.eval("debug.debug() return answer, io.read('a')"), "42\trest");
    }

    fn pauses_change_neither_what_is_read_nor_the_fuel(version: Version) {
        let read = |slice: f64| {
            let mut lua = waiting(version);
            lua.set(option::SLICE, slice);
            lua.write_input(&b"12 a line\n0x10\n\n".repeat(4));
            lua.write_input(b"");
            let mut run = lua.run(reader("'n', 'l', 3"));
            let mut pauses = 0;
            while run.status() == status::PAUSED {
                let task = lua.task();
                run = lua.resume(task, b"");
                pauses += 1;
            }
            (run.text(), lua.get(option::FUEL_USED), pauses)
        };
        let undisturbed = read(0.0);
        assert_eq!(undisturbed.2, 0);
        for slice in [1.0, 2.0, 3.0, 7.0, 24.0] {
            let paused = read(slice);
            assert_eq!((&paused.0, paused.1), (&undisturbed.0, undisturbed.1), "slices of {slice}");
            assert!(paused.2 > 3);
        }
    }

    fn a_finalizer_may_read_meanwhile(version: Version) {
        let mut lua = waiting(version);
        for number in 0..50 {
            lua.write_input(format!("{number}\n{}\n", "x".repeat(3000)).as_bytes());
        }
        lua.write_input(b"");
        let source = "local total, mt = 0, {} mt.__gc = function() local l = io.read(7) total = total + #(l or '') setmetatable({}, mt) end \
                      setmetatable({}, mt) pcall(collectgarbage, 'setpause', 1) pcall(collectgarbage, 'param', 'pause', 1) \
                      for l in io.lines() do total = total + #l + 1 end mt.__gc = nil return total >= 150000 and total <= 153000";
        assert_eq!(lua.eval(source), "true");
    }
}
