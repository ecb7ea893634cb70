//! Message handlers of scripts that ask for a suspension, which cannot happen there: the first error is not lost.

use moonlet_tests::{Lua, Version, option, status};

/// What calls the host in a message handler, and what the script's error must hold besides the first one.
#[rustfmt::skip]
const HANDLERS: &[(&str, &str)] = &[
    ("function(e) host.call('log', e) return e end", "inside a message handler"),
    ("host.call", "inside a message handler"),
    ("host.define('log')", "inside a message handler"),
    ("function(e) return require('helper').log(e) end", "inside a message handler"),
    ("function(e) return tostring(setmetatable({}, {__tostring = function() return host.call('log', e) end})) end", "message handler"),
    ("function(e) return coroutine.wrap(function() return host.call('log', e) end)() end", "message handler"),
    ("function(e) local ok, m = coroutine.resume(coroutine.create(host.call), 'log', e) error(m, 0) end", "message handler"),
    ("function(e) local ok, m = pcall(host.call, 'log', e) return m end", "message handler"),
    ("function(e) local ok, m = xpcall(host.call, debug.traceback, 'log', e) return m end", "message handler"),
    ("function(e) table.sort({3, 2, 1}, function(a, b) return host.call('less', a, b) end) return e end", "message handler"),
    ("function(e) local x <close> = setmetatable({}, {__close = function() host.call('log', e) end}) return 1 end", "message handler"),
];

for_each_version! {
    fn a_handler_that_calls_the_host_loses_no_error(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.write_file("helper.lua", b"return {log = host.define('log')}"), status::OK);
        assert_eq!(lua.eval("require('helper') return 1"), "1");
        for (handler, place) in HANDLERS {
            for inner in ["error('the real error', 0)", "local x = nil + {}", "error(setmetatable({}, {__tostring = function() return 'the real error' end}))"] {
                let expected = if inner.contains("nil + {}") { "attempt to perform arithmetic on a nil value" } else { "the real error" };
                for source in [
                    format!("return xpcall(function() {inner} end, {handler})"),
                    format!("return coroutine.wrap(function() return xpcall(function() {inner} end, {handler}) end)()"),
                    format!("local a, b = xpcall(function() return select(2, xpcall(function() {inner} end, {handler})) end, print) return not a, b"),
                ] {
                    let run = lua.run(&source);
                    assert_eq!(run.status(), status::OK, "{source}: {}", run.text());
                    let text = run.text();
                    assert!(text.starts_with("false\t") && text.contains(expected) && text.contains(place), "{source}: {text}");
                }
            }
        }
        lua.assert_usable();
    }

    fn an_error_in_the_description_of_the_error_ends(version: Version) {
        let mut lua = Lua::new(version);
        let log = "function(e) return host.call('log', e) end";
        for (object, expected) in [
            ("{}", "(error object is a table value)"),
            ("print", "(error object is a function value)"),
            ("setmetatable({}, {__tostring = function() error('worse', 0) end})", "whose __tostring failed: worse"),
            ("setmetatable({}, {__tostring = function(e) error(e) end})", "(error object is a table value)"),
            ("setmetatable({}, {__tostring = function(e) return host.call('text', e) end})", "called for: table"),
        ] {
            let text = lua.eval(format!("return xpcall(error, {log}, {object})"));
            assert!(text.contains(expected) && text.contains("inside a message handler"), "{object}: {text}");
        }
        assert_eq!(lua.get(option::TASKS), 0.0);
    }

    fn other_errors_in_handlers_are_as_in_lua(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.eval("local n = 0 return xpcall(error, function(e) n = n + 1 if n < 3 then error(n, 0) end return e end, 'x')"), "false\t2");
        // One that was refused is over with its call: the next one of the same function is handled again.
        let again = "
            local function handler(e) if e == 'first' then host.call('log') end return 'handled ' .. e end
            local _, first = xpcall(error, handler, 'first')
            local _, second = xpcall(error, handler, 'second')
            return second";
        assert_eq!(lua.eval(again), "handled second");
        // An error thrown out of a handler leaves none of it behind.
        let outside = "
            local co = coroutine.create(function() xpcall(error, function() coroutine.yield() end, 'x') end)
            coroutine.resume(co)
            pcall(xpcall, error, function(e) host.call('log') end, 'y')
            return select(2, pcall(tostring, setmetatable({}, {__tostring = function() host.call('less') end})))";
        let text = lua.eval(outside);
        assert!(text.contains("__tostring") && !text.contains("handler"), "{text}");
    }

    fn a_finalizer_that_is_stopped_is_no_warning(version: Version) {
        for stop in ["while true do end", "os.exit(3)", "local t = {} while true do pcall(function() while true do end end) end"] {
            let mut lua = Lua::new(version);
            assert_eq!(lua.set(option::FUEL, 1e6), status::OK);
            let source = format!("warn('@on') setmetatable({{}}, {{__gc = function() {stop} end}}) collectgarbage()");
            let run = lua.run(&source);
            assert!([status::BUDGET, status::EXIT].contains(&run.status()), "{source}: {}", run.text());
            assert_eq!(run.output_text(), "", "{source}");
            // One that fails by itself still is.
            let run = lua.run("warn('@on') setmetatable({}, {__gc = function() error('failed', 0) end}) collectgarbage()");
            assert_eq!((run.status(), run.output_text().as_str()), (status::OK, "Lua warning: error in __gc (failed)\n"));
        }
    }
}
