//! A suspension happens wherever the script is, or its error names the place; and nothing of it shows in the script.

use moonlet_tests::{Lua, Version, option, status};

use super::{echo, pack, suspended};

/// `body` in a function, called directly and in three coroutines within each other.
fn forms(body: &str) -> [String; 2] {
    let head =
        format!("local h, fail = host.define('echo'), host.define('fail') local function body() {body}\nend");
    [
        format!("{head} return body()"),
        format!(
            "{head} local w = coroutine.wrap \
             return w(function() return w(function() return w(body)() end)() end)()"
        ),
    ]
}

/// Places that a host call passes through, and what each gives.
#[rustfmt::skip]
const PLACES: &[(&str, &str)] = &[
    ("return h(1, 'a', nil)", "1\ta\tnil"),
    ("return select('#', h())", "0"),
    ("return pcall(h, 1)", "true\t1"),
    ("return pcall(fail, 'no')", "false\tno"),
    ("return pcall(function() local a = h(1) error({a + h(2)}) end)", "false\ttable"),
    ("return select(2, pcall(pcall, pcall, fail, 'deep'))", "true\tfalse\tdeep"),
    ("return xpcall(function() return fail('x') end, function(m) return 'handled ' .. m end)", "false\thandled x"),
    ("return xpcall(h, print, 5)", "true\t5"),
    ("return (setmetatable({}, {__index = function(_, k) return h(k) end})).key", "key"),
    ("local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, h(v)) end}) t.a = 4 return t.a", "4"),
    ("return setmetatable({}, {__call = function(_, a) return h(a) end})(6)", "6"),
    ("local m = {} for _, e in ipairs{'add', 'sub', 'mul', 'div', 'mod', 'pow', 'unm', 'idiv', 'band', 'bor', 'bxor', 'shl', 'shr', 'bnot', 'concat', 'len', 'eq', 'lt', 'le'} do \
      m['__' .. e] = function() return h(e) end end local a, b = setmetatable({}, m), setmetatable({}, m) \
      return table.concat({a + b, a - b, a * b, a / b, a % b, a ^ b, -a, a // b, a & b, a | b, a ~ b, a << b, a >> b, ~a, a .. b, #a, tostring(a == b), tostring(a < b), tostring(a <= b), tostring(a ~= b)}, ' ')",
     "add sub mul div mod pow unm idiv band bor bxor shl shr bnot concat len true true true false"),
    ("local a = setmetatable({}, {__concat = function(a, b) return h('c') end}) return 'x' .. a .. 'y' .. 'z'", "xc"),
    ("local a = setmetatable({}, {__lt = function() return h(false) end}) if not (a < 1) then return 'not' end return 'yes'", "not"),
    ("local s = 0 for i in function(_, i) i = (i or 0) + 1 if i <= 3 then return h(i) end end do s = s + i end return s", "6"),
    ("local s = '' for k, v in pairs(setmetatable({}, {__pairs = function(t) h() return next, {10, 20} end})) do s = s .. k .. v .. h(';') end return s", "110;220;"),
    ("local log = {} do local x <close> = setmetatable({}, {__close = function(_, e) log[1] = h('closed') end}) end return log[1]", "closed"),
    ("local log = {} local function f() local x <close> = setmetatable({}, {__close = function() log[#log + 1] = h('x') end}) \
      local y <close> = setmetatable({}, {__close = function() log[#log + 1] = h('y') end}) return h(1), 2, 3 end return table.concat({f()}, ','), table.concat(log)", "1,2,3\tyx"),
    ("local log = {} for i = 1, 3 do local x <close> = setmetatable({}, {__close = function() log[#log + 1] = h(i) end}) if i == 2 then break end end return table.concat(log)", "12"),
    ("local log = {} local ok, m = pcall(function() local x <close> = setmetatable({}, {__close = function(_, e) log[1] = h(e) end}) \
      local y <close> = setmetatable({}, {__close = function(_, e) log[2] = h(e) error('second', 0) end}) error('first', 0) end) return m, log[1], log[2]", "second\tsecond\tfirst"),
    ("local log = '' for i in function(_, i) return not i and 1 or nil end, nil, nil, setmetatable({}, {__close = function() log = h('closed') end}) do end return log", "closed"),
    ("package.preload.m = function(name) return {name = h(name)} end return require('m').name", "m"),
    ("table.insert(package.searchers, 2, function(name) if h(name) == 'found' then return function(...) return h(...) end, 'data' end end) return require('found')", "found\tdata"),
    ("package.preload.outer = function() return h('o') .. require('inner') end package.preload.inner = function() return h('i') end return require('outer')", "oi\t:preload:"),
    ("return dofile('file.lua')", "from a file"),
    ("return load('return host.call(\"echo\", ...)')(7)", "7"),
    ("local co = coroutine.create(function(a) local b = coroutine.yield(h(a)) return h(b) end) \
      local _, a = coroutine.resume(co, 1) local _, b = coroutine.resume(co, 2) return a, b, coroutine.status(co)", "1\t2\tdead"),
    ("local co = coroutine.wrap(function() for i = 1, 3 do h(i) coroutine.yield(i) end end) return co(), co(), co()", "1\t2\t3"),
    ("local co = coroutine.create(function() fail('in') end) return coroutine.resume(co)", "false\tin"),
    ("return pcall(coroutine.wrap(function() fail('wrapped') end))", "false\twrapped"),
    ("return pcall(coroutine.wrap(function() error({fail}) end))", "false\ttable"),
    ("local s = '' for i, v in ipairs(setmetatable({}, {__index = function(_, i) if i <= 3 then return h(i * 10) end end})) do s = s .. i .. '=' .. v .. ' ' end return s", "1=10 2=20 3=30 "),
    ("local deep = setmetatable({}, {__index = setmetatable({7}, {__index = function(t, i) return h(i < 4 and #t + i or nil) end})}) \
      local s = '' for i, v in ipairs(deep) do s = s .. i .. '=' .. v .. ' ' end return s", "1=7 2=3 3=4 "),
    ("local s = '' for i, v in ipairs(setmetatable({}, {__index = setmetatable({}, {__call = error, __index = function(_, i) return h(i < 2 and i or nil) end})})) do s = s .. v end return s", "1"),
    ("getmetatable('').__index = function(s, i) return i == 1 and h(s) or string[i] end local r = '' for i, v in ipairs('xy') do r = r .. v break end \
      getmetatable('').__index = string return r", "xy"),
    ("local t = {5, 3, 9, 1, 7, 2, 8} table.sort(t, function(a, b) return h(a) < h(b) end) return table.concat(t, ' ')", "1 2 3 5 7 8 9"),
    ("local t = {5, 3, 9, 1} table.sort(t, function(a, b) return coroutine.wrap(function() return h(a > b) end)() end) return table.concat(t, ' ')", "9 5 3 1"),
    ("return select(2, pcall(table.sort, {3, 1, 2}, function() fail('in order') end))", "in order"),
    ("local m = {__lt = function(a, b) return h(a.v) < b.v end} local t = {} for i = 1, 9 do t[i] = setmetatable({v = i * 5 % 9}, m) end \
      table.sort(t) local s = '' for i = 1, 9 do s = s .. t[i].v end return s", "012345678"),
    ("return string.gsub('abc', '.', h)", "abc\t3"),
    ("return string.gsub('hello world', '(o)(.?)', function(a, b) return h(b) .. a end)", "hell owrold\t2"),
    ("return string.gsub('abc', '.', function(c) return c ~= 'b' and h(c:upper()) or nil end)", "AbC\t3"),
    ("return string.gsub('abc', '^.', function(c) return h(c .. c) end)", "aabc\t1"),
    ("return (string.gsub(('abc'):rep(100), 'b', function(c) return h('-') end, 3)):sub(1, 12)", "a-ca-ca-cabc"),
    ("return string.gsub('abc', '%w', setmetatable({a = 1}, {__index = function(_, k) return h(k == 'c' and '[c]') end}))", "1b[c]\t3"),
    ("return string.gsub('ab', '.', function(a) return (string.gsub('xy', '.', function(b) return h(a) .. b end)) end)", "axaybxby\t2"),
    ("return select(2, pcall(string.gsub, 'abc', 'b', function() return h({}) end))", "invalid replacement value (a table)"),
    ("return '10' + setmetatable({}, {__add = function(a) return h(a .. '!') end})", "10!"),
    ("return select(2, pcall(function() for i, v in ipairs(setmetatable({}, {__index = function() fail('in __index') end})) do end end))", "in __index"),
];

