//! Tasks: suspended from wherever the script is, answered in any order, ended by the host; and nothing of it shows in the
//! script.

use moonlet_tests::{Lua, Random, Run, Version, option, status};
use rmpv::Value;

fn pack(values: &[Value]) -> Vec<u8> {
    one(&Value::Array(values.to_vec()))
}

fn one(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("a Vec takes all");
    bytes
}

fn unpack(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    let value = rmpv::decode::read_value(&mut rest).expect("MessagePack");
    assert!(rest.is_empty(), "bytes after the value");
    value
}

/// The values of a request.
fn request(run: &Run) -> Vec<Value> {
    assert_eq!(run.status(), status::YIELD, "{}", run.text());
    unpack(&run.result).as_array().expect("an array").clone()
}

/// A field of the map that an error is in FORMAT 1.
fn field(run: &Run, key: &str) -> Option<Value> {
    let map = unpack(&run.result);
    let map = map.as_map().expect("a map");
    map.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value.clone())
}

/// Answers each host call with its own arguments, or with an error where its name is `fail`, until the task ends.
fn echo(lua: &mut Lua, first: Run) -> (Run, u32) {
    let mut run = first;
    let mut calls = 0;
    while run.status() == status::YIELD {
        calls += 1;
        let values = request(&run);
        let task = lua.task();
        let mut output = std::mem::take(&mut run.output);
        run = match values[0].as_str() {
            Some("fail") => lua.raise(task, &one(&values[1])),
            _ => lua.resume(task, &pack(&values[1..])),
        };
        output.append(&mut run.output);
        run.output = output;
    }
    (run, calls)
}

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
];

/// Places where Lua cannot yield, and the name that the error must hold. Each ends with the error's message.
#[rustfmt::skip]
const REFUSALS: &[(&str, &str)] = &[
    ("return select(2, pcall(table.sort, {3, 1, 2}, function(a, b) return h(a) < b end))", "table.sort"),
    ("return select(2, pcall(string.gsub, 'abc', '.', h))", "string.gsub"),
    ("return select(2, pcall(string.gsub, 'abc', '.', setmetatable({}, {__index = function(_, k) return h(k) end})))", "string.gsub"),
    ("return select(2, load(function() return h('x') end))", "load"),
    ("return select(2, pcall(tostring, setmetatable({}, {__tostring = function() return h('x') end})))", "tostring"),
    ("return select(2, pcall(table.concat, setmetatable({}, {__index = function() return h('x') end, __len = function() return 1 end})))", "table.concat"),
    ("return select(2, pcall(table.unpack, setmetatable({}, {__index = function() return h(1) end}), 1, 2))", "table.unpack"),
    ("return select(2, pcall(table.insert, setmetatable({}, {__len = function() return h(1) end}), 1))", "table.insert"),
    ("return select(2, pcall(string.format, '%s', setmetatable({}, {__tostring = function() return h('x') end})))", "string.format"),
    ("local message debug.sethook(function() debug.sethook() message = select(2, pcall(h)) end, 'l')\nlocal a = 1\nreturn message", "a hook"),
    ("local message setmetatable({}, {__gc = function() message = select(2, pcall(h)) end}) collectgarbage() return message", "finalizer"),
    ("local message local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() message = select(2, pcall(h)) end}) coroutine.yield() end) \
      coroutine.resume(co) coroutine.close(co) return message", "coroutine.close"),
    ("return select(2, pcall(table.sort, {3, 1, 2}, function(a, b) return coroutine.wrap(function() return h(a) end)() < b end))", "table.sort"),
    ("return select(2, xpcall(error, function() return select(2, pcall(h)) end))", ""),
];

fn instance(version: Version) -> Lua {
    let mut lua = Lua::new(version);
    assert_eq!(lua.write_file("file.lua", b"return host.call('echo', 'from a file')"), status::OK);
    lua
}

/// Runs a chunk that makes a host call; the task that waits.
fn suspended(lua: &mut Lua, source: &str) -> i32 {
    let run = lua.run(source);
    assert_eq!(run.status(), status::YIELD, "{source}: {}", run.text());
    lua.task()
}

