//! What the host is told of an error, and that scripts see their own errors only.

use moonlet_tests::{Lua, Run, Version, option, status};
use rmpv::Value;

/// An instance whose results are MessagePack.
fn packing(version: Version) -> Lua {
    let mut lua = Lua::new(version);
    assert_eq!(lua.set(option::FORMAT, 1.0), status::OK);
    lua
}

/// A field of the map that an error is in FORMAT 1.
fn field(run: &Run, key: &str) -> Option<Value> {
    let mut rest = run.result.as_slice();
    let map = rmpv::decode::read_value(&mut rest).expect("MessagePack");
    assert!(rest.is_empty(), "bytes after the value");
    let map = map.as_map().unwrap_or_else(|| panic!("no map: {map}")).clone();
    let keys: Vec<_> = map.iter().map(|(name, _)| name.as_str().expect("a name").to_string()).collect();
    let names = ["message", "chunk", "line", "traceback", "value"];
    assert!(keys.iter().all(|key| names.contains(&key.as_str())), "{keys:?}");
    map.into_iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
}

fn text(run: &Run, key: &str) -> String {
    let value = field(run, key).unwrap_or_else(|| panic!("{key} is missing: {}", run.text()));
    value.as_str().unwrap_or_else(|| panic!("{key} is {value}")).to_string()
}

/// Lines of a traceback.
fn levels(traceback: &str) -> Vec<&str> {
    let mut lines = traceback.lines();
    assert_eq!(lines.next(), Some("stack traceback:"), "{traceback}");
    lines.collect()
}

/// What scripts do with errors, each returning whether all is as it should be.
#[rustfmt::skip]
const SEEN: &[&str] = &[
    "local f, e = load(function() error(E) end) return f == nil and e == E",
    "local f, e = load(function() error('boom', 0) end) return e == 'boom'",
    "local f, e = load(function() error() end) return e == nil or e == '<no error object>'",
    "local n = 0 local f, e = load(function() n = n + 1 if n > 1 then error(E) end return 'return ' end) return e == E",
    "local f, e = load('x = = 1') return e == '[string \"x = = 1\"]:1: unexpected symbol near \\'=\\''",
    "local f, e = load(('('):rep(300) .. '1') return type(e) == 'string' and not e:find('traceback')",
    "local f, e = load(function() local g, e = load(function() error(E) end) error({e}) end) return e[1] == E",
    "local f, e = load(function() return {} end) return e:find('reader function must return a string') and not e:find('traceback')",
    "local f, e = load('return 1', 'n', 'b') return e:find('attempt to load a text chunk') == 1",
    "local f, e = loadfile('nowhere.lua') return e:find('cannot open') == 1 and not e:find('traceback')",
    "local ok, e = pcall(error, E) return e == E",
    "local ok, e = pcall(load, function() error(E) end) return ok and e == nil",
    "local ok, e = xpcall(error, function(e) return e end, E) return e == E",
    "local ok, e = xpcall(function() return select(2, load(function() error(E) end)) end, type) return e == 'table' or e == nil",
    "local co = coroutine.create(error) local ok, e = coroutine.resume(co, E) return e == E",
    "local ok, e = pcall(coroutine.wrap(function() error(E) end)) return e == E",
    "local ok, e = pcall(coroutine.wrap(function() return select(2, load(function() error(E) end)) end)) return e == E",
    "local seen do local ok, e = pcall(function() local x <close> = setmetatable({}, {__close = function(_, e) seen = e end}) error(E) end) end return seen == E",
    "local seen local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() error(E) end}) coroutine.yield() end) \
      coroutine.resume(co) local ok, e = coroutine.close(co) return ok == false and e == E",
    "package.preload.m = function() error(E) end local ok, e = pcall(require, 'm') return e == E",
    "package.preload.m = function() local f, e = load(function() error(E) end) return {e} end local m = require('m') package.loaded.m = nil return m[1] == E",
    "return select(2, pcall(string.gsub, 'a', 'a', function() error(E) end)) == E",
    "return select(2, pcall(table.sort, {2, 1}, function() error(E) end)) == E",
];

