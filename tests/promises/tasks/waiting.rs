//! Tasks that wait: any number, answered in any order, ended by the host.

use moonlet_tests::{Lua, Random, Run, Version, option, status};
use rmpv::Value;

use super::{one, pack, request, suspended, unpack};

for_each_version! {
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

    fn data_that_do_not_fit_are_refused_and_the_task_still_waits(version: Version) {
        let refused = |lua: &mut Lua, run: Run, why: &str| {
            assert_eq!(run.status(), status::TOO_BIG, "{}", run.text());
            assert!(run.text().contains(why), "{}", run.text());
            assert_eq!(lua.get(option::TASKS), 1.0);
        };
        let mut lua = Lua::new(version);
        // Deep in recursion the stack that is left is less; how deep it goes depends on the build.
        let source = "local function f(n) local a, b, c, d if n == 0 then return select('#', host.call('x')) end return (f(n - 1)) end \
                      for _, depth in ipairs{90000, 4000} do local ok, n = pcall(f, depth) if ok then return n end end";
        let task = suspended(&mut lua, source);
        let run = lua.resume(task, &pack(&vec![Value::Nil; 600_000]));
        refused(&mut lua, run, "too many values for Lua's stack");
        assert_eq!(lua.resume(task, &pack(&vec![Value::Nil; 1000])).text(), "1000");
        let mut lua = Lua::new(version);
        let task = suspended(&mut lua, "return select('#', host.call('x'))");
        let values = pack(&vec![Value::Nil; 40_000]);
        let text = "x".repeat(400_000);
        let memory = lua.get(option::MEMORY_USED) + 450_000.0;
        lua.set(option::MEMORY, memory);
        for _ in 0..3 {
            let run = lua.resume(task, &values);
            refused(&mut lua, run, "not enough memory for the values");
            let run = lua.raise(task, &one(&text.as_str().into()));
            refused(&mut lua, run, "not enough memory for the values");
            let run = lua.call_function(&pack(&["select".into(), "#".into(), text.as_str().into()]));
            refused(&mut lua, run, "not enough memory for the values");
            lua.assert_usable();
        }
        lua.set(option::MEMORY, 0.0);
        assert_eq!(lua.resume(task, &pack(&vec![Value::Nil; 1000])).text(), "1000");
    }

    fn a_refusal_leaves_the_figures_of_the_last_task(version: Version) {
        let mut lua = Lua::new(version);
        let task = suspended(&mut lua, "return host.call('x')");
        lua.eval("for i = 1, 1000 do end");
        let used = lua.get(option::FUEL_USED);
        assert_eq!(lua.resume(task, &[0xc1]).status(), status::BAD_DATA);
        assert_eq!(lua.call_function(&[0xc1]).status(), status::BAD_DATA);
        assert_eq!(lua.resume(task, &pack(&vec![Value::Nil; 999_900])).status(), status::TOO_BIG);
        let memory = lua.get(option::MEMORY_USED) + 2_000_000.0;
        lua.set(option::MEMORY, memory);
        assert_eq!(lua.resume(task, &pack(&vec!["text".into(); 200_000])).status(), status::TOO_BIG);
        assert_eq!(lua.get(option::FUEL_USED), used);
    }

    /// Else a host could not tell whether the task lives.
    fn what_a_task_returns_is_never_refused(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::RESULT, 100.0);
        for format in [0.0, 1.0] {
            lua.set(option::FORMAT, format);
            let task = suspended(&mut lua, "return host.call('x'):rep(1000)");
            assert_eq!(lua.resume(task, &pack(&["x".into()])).status(), status::RESULT);
            assert_eq!(lua.resume(task, &[]).status(), status::BAD_ARGUMENT, "the task is gone");
        }
        for source in ["local t = {} t.t = t return t", "local t = {} for i = 1, 200 do t = {t} end return t"] {
            assert_eq!(lua.run(source).status(), status::RESULT, "{source}");
        }
        lua.write_file("f", &[0; 101]);
        assert_eq!(lua.read_file("f"), Err(status::TOO_BIG));
    }

    fn the_host_can_ask_which_tasks_wait(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.tasks(), Ok(vec![0x90]));
        let calls = suspended(&mut lua, "return host.call('first')");
        let used = lua.get(option::FUEL_USED);
        lua.set(option::FORMAT, 1.0);
        lua.set(option::SLICE, 1000.0);
        assert_eq!(lua.run("while true do end").status(), status::PAUSED);
        let paused = lua.task();
        let paused_used = lua.get(option::FUEL_USED);
        lua.set(option::SLICE, 0.0);
        lua.set(option::OUTPUT, 10.0);
        assert_eq!(lua.run("print(('x'):rep(20))").status(), status::OUTPUT);
        let writes = lua.task();
        let writes_used = lua.get(option::FUEL_USED);
        let row = |id: i32, kind: i32, format: i32, used: f64| Value::Array(vec![id.into(), kind.into(), format.into(), (used as i64).into()]);
        let rows = vec![
            row(calls, status::YIELD, 0, used),
            row(paused, status::PAUSED, 1, paused_used),
            row(writes, status::OUTPUT, 1, writes_used),
        ];
        for format in [0.0, 1.0] {
            lua.set(option::FORMAT, format);
            assert_eq!(lua.tasks(), Ok(pack(&rows)));
            assert_eq!(lua.call::<_, i32>("status", ()), status::OUTPUT, "it is no run");
            assert_eq!(lua.get(option::FUEL_USED), writes_used);
        }
        // Ordered by id, whichever was suspended last.
        lua.set(option::SLICE, 1000.0);
        assert_eq!(lua.resume(paused, &[]).status(), status::PAUSED);
        let ids: Vec<i64> = unpack(&lua.tasks().expect("a list")).as_array().expect("an array").iter().map(|row| row[0].as_i64().expect("an id")).collect();
        assert_eq!(ids, [calls, paused, writes].map(i64::from));
        lua.set(option::RESULT, 10.0);
        assert_eq!(lua.tasks(), Err(status::TOO_BIG));
        lua.set(option::RESULT, 0.0);
        lua.cancel(paused);
        assert_eq!(unpack(&lua.tasks().expect("a list")), Value::Array(vec![rows[0].clone(), rows[2].clone()]));
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!(lua.tasks(), Ok(vec![0x90]));
    }

    fn a_request_can_be_had_again(version: Version) {
        let mut lua = Lua::new(version);
        for (format, id) in [(0.0, 1), (1.0, 2)] {
            lua.set(option::FORMAT, format);
            let source = "return host.call('ask', ..., function() end, ('x'):rep(5000))";
            let first = lua.eval_data(&pack(&[source.into(), Value::Nil, 5.into()]));
            let task = lua.task();
            assert_eq!(request(&first)[2], Value::Ext(1, [0, 0, 0, id].to_vec()));
            let same = |lua: &mut Lua, why: &str| {
                let status_before: i32 = lua.call("status", ());
                let handles = lua.get(option::HANDLES);
                let used = lua.get(option::FUEL_USED);
                assert!(lua.request(task) == Run { output: vec![], ..first.clone() }, "{why}");
                assert_eq!(lua.call::<_, i32>("status", ()), status_before, "{why}");
                assert_eq!((lua.get(option::HANDLES), lua.get(option::FUEL_USED)), (handles, used), "{why}");
                let (ptr, len): (u32, u32) = (lua.call("result_ptr", ()), lua.call("result_len", ()));
                assert_eq!(lua.read(ptr + len, 1), [0], "{why}");
            };
            same(&mut lua, "at once");
            same(&mut lua, "twice");
            assert_eq!(lua.resume(task, &[0xc1]).status(), status::BAD_DATA);
            same(&mut lua, "after a refused answer");
            assert_eq!(lua.call_function(&[0xc1]).status(), status::BAD_DATA);
            same(&mut lua, "after another refusal");
            lua.eval("return ('y'):rep(9000)");
            same(&mut lua, "after another result");
            lua.write_file("f", &[7; 6000]);
            assert_eq!(lua.read_file("f").map(|contents| contents.len()), Ok(6000));
            same(&mut lua, "after a file");
            lua.tasks().expect("a list");
            same(&mut lua, "after the list of tasks");
            let other = suspended(&mut lua, "return host.call('other')");
            same(&mut lua, "after another request");
            assert_eq!(request(&lua.request(other)), ["other".into()]);
            same(&mut lua, "and between the two");
            lua.call::<_, f64>("compact", ());
            same(&mut lua, "after compact");
            lua.call::<_, f64>("compact", ());
            let shown = lua.result();
            assert!(shown == first.result, "compact leaves the result where it is");
            let copy = lua.snapshot();
            lua = Lua::new(version);
            lua.restore(&copy);
            same(&mut lua, "after a restore");
            lua.set(option::RESULT, 10.0);
            lua.set(option::FORMAT, 1.0 - format);
            same(&mut lua, "whatever the options are now");
            lua.set(option::RESULT, 0.0);
            // A refusal leaves the result.
            for unknown in [0, -1, task + 100, i32::MAX] {
                let result = lua.result();
                assert_eq!(lua.call::<_, i32>("request", unknown), -status::BAD_ARGUMENT);
                assert_eq!(lua.result(), result);
            }
            assert_eq!(lua.cancel(other), status::OK);
            same(&mut lua, "after a cancelled task");
            assert_eq!(lua.resume(task, &pack(&["back".into()])).status(), status::OK);
            assert_eq!(lua.request(task).status(), status::BAD_ARGUMENT, "it waits no longer");
        }
    }

    fn what_has_no_request_answers_its_message_again(version: Version) {
        let mut lua = Lua::new(version);
        for format in [0.0, 1.0] {
            lua.set(option::FORMAT, format);
            lua.set(option::SLICE, 1000.0);
            let paused = lua.run("while true do end");
            let task = lua.task();
            lua.set(option::SLICE, 0.0);
            lua.set(option::OUTPUT, 10.0);
            let full = lua.run("print(('x'):rep(20))");
            let other = lua.task();
            lua.set(option::FORMAT, 1.0 - format);
            lua.set(option::OUTPUT, 0.0);
            lua.run("return 1");
            for (task, run) in [(task, &paused), (other, &full), (task, &paused)] {
                let again = lua.request(task);
                assert_eq!((again.answer, again.result), (run.answer, run.result.clone()));
            }
            lua.cancel(task);
            assert_eq!(lua.resume(other, &[]).status(), status::OK);
        }
    }

    fn requests_count_against_memory_and_leave_with_their_tasks(version: Version) {
        let mut lua = Lua::new(version);
        lua.eval("return ('x'):rep(5000)");
        let source = "local s = 'y' return host.call('ask', ('x'):rep(100000))";
        let mut used = Vec::new();
        for round in 0..4 {
            let tasks: Vec<i32> = (0..10).map(|_| suspended(&mut lua, source)).collect();
            assert!(lua.get(option::MEMORY_USED) > 1_000_000.0);
            match round % 2 {
                0 => tasks.iter().for_each(|task| assert_eq!(lua.resume(*task, &[]).status(), status::OK)),
                _ => tasks.iter().for_each(|task| assert_eq!(lua.cancel(*task), status::OK)),
            }
            lua.eval("collectgarbage() collectgarbage() return ''");
            used.push(lua.get(option::MEMORY_USED));
        }
        assert!(used[3] <= used[0] && used[0] < 300_000.0, "{used:?}");
        let task = suspended(&mut lua, source);
        assert_eq!(lua.request(task).status(), status::YIELD);
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        assert_eq!((lua.get(option::MEMORY_USED), lua.result().len()), (0.0, 0));
    }
}