/// Places where Lua cannot yield, and what the error calls them. Each ends with the error's message.
#[rustfmt::skip]
const REFUSALS: &[(&str, &str)] = &[
    ("return select(2, pcall(table.concat, setmetatable({}, {__index = function() return coroutine.wrap(function() return h('x') end)() end, __len = function() return 1 end})))", "table.concat"),
    ("return select(2, load(function() return h('x') end))", "the reader of load"),
    ("local message load(function() message = select(2, pcall(h)) end) return message", "the reader of load"),
    ("return select(2, pcall(tostring, setmetatable({}, {__tostring = function() return h('x') end})))", "__tostring"),
    ("return select(2, pcall(print, setmetatable({}, {__tostring = function() return h('x') end})))", "__tostring in print"),
    ("return select(2, pcall(string.format, '%s', setmetatable({}, {__tostring = function() return h('x') end})))", "__tostring in string.format"),
    ("return select(2, pcall(table.concat, setmetatable({}, {__index = function() return h('x') end, __len = function() return 1 end})))", "table.concat"),
    ("return select(2, pcall(table.unpack, setmetatable({}, {__index = function() return h(1) end}), 1, 2))", "table.unpack"),
    ("return select(2, pcall(table.insert, setmetatable({}, {__len = function() return h(1) end}), 1))", "table.insert"),
    ("return select(2, pcall(table.insert, setmetatable({}, {__newindex = function() h(1) end}), 1))", "table.insert"),
    ("return select(2, pcall(table.remove, setmetatable({}, {__len = function() return h(1) end})))", "table.remove"),
    ("return select(2, pcall(table.move, setmetatable({}, {__index = function() return h(1) end}), 1, 2, 3))", "table.move"),
    ("return select(2, pcall(table.move, {1}, 1, 1, 1, setmetatable({}, {__newindex = function() return h(1) end})))", "table.move"),
    ("return select(2, pcall(table.sort, setmetatable({}, {__len = function() return 2 end, __index = function() return h(1) end})))", "table.sort"),
    ("return select(2, pcall(os.time, setmetatable({}, {__index = function() return h(1) end})))", "os.time"),
    ("local loaded = package.loaded local old = getmetatable(loaded) setmetatable(loaded, {__index = function(_, k) return h(k) end}) \
      local _, message = pcall(require, 'nothing') setmetatable(loaded, old) return message", "require"),
    ("local preload = package.preload setmetatable(preload, {__index = function(_, k) return h(k) end}) \
      local _, message = pcall(require, 'nothing') setmetatable(preload, nil) return message", "require"),
    ("local message debug.sethook(function() debug.sethook() message = select(2, pcall(h)) end, 'l')\nlocal a = 1\nreturn message", "a hook"),
    ("local message setmetatable({}, {__gc = function() message = select(2, pcall(h)) end}) collectgarbage() return message", "a finalizer"),
    ("local message setmetatable({}, {__gc = function() message = select(2, pcall(table.concat, setmetatable({}, {__len = h}))) end}) collectgarbage() return message", "a finalizer"),
    ("local message local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() message = select(2, pcall(h)) end}) coroutine.yield() end) \
      coroutine.resume(co) coroutine.close(co) return message", "coroutine.close"),
    ("local message local w = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() message = select(2, pcall(h)) end}) error('x') end) \
      pcall(w) return message", "coroutine.wrap"),
    ("return select(2, pcall(math.max, setmetatable({}, {__lt = function() return h(1) end}), 1))", "math.max"),
    ("return select(2, xpcall(error, function() return select(2, pcall(h)) end))", "a message handler"),
    ("return select(2, xpcall(function() local x = nil + 1 end, function() return select(2, pcall(h)) end))", "a message handler"),
    ("return select(2, xpcall(error, function() local m = string.gsub('a', 'a', function() return select(2, pcall(h)) end) return m end))", "a message handler"),
    ("local message tostring(setmetatable({}, {__tostring = function() table.sort({2, 1}, function() message = select(2, pcall(h)) end) return '' end})) return message", "__tostring"),
];