/// Scripts that end in an error of status 2: the message, and whether there is a value.
#[rustfmt::skip]
const MESSAGES: &[(&str, &str, Option<bool>)] = &[
    ("error('text', 0)", "text", None),
    ("error('text')", ":1: text", None),
    ("local x = {} return x.a.b", "attempt to index a nil value (field 'a')", None),
    ("error(42)", "42", Some(true)),
    ("error(2.5)", "2.5", Some(true)),
    ("error(true)", "(error object is a boolean value)", Some(true)),
    ("error({1, 2})", "(error object is a table value)", Some(true)),
    ("error(print)", "(error object is a function value)", Some(true)),
    ("error(setmetatable({code = 7}, {__tostring = function(e) return 'human text ' .. e.code end}))", "human text 7", Some(true)),
    ("error(setmetatable({}, {__tostring = function() return {} end}))", "(error object is a table value)", Some(true)),
    ("error(setmetatable({}, {__tostring = function() error('worse', 0) end}))", "(error object is a table value whose __tostring failed: worse)", Some(true)),
    ("error(setmetatable({}, {__tostring = function(e) error(e) end}))", "(error object is a table value)", Some(true)),
    ("error(setmetatable({}, {__tostring = function() return ('x'):rep(1 << 40) end}))", "whose __tostring failed: ", Some(true)),
    ("local t = {} for i = 1, 200 do t = {t} end error(t)", "(error object is a table value)", Some(false)),
    ("local t = {} t.t = t error(t)", "(error object is a table value)", Some(false)),
    ("local t = setmetatable({}, {__tostring = function() return 'a cycle' end}) t.t = t error(t)", "a cycle", Some(false)),
    ("error({('x'):rep(100000)})", "(error object is a table value)", Some(false)),
    ("coroutine.wrap(function() error({9}) end)()", "(error object is a table value)", Some(true)),
    ("local x <close> = setmetatable({}, {__close = function() error('closing', 0) end}) error('first', 0)", "closing", None),
    ("local x <close> = setmetatable({}, {__close = function() pcall(error, 'other') load(function() error('more') end) end}) error('first', 0)", "first", None),
];

