//! What crosses the border: arguments, results, errors, requests and handles.

use moonlet_tests::{Lua, Run, Version, option, status};
use rmpv::Value;

use super::{field, one, pack, request, suspended, unpack};

/// The task that a run which makes a host call leaves.
fn suspended_by(run: Run, lua: &mut Lua) -> i32 {
    assert_eq!(run.status(), status::YIELD, "{}", run.text());
    lua.task()
}

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
        assert_eq!(field(&run, "message"), Some("(error object is a table value)".into()));
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
        let released = |lua: &mut Lua, id: u32| lua.release(&pack(&[id.into()]));
        assert_eq!(released(&mut lua, counter), status::OK);
        assert_eq!(released(&mut lua, counter), status::BAD_ARGUMENT, "released twice");
        for unknown in [0, counter + 1, u32::MAX] {
            assert_eq!(released(&mut lua, unknown), status::BAD_ARGUMENT);
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

    fn a_path_can_end_in_a_method(version: Version) {
        let mut lua = Lua::new(version);
        let define = "game = {players = {{name = 'Ada'}}, name = 'chess'} \
                      function game:rename(...) self.name = ... return self == game, select('#', ...), ... end \
                      game.lazy = setmetatable({}, {__index = function(t, k) host.call('load', k) return function(...) return rawequal(t, ...), k, select('#', ...) end end}) \
                      game.callable = setmetatable({}, {__call = function(self, ...) return rawequal(self, game.callable), ... end}) \
                      text = 'abc' game['odd:name'] = {go = function(...) return select('#', ...) end}";
        lua.eval(define);
        assert_eq!(lua.call_function(&pack(&["game:rename".into(), "go".into(), Value::Nil])).text(), "true\t2\tgo\tnil");
        assert_eq!(lua.eval("return game.name"), "go");
        assert_eq!(lua.call_function(&pack(&["text:upper".into()])).text(), "ABC");
        assert_eq!(lua.call_function(&pack(&["game.callable".into(), 5.into()])).text(), "true\t5");
        assert_eq!(lua.call_function(&pack(&["game:callable".into()])).text(), "true\ttable: ".to_string() + lua.eval("return tostring(game)").trim_start_matches("table: "));
        assert_eq!(lua.call_function(&pack(&["game.odd:name.go".into(), 1.into()])).text(), "1", "a colon in a name that is not the last");
        // The look-up may ask the host.
        let task = suspended_by(lua.call_function(&pack(&["game.lazy:method".into(), 1.into(), 2.into()])), &mut lua);
        assert_eq!(lua.resume(task, &[]).text(), "true\tmethod\t3");
        for path in ["game:nothing", "nothing:rename", "game.players:x.y", ":rename", "game:", ":", "game:rename:x", "print:x"] {
            let run = lua.call_function(&pack(&[path.into()]));
            assert_eq!(run.status(), status::ERRRUN, "{path}: {}", run.text());
            assert!(run.text().contains("no function"), "{path}: {}", run.text());
            lua.assert_usable();
        }
        // Handles of all kinds; one that cannot be called is an error of the task.
        lua.set(option::FORMAT, 1.0);
        lua.run("return print, io.stdout, coroutine.create(print)");
        let handle = |id: u32| Value::Ext(1, id.to_be_bytes().to_vec());
        assert_eq!(lua.call_function(&pack(&[handle(1), "x".into()])).output, b"x\n");
        for id in [2, 3] {
            let run = lua.call_function(&pack(&[handle(id)]));
            assert!(run.status() == status::ERRRUN && run.text().contains("attempt to call a "), "{}", run.text());
        }
    }

    fn handles_are_released_all_or_none(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.release(&[0x90]), status::OK, "nothing, before there is a state");
        assert_eq!(lua.release(&[0x91, 1]), status::BAD_ARGUMENT);
        lua.set(option::FORMAT, 1.0);
        let handle = |id: u32| Value::Ext(1, id.to_be_bytes().to_vec());
        lua.run("functions = {} for i = 1, 40 do functions[i] = function() return i end end");
        assert_eq!(lua.run("return table.unpack(functions)").status(), status::OK);
        lua.run("return functions[2], functions[2]");
        assert_eq!(lua.get(option::HANDLES), 40.0);
        let mut list: Vec<Value> = (1..=40).map(|id| if id % 2 == 0 { handle(id) } else { id.into() }).collect();
        for unknown in [0.into(), 41.into(), Value::from(-1), Value::from(1_u64 << 40), handle(0), handle(99), 7.into()] {
            list.push(unknown);
            assert_eq!(lua.release(&pack(&list)), status::BAD_ARGUMENT);
            assert_eq!(lua.get(option::HANDLES), 40.0);
            list.pop();
        }
        for bad in [&[][..], &[0xc1], &[0x01], &[0x92, 0x01], &[0x91, 0x01, 0x02], &[0x80], &[0x91, 0xa1, b'1'], &[0x91, 0x91, 0x01], &[0x91, 0xc0]] {
            assert_eq!(lua.release(bad), status::BAD_DATA, "{bad:x?}");
        }
        assert_eq!(lua.call::<_, i32>("release", (u32::MAX, 8_u32)), status::BAD_ARGUMENT);
        let status_before: i32 = lua.call("status", ());
        // Given three times: two of them at once, then one more than is left.
        assert_eq!(lua.release(&pack(&[2.into(), handle(2)])), status::OK);
        assert_eq!(lua.get(option::HANDLES), 40.0);
        assert_eq!(lua.release(&pack(&[2.into(), 2.into()])), status::BAD_ARGUMENT);
        assert_eq!(lua.call_function(&pack(&[handle(2)])).result, [0x91, 2]);
        assert_eq!(lua.call::<_, i32>("status", ()), status_before);
        // It takes no memory, so a host whose memory is full can let go.
        lua.set(option::MEMORY, 1.0);
        assert_eq!(lua.call::<_, u32>("alloc", 1 << 16), 0);
        let data = pack(&list);
        lua.set(option::MEMORY, 0.0);
        let buffer = lua.put(&data);
        lua.set(option::MEMORY, 1.0);
        let used = lua.get(option::MEMORY_USED);
        assert_eq!(lua.call::<_, i32>("release", buffer), status::OK);
        assert_eq!((lua.get(option::HANDLES), lua.get(option::MEMORY_USED)), (0.0, used));
        lua.set(option::MEMORY, 0.0);
        for id in [1, 40] {
            assert_eq!(lua.call_function(&pack(&[handle(id)])).status(), status::BAD_DATA);
        }
    }

    fn eval_takes_a_source_a_name_and_arguments(version: Version) {
        let mut lua = Lua::new(version);
        let list = pack(&["return select('#', ...), ...".into(), Value::Nil, 1.into(), Value::Nil, "x".into()]);
        assert_eq!(lua.eval_data(&list).text(), "3\t1\tnil\tx");
        assert_eq!(lua.eval_data(&pack(&["return ...".into()])).text(), "");
        // What a host wants exports of its own for: globals, functions, fields.
        assert_eq!(lua.eval_data(&pack(&["local name, value = ... _G[name] = value".into(), Value::Nil, "answer".into(), 42.into()])).text(), "");
        assert_eq!(lua.eval("return answer"), "42");
        // The state, as with `compute`, is the same for all, and a task like any other can be suspended.
        let task = suspended_by(lua.eval_data(&pack(&["return host.call('x', ...)".into(), Value::Nil, 7.into()])), &mut lua);
        assert_eq!(lua.resume(task, &pack(&["back".into()])).text(), "back");
        let long = format!("@{}/game.lua", "folder/".repeat(30));
        for (name, source, shown) in [
            ("@game.lua", "@game.lua", "game.lua:2: no"),
            ("=stdin", "=stdin", "stdin:2: no"),
            ("text", "text", "[string \"text\"]:2: no"),
            (long.as_str(), long.as_str(), "/game.lua:2: no"),
        ] {
            let run = lua.eval_data(&pack(&["return debug.getinfo(1, 'S').source".into(), name.into()]));
            assert_eq!(run.text(), source);
            let run = lua.eval_data(&pack(&["\nerror('no')".into(), name.into()]));
            assert_eq!(run.status(), status::ERRRUN);
            assert!(run.text().lines().next().is_some_and(|line| line.ends_with(shown)), "{}", run.text());
            let run = lua.eval_data(&pack(&["\nx = = 1".into(), name.into()]));
            assert_eq!(run.status(), status::ERRSYNTAX);
            assert!(run.text().contains(shown.trim_end_matches(" no")), "{}", run.text());
        }
        let named = lua.eval_data(&pack(&["x = = 1".into()]));
        assert_eq!((named.status(), named.result), (status::ERRSYNTAX, lua.run("x = = 1").result), "as `compute` names it");
    }

    fn eval_refuses_what_is_no_source_and_name(version: Version) {
        let mut lua = Lua::new(version);
        for bad in [vec![], vec![Value::Nil], vec![1.into()], vec!["".into(), 1.into()], vec!["".into(), true.into()], vec![Value::Nil, "=n".into()], vec![Value::Array(vec![])]] {
            assert_eq!(lua.eval_data(&pack(&bad)).status(), status::BAD_DATA, "{bad:?}");
        }
        for bad in [&[][..], &[0xc1], &[0x01], &[0x92, 0xa0]] {
            assert_eq!(lua.eval_data(bad).status(), status::BAD_DATA, "{bad:x?}");
        }
        assert_eq!(lua.call::<_, i32>("eval", (u32::MAX, 8_u32)), -status::BAD_ARGUMENT);
        assert_eq!(lua.eval_data(&pack(&["".into(), "".into()])).status(), status::OK);
    }

    fn a_byte_order_mark_and_a_first_line_with_a_hash_are_passed_over(version: Version) {
        let mut lua = Lua::new(version);
        for (source, text) in [
            ("\u{feff}return 1", "1"),
            ("#!/usr/bin/lua\nreturn 2", "2"),
            ("\u{feff}#!/usr/bin/lua\nreturn 3", "3"),
            ("#", ""),
            ("# return 1", ""),
            ("\u{feff}", ""),
            ("#!/usr/bin/lua\r\nreturn debug.getinfo(1, 'l').currentline", "2"),
            ("\u{feff}return debug.getinfo(1, 'l').currentline", "1"),
        ] {
            assert_eq!(lua.eval(source), text, "{source:?}");
            assert_eq!(lua.eval_data(&pack(&[source.into(), "=name".into()])).text(), text, "{source:?}");
        }
        assert!(lua.run("#!/usr/bin/lua\n\nx = = 1").text().starts_with("[string \"#!/usr/bin/lua...\"]:3:"));
        assert!(lua.run("\u{feff}x = = 1").text().starts_with("[string \"x = = 1\"]:1:"));
        // Only at the start, and only one.
        for source in ["\n#x", " #x\nreturn 1", "\u{feff}\u{feff}return 1", "#x\n#y\n"] {
            assert_eq!(lua.run(source).status(), status::ERRSYNTAX, "{source:?}");
        }
    }
}
