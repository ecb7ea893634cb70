//! Tasks that wait: any number, answered in any order, ended by the host.

use moonlet_tests::{Lua, Random, Run, Version, option, status};
use rmpv::Value;

use super::{one, pack, request, suspended};

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
        let values = pack(&vec![Value::Nil; 200_000]);
        let text = "x".repeat(400_000);
        let memory = lua.get(option::MEMORY_USED) + 500_000.0;
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
}