for_each_version! {
    fn an_error_that_load_catches_is_not_the_hosts(version: Version) {
        for format in [0.0, 1.0] {
            let mut lua = Lua::new(version);
            assert_eq!(lua.set(option::FORMAT, format), status::OK);
            let right: &[u8] = if format == 0.0 { b"true" } else { b"\x91\xc3" };
            for body in SEEN {
                for source in [
                    format!("local E = {{}} {body}"),
                    format!("local E = setmetatable({{}}, {{__tostring = function() seen = true return 'text' end}}) {body}"),
                    format!("local E = {{}} return coroutine.wrap(function() {body} end)()"),
                    format!("local E = {{}} return select(2, pcall(function() {body} end))"),
                    format!("local E = {{}} local r setmetatable({{}}, {{__gc = function() r = (function() {body} end)() end}}) collectgarbage() return r"),
                    format!("local E = {{}} local r do local x <close> = setmetatable({{}}, {{__close = function() r = (function() {body} end)() end}}) end return r"),
                ] {
                    let run = lua.run(&source);
                    assert_eq!(run.result, right, "{format} {source}: {}", run.text());
                }
            }
            assert_eq!(lua.run("return seen == nil").result, right, "no __tostring of a caught error is called");
        }
    }

    fn an_error_always_has_a_message(version: Version) {
        let mut lua = packing(version);
        assert_eq!(lua.set(option::RESULT, 50_000.0), status::OK);
        for (source, message, has_value) in MESSAGES {
            let run = lua.run(source);
            assert_eq!(run.status(), status::ERRRUN, "{source}: {}", run.text());
            assert!(text(&run, "message").ends_with(message) || text(&run, "message").contains("whose") && text(&run, "message").contains(message), "{source}: {}", run.text());
            assert!(levels(&text(&run, "traceback")).len() >= 2, "{source}: {}", run.text());
            assert_eq!(field(&run, "line"), Some(1.into()), "{source}");
            assert!(text(&run, "chunk").starts_with("[string \""), "{source}");
            assert_eq!(field(&run, "value").is_some(), has_value == &Some(true), "{source}: {}", run.text());
        }
        let run = lua.run("error(setmetatable({code = 7}, {__tostring = function(e) return 'text' end}))");
        assert_eq!(field(&run, "value"), Some(Value::Map(vec![("code".into(), 7.into())])));
        // 5.5 makes a string of it for the script, too.
        let run = lua.run("error(nil)");
        match version {
            Version::Lua54 => assert_eq!((text(&run, "message").as_str(), field(&run, "value")), ("(error object is a nil value)", Some(Value::Nil))),
            Version::Lua55 => assert_eq!((text(&run, "message").as_str(), field(&run, "value")), ("<no error object>", None)),
        }
        assert!(text(&run, "traceback").contains("main chunk"));
        assert_eq!(lua.run("return 2+2").result, [0x91, 4]);
    }

    fn functions_in_an_error_are_handles_or_none(version: Version) {
        let mut lua = packing(version);
        let run = lua.run("error({print, print})");
        assert!(matches!(field(&run, "value"), Some(Value::Array(values)) if matches!(&values[..], [Value::Ext(1, a), Value::Ext(1, b)] if a == b)));
        assert_eq!(lua.get(option::HANDLES), 1.0);
        // What is left out leaves none.
        let run = lua.run("local t = {function() end} for i = 1, 200 do t = {t, function() end} end error(t)");
        assert_eq!(field(&run, "value"), None);
        assert_eq!(lua.get(option::HANDLES), 1.0);
    }

    fn syntax_errors_say_where(version: Version) {
        let mut lua = packing(version);
        for (source, chunk, line) in [
            ("x = = 1", "[string \"x = = 1\"]", 1),
            ("local a\nlocal b\nfor", "[string \"local a...\"]", 3),
            ("return 'abc", "[string \"return 'abc\"]", 1),
            ("goto nowhere", "[string \"goto nowhere\"]", 1),
        ] {
            let run = lua.run(source);
            assert_eq!(run.status(), status::ERRSYNTAX);
            assert!(text(&run, "message").starts_with(&format!("{chunk}:{line}: ")), "{}", run.text());
            assert_eq!((text(&run, "chunk").as_str(), field(&run, "line")), (chunk, Some(line.into())));
            assert_eq!(field(&run, "value"), None);
        }
    }

    fn tracebacks_are_those_of_lua(version: Version) {
        let scripts = [
            "error('x', 0)",
            "local function f() error('x', 0) end local function g() f() return 1 end g()",
            "function global() error('x', 0) end local t = {method = function(self) global() return 1 end} t:method()",
            "local function tail() error('x', 0) end local function f() return tail() end f()",
            "table.sort({3, 2, 1}, function() error('x', 0) end)",
            "string.gsub('abc', '.', function() error('x', 0) end)",
            "local t = setmetatable({}, {__index = function() error('x', 0) end}) local y = t.z",
            "local t = setmetatable({}, {__add = function() error('x', 0) end}) local y = t + 1",
            "for i in function() error('x', 0) end do end",
            "local function deep(n) if n == 0 then error('x', 0) end deep(n - 1) return 1 end deep(19)",
            "local function deep(n) if n == 0 then error('x', 0) end deep(n - 1) return 1 end deep(20)",
            "local function deep(n) if n == 0 then error('x', 0) end deep(n - 1) return 1 end deep(5000)",
            "coroutine.wrap(function() error('x', 0) end)()",
            "package.loaded.module = {named = function() error('x', 0) end} local f = package.loaded.module.named f()",
            "package.loaded['a.b'] = setmetatable({}, {__call = function() error('x', 0) end}) package.loaded['a.b']()",
            "load('\\n\\nerror(\"x\", 0)', '@a_file_with_a_name_that_is_far_too_long_to_be_shown_in_whole.lua')()",
            "local x <close> = setmetatable({}, {__close = function() error('x', 0) end})",
            "require('no.such.module')",
            "string.rep()",
            "local function f(...) return select('#', ...) + nil end f(1, 2)",
        ];
        for script in scripts {
            let run = Lua::new(version).run(script);
            assert_eq!(run.status(), status::ERRRUN, "{script}");
            let ours = run.text();
            let ours = &ours[ours.find("stack traceback:").expect("a traceback")..];
            // The same by Lua itself, in a handler of its own, whose own level is not among those that it shows.
            let mut lua = Lua::new(version);
            assert_eq!(lua.write_file("script.lua", script.as_bytes()), status::OK);
            let theirs = lua.eval(format!(
                "local file = io.open('script.lua') local f = load(file:read('a'), '{}') file:close() \
                 return select(2, xpcall(f, function() return debug.traceback(nil, 2) end))",
                script.replace('\\', "\\\\").replace('\'', "\\'")
            ));
            let shown = |text: &str| text.lines().filter(|line| !line.contains("skipping")).map(str::to_string).collect::<Vec<_>>();
            let (ours, theirs) = (shown(ours), shown(&theirs));
            // Below the chunk stand other callers.
            let bottom = ours.iter().position(|line| line.contains("main chunk")).unwrap_or(9);
            assert_eq!(ours[..=bottom.min(9)], theirs[..=bottom.min(9)], "{script}");
        }
    }

    fn the_end_of_the_fuel_says_where(version: Version) {
        let source = "local function inner()\n  while true do end\nend\nlocal function outer()\n  inner()\n  return 1\nend\nouter()";
        let mut lua = packing(version);
        assert_eq!(lua.set(option::FUEL, 100_000.0), status::OK);
        for (source, line) in [
            (source.to_string(), 2),
            ("local t = {} \nfor i = 1, 1e9 do t[i] = tostring(i)\n t[i] = nil end".to_string(), 0),
            ("\n\nreturn coroutine.wrap(function()\n while true do end end)()".to_string(), 4),
            ("\n\ntable.sort({1, 2, 3}, function()\n while true do end end)".to_string(), 4),
            ("while true do pcall(function() while true do end end) end".to_string(), 1),
            ("local x <close> = setmetatable({}, {__close = function()\n while true do end end})".to_string(), 2),
            ("setmetatable({}, {__gc = function()\n while true do end end}) collectgarbage()".to_string(), 2),
            ("return setmetatable({}, {__tostring = function()\n while true do end end})".to_string(), 2),
            ("error(setmetatable({}, {__tostring = function()\n while true do end end}))".to_string(), 2),
            ("\nreturn ('x'):rep(5000):find(('x*'):rep(30) .. 'y')".to_string(), 2),
        ] {
            lua.set(option::FORMAT, if source.starts_with("return setm") { 0.0 } else { 1.0 });
            let run = lua.run(&source);
            assert_eq!(run.status(), status::BUDGET, "{source}: {}", run.text());
            if source.starts_with("return setm") {
                assert!(run.text().starts_with("fuel is used up (option FUEL)\nstack traceback:\n\t"), "{}", run.text());
                continue;
            }
            assert_eq!(text(&run, "message"), "fuel is used up (option FUEL)");
            let traceback = text(&run, "traceback");
            assert!((2..=22).contains(&levels(&traceback).len()), "{source}: {traceback}");
            let at = field(&run, "line").and_then(|line| line.as_i64()).expect("a line");
            assert!(at == line || line == 0 && at > 1, "{source}: {at}");
            assert!(traceback.contains(&format!("{}:{at}: in ", text(&run, "chunk"))), "{source}: {traceback}");
        }
        let run = lua.run(source);
        let traceback = text(&run, "traceback");
        for (place, name) in [(2, "inner"), (5, "outer"), (8, "main chunk")] {
            assert!(traceback.lines().any(|line| line.contains(&format!(":{place}: in ")) && line.contains(name)), "{traceback}");
        }
        // Coroutines lead to who resumed them.
        let run = lua.run("local function inner()\n while true do end end\nlocal co = coroutine.create(inner)\ncoroutine.resume(co)");
        let traceback = text(&run, "traceback");
        assert!(traceback.contains(":2: in ") && traceback.contains("'coroutine.resume'") == (version == Version::Lua54) && traceback.contains(":4: in main chunk"), "{traceback}");
        lua.set(option::FORMAT, 0.0);
        let run = lua.run(source);
        assert!(run.text().starts_with("fuel is used up (option FUEL)\nstack traceback:\n\t[string \"local function inner()...\"]:2: in "), "{}", run.text());
        // Where no script ran there is no place.
        assert_eq!(lua.set(option::FUEL, 10.0), status::OK);
        let run = lua.run(format!("return {}", "1 + ".repeat(5000) + "1"));
        assert_eq!((run.status(), run.text().as_str()), (status::BUDGET, "fuel is used up (option FUEL)"));
    }

    fn deep_stops_show_the_ends_of_the_stack(version: Version) {
        let mut lua = packing(version);
        assert_eq!(lua.set(option::FUEL, 100_000.0), status::OK);
        let run = lua.run("local function f(n) if n == 0 then while true do end end f(n - 1) return 1 end\nf(1000)");
        let traceback = text(&run, "traceback");
        assert!(traceback.contains("\n\t...\t(skipping ") && traceback.contains(":2: in main chunk"), "{traceback}");
        assert!(levels(&traceback).len() <= 22, "{traceback}");
        // Names as long as can be are cut, and so is the whole, at a line's end.
        let name = "n".repeat(5000);
        let source = format!("local {name} = load([[local f = ... while true do f(f) end]], '=' .. ('c'):rep(5000)) local function go(n, f) if n == 0 then {name}(function() end) end local {name} = go {name}(n - 1, f) return 1 end go(50)");
        let run = lua.run(source);
        let traceback = text(&run, "traceback");
        assert_eq!(run.status(), status::BUDGET);
        assert!(traceback.len() < 2304 && traceback.contains("nnn...'\n") && traceback.ends_with("'\n\t..."), "{traceback}");
    }

    fn the_end_of_memory_says_where(version: Version) {
        for format in [1.0, 0.0] {
            let mut lua = Lua::new(version);
            assert_eq!(lua.set(option::MEMORY, 1e6), status::OK);
            assert_eq!(lua.set(option::FORMAT, format), status::OK);
            for (source, line) in [
                ("local function grow(t)\n  t[#t + 1] = ('x'):rep(1000 + #t)\nend\nlocal t = {}\nwhile true do\n  grow(t)\nend", 2),
                ("local t = {}\nwhile true do\n t[#t + 1] = {} end", 3),
                ("\nreturn ('x'):rep(1 << 24)", 2),
                ("\nreturn coroutine.wrap(function()\n return ('x'):rep(1 << 24) end)()", 3),
                ("\nlocal co = coroutine.create(function()\n local t = {} while true do t = {t, t} end end)\nlocal ok, e = coroutine.resume(co)\nerror(e, 0)", 5),
                ("pcall(string.rep, 'x', 1 << 24)\nlocal t = {}\nlocal x <close> = setmetatable({}, {__close = function()\n pcall(error) end})\nt[1] = ('y'):rep(1 << 24)", 5),
                ("\nlocal t = setmetatable({}, {__index = function()\n return ('x'):rep(1 << 24) end})\nreturn t.x", 3),
            ] {
                let run = lua.run(source);
                assert_eq!(run.status(), status::ERRMEM, "{source}: {}", run.text());
                if format == 0.0 {
                    let text = run.text();
                    assert!(text.starts_with("not enough memory\nstack traceback:\n\t"), "{text}");
                    assert!(text.contains(&format!("]:{line}: in ")), "{text}");
                } else {
                    assert_eq!(text(&run, "message"), "not enough memory");
                    assert_eq!(field(&run, "line"), Some(line.into()), "{source}: {}", run.text());
                    assert!(text(&run, "chunk").starts_with("[string \""), "{source}");
                    assert!(levels(&text(&run, "traceback")).len() >= 2);
                }
            }
            // The host's own steps have no place.
            let run = lua.run(format!("return '{}'", "x".repeat(900_000)));
            assert_eq!(run.status(), status::ERRMEM);
            assert!(!run.text().contains("traceback"), "{}", run.text());
        }
    }

    fn where_an_error_happened_outlasts_a_suspension(version: Version) {
        let mut lua = packing(version);
        let closing = "local x <close> = setmetatable({}, {__close = function() host.call('close') end})\n";
        let run = lua.run(format!("{closing}error('mine', 0)"));
        assert_eq!(run.status(), status::YIELD);
        let mine = lua.task();
        let other = lua.run(format!("{closing}\n\nlocal x = nil + 1"));
        assert_eq!(other.status(), status::YIELD);
        let others = lua.task();
        // Errors of other tasks come and go.
        assert_eq!(field(&lua.run("\n\n\n\n\nerror('third')"), "line"), Some(6.into()));
        assert_eq!(lua.set(option::FUEL, 1000.0), status::OK);
        assert_eq!(lua.run("while true do end").status(), status::BUDGET);
        assert_eq!(lua.set(option::FUEL, 0.0), status::OK);
        let memory = lua.snapshot();
        let mut lua = Lua::new(version);
        lua.restore(&memory);
        let run = lua.resume(mine, &[]);
        assert_eq!((run.status(), text(&run, "message").as_str(), field(&run, "line")), (status::ERRRUN, "mine", Some(2.into())));
        assert!(text(&run, "traceback").contains(":2: in main chunk"));
        let run = lua.resume(others, &[]);
        assert_eq!((run.status(), field(&run, "line")), (status::ERRRUN, Some(4.into())));
    }

    fn the_error_of_a_handler_that_cancel_runs_is_told_as_it_is(version: Version) {
        let mut lua = packing(version);
        for (body, message, value) in [
            ("error('closing', 0)", "closing", None),
            ("error({message = 5, traceback = 6})", "(error object is a table value)", Some(2)),
            ("error(setmetatable({}, {__tostring = function() return 'text' end}))", "text", Some(0)),
        ] {
            for source in [
                format!("local x <close> = setmetatable({{}}, {{__close = function() {body} end}}) host.call('wait')"),
                format!("coroutine.wrap(function() local x <close> = setmetatable({{}}, {{__close = function() {body} end}}) host.call('wait') end)()"),
            ] {
                assert_eq!(lua.run(&source).status(), status::YIELD);
                let task = lua.task();
                assert_eq!(lua.cancel(task), status::ERRRUN, "{source}");
                let result = lua.result();
                let run = Run { answer: -status::ERRRUN, result, output: Vec::new() };
                assert_eq!(text(&run, "message"), message, "{source}");
                let len = field(&run, "value").map(|value| value.as_map().map_or(0, Vec::len));
                assert_eq!(len, value, "{source}");
            }
        }
    }
}