fn instance(version: Version) -> Lua {
    let mut lua = Lua::new(version);
    assert_eq!(lua.write_file("file.lua", b"return host.call('echo', 'from a file')"), status::OK);
    lua
}

for_each_version! {
    fn a_host_call_reaches_the_host_from_everywhere(version: Version) {
        let mut lua = instance(version);
        for (body, expected) in PLACES {
            for source in forms(body) {
                assert_eq!(lua.eval("package.loaded.m, package.loaded.found, package.loaded.outer, package.loaded.inner = nil return 1"), "1");
                let first = lua.run(&source);
                let (run, calls) = echo(&mut lua, first);
                assert!(calls > 0 || body.contains("{fail}"), "{body} called the host");
                let text = run.text();
                let text = text.split(": 0x").next().unwrap_or_default();
                assert_eq!((run.status(), text), (status::OK, *expected), "{source}");
            }
            lua.assert_usable();
        }
        assert_eq!(lua.get(option::TASKS), 0.0);
    }

    fn where_lua_cannot_yield_the_error_names_the_place(version: Version) {
        let mut lua = instance(version);
        for (body, name) in REFUSALS {
            for source in forms(body) {
                let run = lua.run(&source);
                let text = run.text();
                assert_eq!(run.status(), status::OK, "{source}: {text}");
                assert!(text.contains(&format!("attempt to call the host across a C-call boundary (inside {name})")), "{source}: {text}");
                lua.assert_usable();
            }
        }
    }

    fn the_host_s_own_steps_are_named_too(version: Version) {
        let mut lua = Lua::new(version);
        let run = lua.run("return setmetatable({}, {__tostring = function() return host.call('x') end})");
        assert_eq!(run.status(), status::ERRRUN);
        assert!(run.text().contains("(inside __tostring of a result)"), "{}", run.text());
        let task = suspended(&mut lua, "local a <close> = setmetatable({}, {__close = function() message = select(2, pcall(host.call, 'y')) end}) host.call('x')");
        assert_eq!(lua.cancel(task), status::OK);
        let message = lua.eval("return message");
        assert!(message.ends_with("(inside a task that is cancelled)"), "{message}");
        lua.assert_usable();
    }

    fn a_coroutine_that_the_host_holds_looks_busy_to_other_tasks(version: Version) {
        let mut lua = Lua::new(version);
        let task = suspended(&mut lua, "outer = coroutine.create(function() inner = coroutine.create(function() return host.call('x') end) return coroutine.resume(inner) end) return coroutine.resume(outer)");
        for name in ["outer", "inner"] {
            assert_eq!(lua.eval(format!("return coroutine.status({name})")), "normal");
            assert_eq!(lua.eval(format!("return coroutine.resume({name})")), "false\tcannot resume non-suspended coroutine");
            let closed = lua.eval(format!("return select(2, pcall(coroutine.close, {name}))"));
            assert!(closed.ends_with("cannot close a normal coroutine"), "{closed}");
        }
        assert_eq!(lua.resume(task, &pack(&[9.into()])).text(), "true\ttrue\t9");
        assert_eq!(lua.eval("return coroutine.status(outer), coroutine.status(inner)"), "dead\tdead");
    }

    fn a_script_sees_its_own_coroutines_only(version: Version) {
        let mut lua = Lua::new(version);
        let body = "local main, is_main = coroutine.running() local co co = coroutine.create(function() \
             local own, first = coroutine.running() h() local again, second = coroutine.running() \
             return own == co, again == co, first, second, coroutine.isyieldable(), coroutine.status(main), coroutine.status(co) end) \
             h() local after = coroutine.running() \
             return is_main, main == after, coroutine.isyieldable(), coroutine.resume(co)";
        let first = lua.run(&forms(body)[0]);
        let (run, calls) = echo(&mut lua, first);
        assert_eq!((calls, run.text().as_str()), (2, "true\ttrue\tfalse\ttrue\ttrue\ttrue\tfalse\tfalse\ttrue\tnormal\trunning"));
        let kept = "co = coroutine.wrap(function(a) while true do a = coroutine.yield(host.call('x', a)) end end) return 1";
        assert_eq!(lua.eval(kept), "1");
        for n in 0..5 {
            let task = suspended(&mut lua, &format!("return co({n})"));
            assert_eq!(lua.resume(task, &pack(&[n.into()])).text(), n.to_string());
        }
    }
}
