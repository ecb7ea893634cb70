//! References: what a host gives Lua by number comes back by that number, and the host hears once of each that Lua dropped.

#[path = "references/dropped.rs"]
mod dropped;

use moonlet_tests::{Lua, Run, Version, option, status};
use rmpv::Value;

fn reference(number: u32) -> Value {
    Value::Ext(2, number.to_be_bytes().to_vec())
}

fn one(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("a Vec takes all");
    bytes
}

fn pack(values: &[Value]) -> Vec<u8> {
    one(&Value::Array(values.to_vec()))
}

fn unpack(run: &Run) -> Value {
    let mut rest = run.result.as_slice();
    let value = rmpv::decode::read_value(&mut rest).unwrap_or_else(|_| panic!("{}", run.text()));
    assert!(rest.is_empty(), "bytes after the value");
    value
}

/// The values of a request.
fn request(run: &Run) -> Vec<Value> {
    assert_eq!(run.status(), status::YIELD, "{}", run.text());
    unpack(run).as_array().expect("an array").clone()
}

fn instance(version: Version) -> Lua {
    let mut lua = Lua::new(version);
    assert_eq!(lua.set(option::FORMAT, 1.0), status::OK);
    lua
}

/// A fresh instance with functions of the script defined.
fn with(version: Version, source: &str) -> Lua {
    let mut lua = instance(version);
    let run = lua.run(source);
    assert!(run.answer >= 0, "{}", run.text());
    lua
}

/// Calls a function of the script that makes no host call; its results.
fn call(lua: &mut Lua, path: &str, arguments: &[Value]) -> Vec<Value> {
    let run = lua.call_function(&pack(&[&[path.into()], arguments].concat()));
    assert_eq!(run.status(), status::OK, "{path}: {}", run.text());
    unpack(&run).as_array().expect("an array").clone()
}

/// What `dropped` tells, in order of the numbers.
fn dropped(lua: &mut Lua) -> Vec<u32> {
    let before: i32 = lua.call("status", ());
    let run = lua.dropped();
    assert!(run.answer >= 0, "{}", run.text());
    assert_eq!(run.answer as usize, run.result.len());
    assert_eq!(lua.call::<_, i32>("status", ()), before, "it is no run");
    let numbers = unpack(&run);
    let mut numbers: Vec<u32> = numbers
        .as_array()
        .expect("an array")
        .iter()
        .map(|number| number.as_u64().expect("a number") as u32)
        .collect();
    numbers.sort_unstable();
    numbers
}

fn compact(lua: &mut Lua) -> f64 {
    lua.call("compact", ())
}

