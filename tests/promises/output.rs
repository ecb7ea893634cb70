//! The output: pieces of OUTPUT bytes where the task can be suspended, and beyond it where it cannot.

use moonlet_tests::{Lua, Run, Version, option, status};

/// Drains and resumes until the task ends: the last answer, and the pieces.
fn drain(lua: &mut Lua, source: &str) -> (Run, Vec<Vec<u8>>) {
    let mut run = lua.run(source);
    let mut pieces = vec![run.output.clone()];
    while run.status() == status::OUTPUT {
        let task = lua.task();
        run = lua.resume(task, b"");
        pieces.push(run.output.clone());
    }
    (run, pieces)
}

/// Each writes 20 lines of 10 bytes where nothing can be suspended, and one more afterwards.
#[rustfmt::skip]
const OUT_OF_REACH: &[(&str, &str)] = &[
    ("a message handler", "xpcall(error, function() lines() end)"),
    ("a message handler of the host's choice", "xpcall(function() local x = nil + 1 end, function(e) lines() return e end)"),
    ("a finalizer", "setmetatable({}, {__gc = function() lines() end}) collectgarbage()"),
    ("a hook", "debug.sethook(function() debug.sethook() lines() end, 'l')\nlocal a = 1"),
    ("__tostring", "tostring(setmetatable({}, {__tostring = function() lines() return '' end}))"),
    ("table.concat", "table.concat(setmetatable({}, {__len = function() return 1 end, __index = function() lines() return '' end}))"),
    ("a reader", "local once load(function() if not once then once = true lines() return '' end end)"),
    ("a coroutine within", "tostring(setmetatable({}, {__tostring = function() coroutine.wrap(lines)() return '' end}))"),
    ("standard output of the io library", "tostring(setmetatable({}, {__tostring = function() for i = 1, 20 do io.write('123456789\\n') end return '' end}))"),
    ("standard error", "tostring(setmetatable({}, {__tostring = function() for i = 1, 20 do io.stderr:write('123456789\\n') end return '' end}))"),
];