/// A test vector of tests/vectors.
type Vector = serde_json::Map<String, serde_json::Value>;

fn vectors(json: &str) -> Vec<Vector> {
    serde_json::from_str(json).expect("an array of objects")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("two digits");
    (0..text.len()).step_by(2).map(digits).collect()
}

/// Compares a run with what a vector expects.
fn check_vector(vector: &Vector, run: &Run) {
    match vector.get("status") {
        Some(status) => assert_eq!(Some(i64::from(run.status())), status.as_i64(), "{}", vector["name"]),
        None => assert_eq!(Some(hex(&run.result).as_str()), vector["result"].as_str(), "{}", vector["name"]),
    }
}

for_each_version! {
    fn the_vectors_hold_for_compute_and_call(version: Version) {
        let fresh = || {
            let mut lua = Lua::new(version);
            assert_eq!(lua.set(option::FORMAT, 1.0), status::OK);
            lua
        };
        for vector in vectors(include_str!("../vectors/values.json")) {
            let run = fresh().run(vector["source"].as_str().expect("a string"));
            check_vector(&vector, &run);
        }
        for vector in vectors(include_str!("../vectors/calls.json")) {
            let mut lua = fresh();
            assert!(lua.run(vector["define"].as_str().expect("a string")).answer >= 0);
            let run = lua.call_function(&unhex(vector["arguments"].as_str().expect("a string")));
            check_vector(&vector, &run);
        }
        let mut lua = fresh();
        let waiting = suspended(&mut lua, "return host.call('x')");
        for vector in vectors(include_str!("../vectors/malformed.json")) {
            let data = unhex(vector["arguments"].as_str().expect("a string"));
            let run = lua.call_function(&data);
            check_vector(&vector, &run);
            assert_eq!(lua.run("return 2+2").result, [0x91, 4]);
        }
        assert_eq!(lua.resume(waiting, &pack(&[5.into()])).result, [0x91, 5], "a refusal loses nothing");
    }

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
                assert!(text.contains("attempt to call the host across a C-call boundary (inside ") && text.contains(name), "{source}: {text}");
                lua.assert_usable();
            }
        }
    }

    fn thousands_of_tasks_wait_and_are_answered_in_any_order(version: Version) {
        let mut lua = Lua::new(version);
        lua.eval("function work(n) local co = coroutine.wrap(function() return host.call('get', n) end) return n + co() end return 1");
        let mut random = Random(7);
        let mut memory = Vec::new();
        for _ in 0..3 {
            let mut tasks: Vec<(i32, i64)> = (0..2000).map(|n| {
                let run = lua.call_function(&pack(&["work".into(), n.into()]));
                assert_eq!(request(&run), ["get".into(), Value::from(n)]);
                (lua.task(), n)
            }).collect();
            assert_eq!(lua.get(option::TASKS), 2000.0);
            while !tasks.is_empty() {
                let (task, n) = tasks.swap_remove(random.below(tasks.len() as u64) as usize);
                let run = lua.resume(task, &pack(&[Value::from(n * 10)]));
                assert_eq!(run.text(), (n * 11).to_string());
                assert_eq!(lua.resume(task, &[]).status(), status::BAD_ARGUMENT, "the task is gone");
            }
            assert_eq!(lua.get(option::TASKS), 0.0);
            memory.push(lua.call::<_, f64>("compact", ()));
        }
        assert!(memory[2] < 2.0 * memory[0], "finished threads are given back: {memory:?}");
    }

    fn ids_are_not_used_again(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.task(), 0);
        let mut last = 0;
        for _ in 0..100 {
            let task = suspended(&mut lua, "return host.call('x')");
            assert!(task > last);
            last = task;
            assert_eq!(lua.resume(task, &[]).status(), status::OK);
            lua.call::<_, i32>("reset", ());
        }
    }

    fn what_is_no_answer_is_refused_and_the_task_still_waits(version: Version) {
        let mut lua = Lua::new(version);
        for task in [0, 1, -1, i32::MAX, i32::MIN] {
            assert_eq!(lua.resume(task, &[]).status(), status::BAD_ARGUMENT);
            assert_eq!(lua.raise(task, &[0xc0]).status(), status::BAD_ARGUMENT);
            assert_eq!(lua.cancel(task), status::BAD_ARGUMENT);
        }
        let task = suspended(&mut lua, "return host.call('x')");
        for bad in [&[0xc1][..], &[0x01], &[0x92, 0x01], &[0x91, 0x01, 0x02], &[0x80], &[0x91, 0xd6, 1, 0, 0, 0, 99]] {
            assert_eq!(lua.resume(task, bad).status(), status::BAD_DATA, "{bad:x?}");
        }
        for bad in [&[][..], &[0xc1], &[0x01, 0x02]] {
            assert_eq!(lua.raise(task, bad).status(), status::BAD_DATA, "{bad:x?}");
        }
        assert_eq!(lua.call::<_, i32>("resume", (task, u32::MAX, 8_u32)), -status::BAD_ARGUMENT);
        lua.assert_usable();
        assert_eq!(lua.resume(task, &pack(&["fine".into()])).text(), "fine");

        lua.set(option::SLICE, 500.0);
        let run = lua.run("local n = 0 for i = 1, 2000 do n = n + i end return n");
        assert_eq!(run.status(), status::PAUSED);
        let task = lua.task();
        assert_eq!(lua.raise(task, &[0xc0]).status(), status::BAD_STATE);
        assert_eq!(lua.resume(task, &pack(&[1.into()])).status(), status::BAD_STATE);
        let mut run = lua.resume(task, &pack(&[]));
        while run.status() == status::PAUSED {
            run = lua.resume(task, &[]);
        }
        assert_eq!(run.text(), "2001000");
    }

    fn the_host_raises_any_value(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FORMAT, 1.0);
        let source = "local ok, e = pcall(host.call, 'x') return ok, e";
        // 5.5 puts a message in the place of nil.
        let nil = if version == Version::Lua54 { Value::Nil } else { false.into() };
        for value in [Value::from("message"), nil, 7.into(), Value::Array(vec![1.into(), 2.into()])] {
            let task = suspended(&mut lua, source);
            assert_eq!(unpack(&lua.raise(task, &one(&value)).result), Value::Array(vec![false.into(), value]));
        }
        let task = suspended(&mut lua, "host.call('x')");
        let run = lua.raise(task, &one(&"not caught".into()));
        assert_eq!(run.status(), status::ERRRUN);
        assert_eq!(field(&run, "message"), Some("not caught".into()));
        lua.set(option::FORMAT, 0.0);
        lua.assert_usable();
    }

    fn errors_are_maps_in_format_1(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FORMAT, 1.0);
        let run = lua.run("\nerror('no')");
        assert_eq!(run.status(), status::ERRRUN);
        assert_eq!(field(&run, "message"), Some("[string \"...\"]:2: no".into()));
        assert_eq!((field(&run, "chunk"), field(&run, "line")), (Some("[string \"...\"]".into()), Some(2.into())));
        assert!(field(&run, "traceback").is_some_and(|text| text.as_str().is_some_and(|text| text.contains("in main chunk"))));
        let run = lua.run("error({code = 7})");
        assert_eq!(field(&run, "value"), Some(Value::Map(vec![("code".into(), 7.into())])));
        assert_eq!(field(&run, "message"), None);
        let run = lua.run("x = = 1");
        assert_eq!((run.status(), field(&run, "line")), (status::ERRSYNTAX, Some(1.into())));
        let run = lua.run("local t = {} t.t = t error(t)");
        assert_eq!(run.status(), status::ERRRUN);
        assert!(field(&run, "message").is_some(), "a cycle cannot be encoded, and is described");
        for (key, value, source, expected) in [
            (option::FUEL, 10_000.0, "while true do end", status::BUDGET),
            (option::MEMORY, 200_000.0, "return #('x'):rep(1 << 20)", status::ERRMEM),
            (option::RESULT, 100.0, "return ('x'):rep(1000)", status::TOO_BIG),
        ] {
            lua.set(key, value);
            let run = lua.run(source);
            assert_eq!(run.status(), expected, "{source}");
            assert!(field(&run, "message").is_some(), "{source}");
            lua.set(key, 0.0);
        }
        assert!(field(&lua.resume(99, &[]), "message").is_some());
        assert_eq!(lua.run("return 2+2").result, [0x91, 4]);
    }

    fn handles_name_functions_until_they_are_released(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FORMAT, 1.0);
        let handle = |run: &Run| match &unpack(&run.result).as_array().expect("an array")[0] {
            Value::Ext(1, bytes) => u32::from_be_bytes(bytes.as_slice().try_into().expect("four bytes")),
            other => panic!("{other} is no handle"),
        };
        let run = lua.run("local n = 0 return function(by) n = n + by return n end");
        let counter = handle(&run);
        let call = pack(&[Value::Ext(1, counter.to_be_bytes().to_vec()), 5.into()]);
        assert_eq!(lua.call_function(&call).result, [0x91, 5]);
        lua.run("collectgarbage()");
        assert_eq!(lua.call_function(&call).result, [0x91, 10]);
        assert_eq!(lua.get(option::HANDLES), 1.0);
        assert_eq!(lua.call::<_, i32>("release", counter), status::OK);
        assert_eq!(lua.call::<_, i32>("release", counter), status::BAD_ARGUMENT, "released twice");
        for unknown in [0, counter + 1, u32::MAX] {
            assert_eq!(lua.call::<_, i32>("release", unknown), status::BAD_ARGUMENT);
        }
        assert_eq!(lua.call_function(&call).status(), status::BAD_DATA);
        assert_eq!(lua.get(option::HANDLES), 0.0);
        // A handle of a coroutine that waits for the host is no way to resume it.
        let run = lua.run("co = coroutine.create(function() return host.call('x', co) end) return coroutine.resume(co)");
        assert_eq!(run.status(), status::YIELD);
        assert_eq!(lua.run("return coroutine.status(co)").result, [&[0x91, 0xa6][..], b"normal"].concat());
    }

    fn paths_lead_through_tables_and_metatables(version: Version) {
        let mut lua = Lua::new(version);
        lua.eval("game = {on = setmetatable({}, {__index = function(_, k) return function(...) return k, ... end end})} return 1");
        assert_eq!(lua.call_function(&pack(&["game.on.key".into(), 1.into()])).text(), "key\t1");
        for path in ["game.off.key", "nothing", "game..on", "", "string.len.x", "_VERSION.x"] {
            let run = lua.call_function(&pack(&[path.into()]));
            assert_eq!(run.status(), status::ERRRUN, "{path}");
            assert!(run.text().contains("no function"), "{path}: {}", run.text());
            lua.assert_usable();
        }
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

    fn host_calls_are_limited_for_each_task(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::HOST_CALLS, 3.0);
        for _ in 0..2 {
            let first = lua.run("local n = 0 local ok, m = pcall(function() while true do coroutine.wrap(host.call)('x') n = n + 1 end end) return n, m");
            let (run, calls) = echo(&mut lua, first);
            assert_eq!(calls, 3);
            assert!(run.text().starts_with("3\t") && run.text().contains("HOST_CALLS"), "{}", run.text());
        }
    }

    fn output_waits_for_the_host(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::OUTPUT, 64.0);
        let write = "for i = 1, 50 do print('line', i) io.write(i, ' and ', i + 0.5, '\\n') io.stderr:write('e', i, '\\n') end print(('long '):rep(100)) return 'done'";
        let mut expected = String::new();
        for i in 1..=50 {
            expected += &format!("line\t{i}\n{i} and {:?}\ne{i}\n", f64::from(i) + 0.5);
        }
        expected += &format!("{}\n", "long ".repeat(100));
        for source in [write.to_string(), format!("return coroutine.wrap(function() return coroutine.wrap(function() {write} end)() end)()")] {
            let mut run = lua.run(&source);
            let mut output = run.output.clone();
            let mut waits = 0;
            while run.status() == status::OUTPUT {
                assert!(run.output.len() <= 64);
                waits += 1;
                let task = lua.task();
                assert_eq!(lua.raise(task, &[0xc0]).status(), status::BAD_STATE);
                run = lua.resume(task, &[]);
                output.extend(&run.output);
            }
            assert_eq!((run.text().as_str(), String::from_utf8_lossy(&output).as_ref()), ("done", expected.as_str()));
            assert!(waits > 10);
        }
    }

    fn cancel_closes_from_the_innermost_on(version: Version) {
        let mut lua = Lua::new(version);
        let source = "log = {} local function close(n) return setmetatable({}, {__close = function(_, e) log[#log + 1] = n .. tostring(e) end}) end \
             local a <close> = close('a') coroutine.wrap(function() local b <close> = close('b') \
             coroutine.wrap(function() local c <close> = close('c') local d <close> = close('d') pcall(host.call, 'x') log[#log + 1] = 'went on' end)() end)()";
        let task = suspended(&mut lua, source);
        assert_eq!(lua.cancel(task), status::OK);
        assert_eq!(lua.call::<_, i32>("status", ()), status::CANCELLED);
        assert_eq!(lua.eval("return table.concat(log, ' ')"), "dnil cnil bnil anil");
        assert_eq!(lua.cancel(task), status::BAD_ARGUMENT);
        // A handler that fails does not keep the others from running.
        let task = suspended(&mut lua, "log = {} local a <close> = setmetatable({}, {__close = function(_, e) log[1] = e end}) \
             local b <close> = setmetatable({}, {__close = function() error('b', 0) end}) host.call('x')");
        assert_eq!(lua.cancel(task), status::ERRRUN);
        assert_eq!(lua.eval("return log[1]"), "b");
        // A handler can neither call the host nor outrun the budget.
        let task = suspended(&mut lua, "local a <close> = setmetatable({}, {__close = function() message = select(2, pcall(host.call, 'y')) end}) host.call('x')");
        assert_eq!(lua.cancel(task), status::OK);
        assert!(lua.eval("return message").contains("attempt to call the host"));
        lua.set(option::FUEL, 50_000.0);
        let task = suspended(&mut lua, "local a <close> = setmetatable({}, {__close = function() while true do pcall(function() while true do end end) end end}) \
             coroutine.wrap(function() local b <close> = setmetatable({}, {__close = function() while true do end end}) host.call('x') end)()");
        assert_eq!(lua.cancel(task), status::BUDGET);
        assert_eq!(lua.get(option::TASKS), 0.0);
        lua.assert_usable();
        // A paused task can be cancelled, too.
        lua.set(option::SLICE, 1000.0);
        assert_eq!(lua.run("closed = nil local a <close> = setmetatable({}, {__close = function() closed = 'yes' end}) while true do end").status(), status::PAUSED);
        let task = lua.task();
        assert_eq!(lua.cancel(task), status::OK);
        assert_eq!(lua.eval("return closed"), "yes");
    }

    /// Most units are used where no pause can happen, and nearly none in between.
    fn a_pause_that_had_to_wait_happens_at_the_next_chance(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 1_000_000.0);
        lua.set(option::SLICE, 1000.0);
        for source in [
            "local s = 'return ' .. ('a .. '):rep(100) .. 'a' while true do load(s) end",
            "local f = function(a, b) return a < b end while true do table.sort({1, 2, 3, 4, 5, 6, 7, 8}, f) end",
            "local f = function() for i = 1, 20 do end end while true do string.gsub('xyz', '.', f) end",
            "local t = setmetatable({}, {__tostring = function() for i = 1, 20 do end return 'x' end}) while true do tostring(t) end",
            "local function f() for i = 1, 20 do end end \
             local function inner(a, b) coroutine.wrap(f)() return a < b end while true do table.sort({1, 2, 3}, inner) end",
            "coroutine.wrap(function() local s = ('x = 1 '):rep(100) while true do pcall(load, s) end end)()",
        ] {
            let mut run = lua.run(source);
            let mut used = 0.0;
            for _ in 0..20 {
                assert_eq!(run.status(), status::PAUSED, "{source}: {}", run.text());
                let slice = lua.get(option::FUEL_USED) - used;
                assert!(slice < 4000.0, "{source}: {slice} units in a slice of 1000");
                used += slice;
                let task = lua.task();
                run = lua.resume(task, &[]);
            }
            let task = lua.task();
            assert_eq!(lua.cancel(task), status::OK);
        }
        lua.set(option::SLICE, 0.0);
        lua.assert_usable();
    }

    fn nothing_outruns_the_budget(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 100_000.0);
        for source in [
            "while true do pcall(function() while true do end end) end",
            "local function f() return xpcall(f, f) end while true do f() end",
            "while true do coroutine.wrap(function() pcall(function() while true do end end) end)() end",
            "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do pcall(co) end",
            "local function new() return setmetatable({}, {__close = function() while true do end end}) end while true do pcall(function() local x <close> = new() error(1) end) end",
            "setmetatable({}, {__gc = function() while true do end end}) collectgarbage() while true do end",
            "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end",
            "table.sort({1, 2, 3, 4, 5}, function() while true do end end)",
            "('x'):rep(100):gsub('.', function() while true do end end)",
            "while true do load('local x = 1')() end",
            "debug.sethook(function() while true do end end, 'l')\nlocal a = 1\nreturn a",
        ] {
            let run = lua.run(source);
            assert_eq!(run.status(), status::BUDGET, "{source}: {}", run.text());
            assert!(lua.get(option::FUEL_USED) >= 100_000.0, "{source}");
            lua.assert_usable();
        }
        // The fuel is the task's, however often it is suspended.
        let mut run = lua.run("while true do host.call('x') end");
        let mut calls = 0;
        while run.status() == status::YIELD {
            calls += 1;
            let task = lua.task();
            run = lua.resume(task, &[]);
        }
        assert_eq!(run.status(), status::BUDGET);
        assert!(calls < 100_000);
        lua.assert_usable();
    }

    fn reset_and_exit_leave_no_task_behind(version: Version) {
        let mut lua = Lua::new(version);
        let kept = suspended(&mut lua, "return coroutine.wrap(function() return host.call('kept') end)()");
        let run = lua.run("coroutine.wrap(function() coroutine.wrap(function() pcall(os.exit, 7) end)() end)()");
        assert_eq!((run.status(), lua.get(option::EXIT_CODE)), (status::EXIT, 7.0));
        assert_eq!(lua.get(option::TASKS), 1.0);
        assert_eq!(lua.resume(kept, &pack(&["still here".into()])).text(), "still here");
        let gone: Vec<i32> = (0..20).map(|_| suspended(&mut lua, "local x <close> = setmetatable({}, {__close = function() end}) return host.call('x')")).collect();
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!(lua.get(option::TASKS), 0.0);
        for task in gone {
            assert_eq!(lua.resume(task, &[]).status(), status::BAD_ARGUMENT);
        }
        lua.assert_usable();
    }

    fn a_request_is_like_any_result(version: Version) {
        let mut lua = Lua::new(version);
        for source in ["host.call()", "host.call({})", "host.define()", "host.define(print)"] {
            let run = lua.run(source);
            assert_eq!(run.status(), status::ERRRUN, "{source}");
            assert!(run.text().contains("bad argument #1"), "{source}: {}", run.text());
        }
        let run = lua.run("return host.call('f', 1.5, 'x', {1, 2}, {a = true}, nil)");
        assert_eq!(request(&run), ["f".into(), Value::F64(1.5), "x".into(), Value::Array(vec![1.into(), 2.into()]), Value::Map(vec![("a".into(), true.into())]), Value::Nil]);
        let run = lua.run("local t = {} t.t = t return pcall(host.call, 'f', t)");
        assert_eq!(run.status(), status::OK);
        assert!(run.text().starts_with("false\t"), "a cycle is an error of the script: {}", run.text());
    }
}
