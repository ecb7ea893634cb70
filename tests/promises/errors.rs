//! Every error ends in its status and message, and the instance goes on.

#[path = "errors/handlers.rs"]
mod handlers;
#[path = "errors/told.rs"]
mod told;

use moonlet_tests::{Lua, Version, option, status};

/// Runs `source`, which must end with `status` and a message that holds `message`; the instance stays usable.
fn fails(lua: &mut Lua, source: impl AsRef<[u8]>, status: i32, message: &str) {
    let run = lua.run(source.as_ref());
    let shown = String::from_utf8_lossy(source.as_ref()).chars().take(200).collect::<String>();
    assert_eq!(run.answer, -status, "{shown}: {}", run.text());
    assert!(run.text().contains(message), "{shown}: {}", run.text());
    lua.assert_usable();
}

for_each_version! {
    fn syntax_errors_have_status_3(version: Version) {
        let mut lua = Lua::new(version);
        fails(&mut lua, "x = = 1", status::ERRSYNTAX, "[string \"x = = 1\"]:1: unexpected symbol near '='");
        fails(&mut lua, "for", status::ERRSYNTAX, "<name> expected near <eof>");
        fails(&mut lua, "return 'abc", status::ERRSYNTAX, "unfinished string");
        fails(&mut lua, "goto nowhere", status::ERRSYNTAX, "nowhere");
        fails(&mut lua, b"\x1bLua", status::ERRSYNTAX, "attempt to load a binary chunk");
        fails(&mut lua, b"return \xff", status::ERRSYNTAX, "unexpected symbol near '<\\255>'");
        fails(&mut lua, b"return \0", status::ERRSYNTAX, "unexpected symbol");
    }

    fn runtime_errors_have_status_2_and_a_traceback(version: Version) {
        let mut lua = Lua::new(version);
        let run = lua.run("local function f(x)\n  return x.y.z\nend\nlocal r = f({})\nreturn r");
        assert_eq!(run.status(), status::ERRRUN);
        let text = run.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "[string \"local function f(x)...\"]:2: attempt to index a nil value (field 'y')");
        assert_eq!(lines[1], "stack traceback:");
        assert!(lines[2].ends_with(":2: in local 'f'") || lines[2].ends_with(":2: in function 'f'"), "{text}");
        assert!(lines[3].ends_with(":4: in main chunk"), "{text}");
        fails(&mut lua, "return 1 + {}", status::ERRRUN, "attempt to perform arithmetic on a table value");
        fails(&mut lua, "return #5", status::ERRRUN, "attempt to get length of a number value");
        fails(&mut lua, "return 1 // 0", status::ERRRUN, "attempt to divide by zero");
        fails(&mut lua, "error('boom', 0)", status::ERRRUN, "boom\nstack traceback:");
    }

    fn errors_that_are_no_strings_are_told_apart(version: Version) {
        let mut lua = Lua::new(version);
        fails(&mut lua, "error({})", status::ERRRUN, "(error object is a table value)");
        fails(&mut lua, "error(print)", status::ERRRUN, "(error object is a function value)");
        fails(&mut lua, "error(setmetatable({}, {__tostring = function() return 'custom' end}))",
              status::ERRRUN, "custom\nstack traceback:");
        fails(&mut lua, "error(setmetatable({}, {__tostring = function() return {} end}))",
              status::ERRRUN, "(error object is a table value)");
        fails(&mut lua, "error(42)", status::ERRRUN, "42");
        fails(&mut lua, "error(true)", status::ERRRUN, "(error object is a boolean value)");
        // 5.5 makes a string of it.
        let nil = match version {
            Version::Lua54 => "(error object is a nil value)",
            Version::Lua55 => "<no error object>",
        };
        fails(&mut lua, "error(nil)", status::ERRRUN, nil);
        fails(&mut lua, b"error('a\\0b\\xff', 0)", status::ERRRUN, "a\0b\u{fffd}");
    }

    fn errors_in_error_handlers_end(version: Version) {
        let mut lua = Lua::new(version);
        let nested = "return select('#', xpcall(error, function(e) error(e) end, 'x'))";
        assert_eq!(lua.eval(nested), "2");
        fails(&mut lua, "error(setmetatable({}, {__tostring = function() error('again') end}))",
              status::ERRRUN, "again");
        let endless = "local mt = {} mt.__tostring = function(e) error(e) end error(setmetatable({}, mt))";
        fails(&mut lua, endless, status::ERRRUN, "(error object is a table value)\nstack traceback:");
        let looping = "local function h(e) return h(e) .. 'x' end return xpcall(error, h, 'x')";
        assert!(lua.eval(looping).starts_with("false\t"));
        lua.assert_usable();
    }

    fn a_bad_tostring_is_an_error_of_the_run(version: Version) {
        let mut lua = Lua::new(version);
        fails(&mut lua, "return setmetatable({}, {__tostring = function() return {} end})",
              status::ERRRUN, "'__tostring' must return a string");
        fails(&mut lua, "return setmetatable({}, {__tostring = function() error('no text') end})",
              status::ERRRUN, "no text");
    }

    fn os_exit_ends_the_run_whatever_protects_it(version: Version) {
        let mut lua = Lua::new(version);
        for (source, code) in [
            ("os.exit(3)", 3.0),
            ("os.exit()", 0.0),
            ("os.exit(true)", 0.0),
            ("os.exit(false)", 1.0),
            ("os.exit(7, true)", 7.0),
            ("pcall(os.exit, 4) return 'went on'", 4.0),
            ("xpcall(os.exit, function() return 'handled' end, 5) return 'went on'", 5.0),
            ("local co = coroutine.wrap(function() os.exit(6) end) pcall(co) return 'went on'", 6.0),
            ("local t <close> = setmetatable({}, {__close = function() while true do end end}) os.exit(8)", 8.0),
            ("table.sort({3, 2, 1}, function() os.exit(9) end)", 9.0),
            ("string.gsub('abc', '.', function() os.exit(10) end)", 10.0),
            ("collectgarbage('stop') setmetatable({}, {__gc = function() os.exit(1) end}) os.exit(11)", 11.0),
            ("while true do pcall(function() while true do pcall(os.exit, 12) end end) end", 12.0),
            ("return setmetatable({}, {__tostring = function() os.exit(13) end})", 13.0),
            ("error(setmetatable({}, {__tostring = function() os.exit(14) end}))", 14.0),
        ] {
            let run = lua.run(source);
            assert_eq!(run.answer, -status::EXIT, "{source}: {}", run.text());
            assert_eq!(lua.get(option::EXIT_CODE), code, "{source}");
            lua.assert_usable();
        }
    }

    fn a_coroutine_that_closes_itself_leaves_every_protected_call_in_it(version: Version) {
        let mut lua = Lua::new(version);
        let source = "
            local log = {}
            local function close() coroutine.close(coroutine.running()) log[#log + 1] = 'close came back' end
            local co = coroutine.create(function()
              local x <close> = setmetatable({}, {__close = function() log[#log + 1] = 'closed' end})
              pcall(function()
                table.sort({3, 2, 1}, function() return xpcall(close, function() log[#log + 1] = 'handled' end) end)
              end)
              log[#log + 1] = 'went on'
            end)
            local ended = coroutine.resume(co)
            return ended, coroutine.status(co), table.concat(log, ', ')";
        match version {
            // There no coroutine can close itself.
            Version::Lua54 => assert!(lua.eval(source).starts_with("true\tdead\thandled, ")),
            Version::Lua55 => assert_eq!(lua.eval(source), "true\tdead\tclosed"),
        }
        lua.assert_usable();
        assert_eq!(lua.eval("return pcall(error, 'caught', 0)"), "false\tcaught");
    }

    fn the_state_is_kept_across_errors(version: Version) {
        let mut lua = Lua::new(version);
        lua.run("x = 1 t = {1, 2, 3}");
        for source in ["error('e')", "x = = 1", "os.exit(1)", "string.rep('x', 1 << 40)"] {
            assert!(lua.run(source).answer < 0);
            assert_eq!(lua.eval("return x, #t"), "1\t3");
        }
    }
}
