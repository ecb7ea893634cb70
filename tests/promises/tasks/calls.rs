//! What crosses the border: arguments, results, errors, requests and handles.

use moonlet_tests::{Lua, Run, Version, option, status};
use rmpv::Value;

use super::{field, one, pack, request, suspended, unpack};

for_each_version! {
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
            (option::RESULT, 100.0, "return ('x'):rep(1000)", status::RESULT),
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

    fn a_path_may_call_the_host_on_its_way(version: Version) {
        for slice in [0.0, 1.0, 7.0] {
            let mut lua = Lua::new(version);
            lua.eval("local index = {__index = function(_, k) return host.call('find', k) end} \
                 game = setmetatable({}, {__index = function(_, k) host.call('find', k) return setmetatable({}, index) end}) \
                 function key(...) return 'called', ... end index.__index = function(_, k) return key and host.call('find', k) and key end return 1");
            lua.set(option::SLICE, slice);
            let mut run = lua.call_function(&pack(&["game.on.key".into(), 5.into()]));
            let mut asked = Vec::new();
            while [status::YIELD, status::PAUSED].contains(&run.status()) {
                let task = lua.task();
                run = if run.status() == status::YIELD {
                    asked.push(request(&run)[1].clone());
                    lua.resume(task, &pack(&[true.into()]))
                } else {
                    lua.resume(task, &[])
                };
            }
            assert_eq!((run.status(), run.text().as_str()), (status::OK, "called\t5"));
            assert_eq!(asked, ["on".into(), Value::from("key")]);
            lua.set(option::SLICE, 0.0);
            // An error on the way ends the task as any other.
            let run = lua.call_function(&pack(&["game.on".into()]));
            let task = lua.task();
            assert_eq!(request(&run), ["find".into(), Value::from("on")]);
            let run = lua.raise(task, &one(&"gone".into()));
            assert!(run.status() == status::ERRRUN && run.text().starts_with("gone"), "{}", run.text());
            lua.assert_usable();
        }
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
}