for_each_version! {
    fn where_nothing_can_be_suspended_output_goes_on_and_the_task_waits_afterwards(version: Version) {
        let lines = "123456789\n".repeat(20);
        for (name, source) in OUT_OF_REACH {
            for limit in [1.0, 10.0, 105.0, 199.0, 200.0] {
                let mut lua = Lua::new(version);
                lua.eval("function lines() for i = 1, 20 do print('123456789') end end return 1");
                lua.set(option::OUTPUT, limit);
                let (run, pieces) = drain(&mut lua, &format!("{source}\nprint('after') return 'done'"));
                assert_eq!((run.status(), run.text().as_str()), (status::OK, "done"), "{name} {limit}");
                let written = String::from_utf8(pieces.concat()).expect("text");
                assert_eq!(written, format!("{lines}after\n"), "{name} {limit}");
                assert!(pieces[0].len() <= lines.len() && pieces.len() > 1, "{name} {limit}: waits before the next line");
                assert!(limit >= 200.0 || pieces[0].len() == lines.len(), "{name} {limit}: all of it at once");
            }
        }
    }

    fn warnings_go_beyond_the_mark_too(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::OUTPUT, 10.0);
        let (run, pieces) = drain(&mut lua, "warn('@on') warn('a', ' warning') print('after') return 'done'");
        assert_eq!(run.text(), "done");
        assert_eq!(String::from_utf8_lossy(&pieces.concat()), "Lua warning: a warning\nafter\n");
        assert_eq!(pieces[0].len(), 23, "the task waits after the warning");
    }

    fn what_ran_before_delays_no_suspension(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::OUTPUT, 1.0);
        // Protected calls leave their mark in the records of calls.
        for depth in 0..6 {
            let calls = format!("local function down(n) if n > 0 then down(n - 1) else pcall(error) pcall(pcall, error) end return n end down({depth})");
            assert_eq!(lua.run(calls).answer, 0);
            let (run, pieces) = drain(&mut lua, "tostring(setmetatable({}, {__tostring = function() io.write('past\\n') return '' end}))");
            assert_eq!((run.answer, pieces.len()), (0, 2), "after {depth} calls");
        }
    }

    fn warnings_wait_for_the_host_too(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::OUTPUT, 500.0);
        let (run, pieces) = drain(&mut lua, "warn('@on') for i = 1, 100 do warn(('x'):rep(100)) end return 'done'");
        assert_eq!(run.text(), "done");
        assert_eq!(pieces.concat().len(), 11_400);
        assert!(pieces.iter().all(|piece| piece.len() <= 700), "{:?}", pieces.iter().map(Vec::len).collect::<Vec<_>>());
    }

    fn what_the_task_writes_last_needs_no_wait(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::OUTPUT, 10.0);
        let source = "return setmetatable({}, {__tostring = function() print(('x'):rep(100)) return 'shown' end})";
        let run = lua.run(source);
        assert_eq!((run.status(), run.text().as_str(), run.output.len()), (status::OK, "shown", 101));
        lua.assert_usable();
    }

    fn memory_bounds_output_beyond_the_mark(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::OUTPUT, 1000.0);
        lua.set(option::MEMORY, 1e6);
        let run = lua.run("local s = ('x'):rep(1000) return select(2, xpcall(error, function() while true do print(s) end end))");
        assert!(run.output.len() > 100_000 && run.output.len() < 1_000_000, "{}", run.output.len());
        lua.set(option::MEMORY, 0.0);
        let message = "local s, message = ('x'):rep(1000) tostring(setmetatable({}, {__tostring = function() message = select(2, pcall(function() \
             while true do io.write(s) end end)) return '' end})) return message";
        lua.set(option::MEMORY, 1e6);
        lua.run("collectgarbage()");
        let (run, _) = drain(&mut lua, message);
        assert!(run.text().ends_with("not enough memory for the output"), "{}", run.text());
        lua.set(option::MEMORY, 0.0);
        lua.assert_usable();
    }

    fn an_output_that_is_full_by_chance_fails_no_callback(version: Version) {
        for lines in [2519, 2520, 2521] {
            let mut lua = Lua::new(version);
            lua.set(option::OUTPUT, 65536.0);
            let line = "a line of some twenty-odd";
            let (run, pieces) = drain(&mut lua, &format!(
                "for i = 1, {lines} do print('{line}') end \
                 local s = ('abc'):gsub('.', function(c) print(c) return c:upper() end) return s"));
            assert_eq!(run.text(), "ABC", "after {lines} lines");
            assert_eq!(pieces.concat().len(), lines * (line.len() + 1) + 6);
        }
    }

    fn no_piece_ends_within_a_character(version: Version) {
        let text = "aé€𝄞z€é𝄞𝄞é€a".repeat(9);
        for limit in 1..=40 {
            let mut lua = Lua::new(version);
            lua.set(option::OUTPUT, f64::from(limit));
            for write in [format!("print('{text}', '{text}')"), format!("io.write('{text}', '\\t', '{text}', '\\n')")] {
                let (run, pieces) = drain(&mut lua, &write);
                assert!(run.answer >= 0, "{}", run.text());
                assert_eq!(String::from_utf8_lossy(&pieces.concat()), format!("{text}\t{text}\n"));
                for piece in &pieces {
                    assert!(piece.len() <= limit as usize);
                    assert!(limit < 4 || std::str::from_utf8(piece).is_ok(), "{limit}: {piece:x?}");
                }
            }
            // Bytes that are no text are cut anywhere.
            let (run, pieces) = drain(&mut lua, "io.write(('\\x80'):rep(50), ('\\xff'):rep(50), ('\\xc3'):rep(50))");
            assert!(run.answer >= 0);
            assert_eq!(pieces.concat(), [[0x80; 50], [0xff; 50], [0xc3; 50]].concat());
        }
    }
}