for_each_version! {
    fn a_number_is_one_object(version: Version) {
        let mut lua = with(version, "\
            function echo(...) return ... end
            function keep(r) kept = kept or {} kept[#kept + 1] = r kept[r] = #kept end
            function compare(a, b, c) return a == b, a == c, rawequal(a, b), kept[1] == a, kept[c] end
            function show(r) return type(r), tostring(r), getmetatable(r), #{r} end");
        for number in [0, 1, 255, 1 << 31, u32::MAX] {
            assert_eq!(call(&mut lua, "echo", &[reference(number)]), [reference(number)]);
            let nested = Value::Map(vec![("key".into(), Value::Array(vec![reference(number), reference(number)]))]);
            assert_eq!(call(&mut lua, "echo", std::slice::from_ref(&nested)), [nested]);
            let as_key = Value::Map(vec![(reference(number), true.into())]);
            assert_eq!(call(&mut lua, "echo", std::slice::from_ref(&as_key)), [as_key]);
        }
        call(&mut lua, "keep", &[reference(5)]);
        call(&mut lua, "keep", &[reference(6)]);
        compact(&mut lua);
        let same = [true.into(), false.into(), true.into(), true.into(), 2.into()];
        assert_eq!(call(&mut lua, "compare", &[reference(5), reference(5), reference(6)]), same);
        let shown = call(&mut lua, "show", &[reference(u32::MAX)]);
        assert_eq!(shown, ["userdata".into(), "reference: 4294967295".into(), "reference".into(), 1.into()]);
        assert_eq!(lua.get(option::HANDLES), 0.0);
        let run = lua.run("setmetatable(kept[1], {})");
        assert!(run.text().contains("table expected, got reference"), "{}", run.text());
        assert_eq!(unpack(&lua.run("return pcall(msgpack.encode, kept[1])"))[0], false.into());
        assert_eq!(unpack(&lua.run("return pcall(msgpack.decode, '\\xd6\\2\\0\\0\\0\\5')"))[0], false.into());
        let run = lua.run("error(kept[1])");
        assert!(unpack(&run).as_map().expect("a map").contains(&("value".into(), reference(5))), "{}", run.text());
        assert_eq!(lua.set(option::FORMAT, 0.0), status::OK);
        assert_eq!(lua.eval("return kept[2]"), "reference: 6");
        assert_eq!(lua.run("error(kept[2])").text().lines().next(), Some("reference: 6"));
    }

    fn using_one_calls_the_host(version: Version) {
        let body = "\
            local a, b = r('x', nil)
            r.field = {1}
            local ok, e = pcall(function() return r[r] end)
            return a, b, r.name, ok, e";
        for source in [
            format!("local r = host.call('object') {body}"),
            format!("local r = host.call('object') return coroutine.wrap(function() {body}\nend)()"),
        ] {
            let mut lua = instance(version);
            let r = reference(7);
            let run = lua.run(source);
            let task = lua.task();
            assert_eq!(request(&run), ["object".into()]);
            let run = lua.resume(task, &pack(std::slice::from_ref(&r)));
            assert_eq!(request(&run), ["__call".into(), r.clone(), "x".into(), Value::Nil]);
            let run = lua.resume(task, &pack(&[1.into(), 2.into(), 3.into()]));
            assert_eq!(request(&run), ["__newindex".into(), r.clone(), "field".into(), Value::Array(vec![1.into()])]);
            let run = lua.resume(task, &[]);
            assert_eq!(request(&run), ["__index".into(), r.clone(), r.clone()]);
            let run = lua.raise(task, &one(&"no such field".into()));
            assert_eq!(request(&run), ["__index".into(), r.clone(), "name".into()]);
            let run = lua.resume(task, &pack(&["a name".into(), "left out".into()]));
            assert_eq!(unpack(&run), Value::Array(vec![1.into(), 2.into(), "a name".into(), false.into(), "no such field".into()]));
        }
    }

    fn the_host_calls_are_counted_and_refused_like_others(version: Version) {
        let mut lua = with(version, "function use(r) return pcall(function() return r(1) end) end \
                                     function show(r) return pcall(tostring, setmetatable({}, {__tostring = function(...) return r(...) end})) end");
        let run = lua.call_function(&pack(&["show".into(), reference(1)]));
        assert!(run.text().contains("attempt to call the host across a C-call boundary (inside __tostring)"), "{}", run.text());
        lua.set(option::HOST_CALLS, 1.0);
        let run = lua.call_function(&pack(&["pcall".into(), reference(1)]));
        assert_eq!(request(&run), ["__call".into(), reference(1)]);
        let task = lua.task();
        lua.resume(task, &[]);
        lua.run("local a = host.call('x') return pcall(host.call, 'y')");
        let task = lua.task();
        assert!(lua.resume(task, &[]).text().contains("host calls are used up"));
        lua.set(option::HOST_CALLS, 0.0);
        lua.set(option::STRINGS, 1.0);
        let run = lua.call_function(&pack(&["use".into(), reference(1)]));
        assert_eq!(request(&run)[0], Value::Binary(b"__call".to_vec()));
    }

    fn the_host_calls_one_as_a_function(version: Version) {
        let mut lua = instance(version);
        let run = lua.call_function(&pack(&[reference(3), "a".into(), reference(4)]));
        assert_eq!(request(&run), ["__call".into(), reference(3), "a".into(), reference(4)]);
        let task = lua.task();
        let run = lua.resume(task, &pack(&[reference(4), 5.into()]));
        assert_eq!(unpack(&run), Value::Array(vec![reference(4), 5.into()]));
    }

    fn data_that_are_refused_bring_none(version: Version) {
        let mut lua = with(version, "function drop() end function keep(r) kept = r end");
        let unknown = Value::Ext(1, vec![0, 0, 0, 99]);
        call(&mut lua, "drop", &[reference(50)]);
        call(&mut lua, "keep", &[reference(60)]);
        compact(&mut lua);
        lua.run("return host.call('x')");
        let waiting = lua.task();
        lua.set(option::SLICE, 300.0);
        lua.run("for i = 1, 1000 do end");
        lua.set(option::SLICE, 0.0);
        let paused = lua.task();
        let many = [1, 2, 1, 50, 60].map(reference);
        let with_handle = pack(&[&many[..], std::slice::from_ref(&unknown)].concat());
        for run in [
            lua.resume(waiting, &with_handle),
            lua.raise(waiting, &one(&Value::Array(vec![reference(3), unknown.clone()]))),
            lua.resume(paused, &pack(&many)),
            lua.resume(waiting, &[pack(&many), vec![0xc0]].concat()),
            lua.resume(waiting + 9, &pack(&many)),
            lua.call_function(&pack(&[&[Value::from(5)][..], &many].concat())),
            lua.call_function(&with_handle),
            lua.call_function(&pack(&[&[Value::from("drop")][..], &many, std::slice::from_ref(&unknown)].concat())),
        ] {
            assert!(run.status() >= status::BAD_ARGUMENT, "{} {}", run.status(), run.text());
            compact(&mut lua);
        }
        assert_eq!(dropped(&mut lua), [50], "which waited before");
        assert_eq!(unpack(&lua.resume(waiting, &pack(&many[..1]))), Value::Array(many[..1].to_vec()));
        lua.run("kept = nil");
        compact(&mut lua);
        assert_eq!(dropped(&mut lua), [1, 60]);
    }

    fn what_the_fuel_does_not_suffice_for_is_told(version: Version) {
        let all: Vec<Value> = (0..2000).map(reference).collect();
        for fuel in [1.0, 1000.0, 10_000.0] {
            let mut lua = with(version, "function drop() end");
            lua.run("return host.call('x')");
            let task = lua.task();
            lua.set(option::FUEL, fuel);
            assert_eq!(lua.resume(task, &pack(&all)).status(), status::BUDGET, "{fuel}");
            assert_eq!(lua.call_function(&pack(&[&[Value::from("drop")][..], &all].concat())).status(), status::BUDGET);
            lua.set(option::FUEL, 0.0);
            compact(&mut lua);
            assert_eq!(dropped(&mut lua), (0..2000).collect::<Vec<_>>(), "{fuel}");
        }
    }

    fn reset_forgets_them(version: Version) {
        let mut lua = with(version, "function keep(...) kept = {...} end");
        call(&mut lua, "keep", &[1, 2, 3].map(reference));
        call(&mut lua, "keep", &[reference(3)]);
        compact(&mut lua);
        lua.call::<_, i32>("reset", ());
        assert_eq!(dropped(&mut lua), [0u32; 0]);
        lua.run("function keep(...) kept = {...} end");
        call(&mut lua, "keep", &[reference(1)]);
        call(&mut lua, "keep", &[]);
        compact(&mut lua);
        assert_eq!(dropped(&mut lua), [1]);
    }

    fn a_snapshot_holds_them(version: Version) {
        let mut lua = with(version, "function keep(...) kept = {...} end function first(r) return kept[1] == r end");
        call(&mut lua, "keep", &[1, 2].map(reference));
        call(&mut lua, "keep", &[1, 3].map(reference));
        compact(&mut lua);
        let memory = lua.snapshot();
        for _ in 0..2 {
            let mut copy = Lua::new(version);
            copy.restore(&memory);
            assert_eq!(call(&mut copy, "first", &[reference(1)]), [true.into()]);
            assert_eq!(dropped(&mut copy), [2]);
            call(&mut copy, "keep", &[reference(2)]);
            compact(&mut copy);
            assert_eq!(dropped(&mut copy), [1, 3]);
        }
    }

    fn what_a_script_does_to_them_hurts_nobody(version: Version) {
        for script in [
            "local gc = debug.getmetatable(r).__gc gc(r) gc(r) gc() gc(5) gc(io.stdout) gc({}) return pcall(function() return r.x end)",
            "local m = debug.getmetatable(r) m.__gc = nil m.__index = nil m.__call = nil",
            "debug.setmetatable(r, nil)",
            "debug.setmetatable(r, {__gc = error, __index = error})",
            "local m, f = debug.getmetatable(r), io.tmpfile() debug.setmetatable(f, m) pcall(function() return f.x, f(), tostring(f) end) pcall(m.__gc, f)",
            "local m = debug.getmetatable(r) for k, f in pairs(m) do if type(f) == 'function' then pcall(f) pcall(f, {}) pcall(f, host.null) pcall(f, r) pcall(f, r) end end",
            "for k, v in pairs(debug.getregistry()) do if type(k) == 'userdata' then debug.getregistry()[k] = nil end end",
            "for k, v in pairs(debug.getregistry()) do if type(k) == 'userdata' and type(v) == 'table' then for n in pairs(v) do v[n] = 5 end end end",
            "for k, v in pairs(debug.getregistry()) do if type(k) == 'userdata' and type(v) == 'table' then for n in pairs(v) do v[n] = io.stdout end end end",
        ] {
            let mut lua = Lua::new(version);
            assert_eq!((lua.set(option::FORMAT, 1.0), lua.set(option::LIBRARIES, 8191.0)), (status::OK, status::OK));
            lua.run(format!("function abuse(r) kept = r {script} end function echo(...) return ... end"));
            lua.call_function(&pack(&["abuse".into(), reference(1)]));
            for number in [1, 2, 1, 3] {
                lua.call_function(&pack(&["echo".into(), reference(number)]));
                compact(&mut lua);
                lua.dropped();
            }
            lua.run("kept = nil");
            compact(&mut lua);
            lua.dropped();
            assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
            assert_eq!(dropped(&mut lua), [0u32; 0]);
            assert_eq!(lua.run("return 2+2").result, [0x91, 4]);
        }
    }
}
