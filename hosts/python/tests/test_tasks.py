from __future__ import annotations

import pytest

from moonlet import Lua, LuaBudgetError, LuaRefusedError, LuaRuntimeError


def test_a_task_that_ends_at_once(lua: Lua) -> None:
    task = lua.start("return ...", 1, 2)
    assert (task.kind, task.result, task.name, task.arguments) == ("done", (1, 2), None, [])
    assert lua.tasks == []


def test_pauses() -> None:
    with Lua(slice=10_000) as lua:
        task = lua.start("n = 0 for i = 1, 50000 do n = n + 1 end return n")
        pauses = 0
        while task.kind == "paused":
            pauses += 1
            assert lua.tasks == [task]
            assert lua.eval("return 1 + 1") == 2
            task.resume()
        assert pauses > 3
        assert (task.kind, task.result, lua.tasks) == ("done", 50_000, [])


def test_one_that_asks_without_end_pauses_too() -> None:
    with Lua(slice=10_000) as lua:
        asked: list[int] = []
        lua.define("ask", lambda f: asked.append(f()))
        task = lua.start("local n = 0 while n < 1000 do n = n + 1 ask(function() return n end) end return n")
        pauses = 0
        while task.kind == "paused":
            pauses += 1
            assert (task.name, task.arguments, lua.tasks) == (None, [], [task])
            with pytest.raises(LuaRefusedError, match="paused and takes no value"):
                task.resume(1)
            with pytest.raises(LuaRefusedError, match="paused and takes no value"):
                task.fail("no")
            assert lua.eval("return 2 + 2") == 4
            task.resume()
        assert pauses > 3
        assert (task.result, asked, lua.stats.tasks) == (1000, list(range(1, 1001)), 0)


def test_one_that_is_paused_before_an_answer_and_forgotten() -> None:
    with Lua(slice=10_000) as lua:
        lua.define("ask", lambda: 5)
        lua.start("local n = 0 while n < 5000 do n = n + ask() end return n")
        [task] = lua.tasks
        assert (task.kind, task.name, task.arguments) == ("call", "ask", [])
        task.resume(5)
        while task.kind == "paused":
            task.resume()
        assert task.result == 5000
        lua.start("while true do ask() end").cancel()
        assert lua.stats.tasks == 0


def test_a_function_that_waits(lua: Lua) -> None:
    lua.define("ask")
    task = lua.start("return ask('name', {1}) .. '!'")
    assert (task.kind, task.name, task.arguments, task.result) == ("call", "ask", ["name", [1]], None)
    assert task.resume("Ada") is task
    assert (task.kind, task.result) == ("done", "Ada!")


def test_a_function_that_is_not_defined_waits_too(lua: Lua) -> None:
    task = lua.start("return host.call('whatever')")
    assert (task.kind, task.name) == ("call", "whatever")
    assert task.resume(1, 2).result == (1, 2)


def test_functions_that_are_defined_are_answered_on_the_way(lua: Lua) -> None:
    lua.define({"add": lambda a, b: a + b, "ask": None})
    task = lua.start("return add(1, 2) + ask() + add(3, 4)")
    assert task.resume(10).result == 20


def test_failing(lua: Lua) -> None:
    lua.define("ask")
    task = lua.start("local ok, e = pcall(ask) local again = ask(tostring(e)) return again")
    raised = ValueError("no")
    task.fail(raised)
    assert task.arguments == ["ValueError: no"]
    with pytest.raises(ValueError) as caught:
        task.fail(raised)
    assert caught.value is raised
    assert (task.kind, lua.tasks) == ("done", [])
    assert lua.start("return pcall(ask)").fail("plain").result == (False, "plain")


def test_cancelling(lua: Lua) -> None:
    lua.define("ask")
    task = lua.start("local guard <close> = setmetatable({}, {__close = function() closed = true end}) ask()")
    task.cancel()
    task.cancel()
    assert (lua.get("closed"), lua.tasks, task.kind) == (True, [], "done")
    with pytest.raises(LuaRefusedError, match="has ended"):
        task.resume()
    failing = lua.start("local guard <close> = setmetatable({}, {__close = function() error('late') end}) ask()")
    with pytest.raises(LuaRuntimeError, match="late"):
        failing.cancel()


def test_a_task_that_the_host_forgot_is_there_still(lua: Lua) -> None:
    lua.start("return host.call('ask', 1) + 1")
    (task,) = lua.tasks
    assert (task.name, task.arguments) == ("ask", [1])
    assert task.resume(2).result == 3


def test_several_in_any_order(lua: Lua) -> None:
    lua.define("ask")
    tasks = [lua.start("return ask() + ...", number) for number in range(5)]
    assert lua.tasks == tasks
    assert [task.resume(10).result for task in reversed(tasks)] == [14, 13, 12, 11, 10]


def test_errors_end_it() -> None:
    with Lua(fuel=100_000) as lua:
        lua.define("ask")
        task = lua.start("ask() while true do end")
        with pytest.raises(LuaBudgetError):
            task.resume()
            while True:
                task.resume()
        assert (task.kind, lua.tasks) == ("done", [])


def test_a_result_that_is_too_large() -> None:
    with Lua(result=100) as lua:
        lua.define("ask")
        task = lua.start("ask() return ('x'):rep(1000)")
        with pytest.raises(LuaRuntimeError) as caught:
            task.resume()
        assert (caught.value.status, task.kind) == (22, "result")


def test_a_refused_answer_leaves_it_waiting() -> None:
    with Lua(slice=1000, memory=1 << 20) as lua:
        task = lua.start("for i = 1, 1000 do end return 1")
        with pytest.raises(LuaRefusedError):
            task.resume(1)
        assert task.kind == "paused"
        with pytest.raises(LuaRefusedError, match="waits for no answer"):
            task.fail("no")
        while task.kind == "paused":
            task.resume()
        assert task.result == 1
        waiting = lua.start("return #host.call('ask')")
        with pytest.raises(LuaRefusedError, match="do not fit"):
            waiting.resume("x" * (2 << 20))
        with pytest.raises(TypeError):
            waiting.resume({1})
        assert lua.tasks == [waiting]
        assert waiting.resume("x").result == 1


def test_input_and_output() -> None:
    out: list[str] = []
    with Lua(input=True, output=10, on_output=out.append) as lua:
        task = lua.start("local line = io.read() for i = 1, 5 do print(line) end return 'done'")
        assert task.kind == "input"
        lua.write_input("hello\n")
        kinds = []
        while task.kind != "done":
            task.resume()
            kinds.append(task.kind)
        assert "output" in kinds
        assert ("".join(out), task.result) == ("hello\n" * 5, "done")


def test_evaluations_cannot_wait(lua: Lua) -> None:
    lua.define("ask")
    with pytest.raises(LuaRefusedError, match="'ask' waits.*lua.start"):
        lua.eval("ask()")
    assert lua.stats.tasks == 0


def test_a_task_while_it_runs_cannot_go_on(lua: Lua) -> None:
    lua.define("ask")
    task = lua.start("ask() return again()")
    lua.define("again", lambda: task.resume())
    with pytest.raises(LuaRefusedError, match="it runs"):
        task.resume()
    assert lua.tasks == []


def test_an_interrupted_step_ends_the_task(lua: Lua) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    lua.define({"ask": None, "interrupt": interrupt})
    task = lua.start("ask() interrupt()")
    with pytest.raises(KeyboardInterrupt):
        task.resume()
    assert lua.stats.tasks == 0
    with pytest.raises(LuaRefusedError):
        task.resume()


def test_tasks_are_limited() -> None:
    with Lua(tasks=3) as lua:
        lua.define("ask")
        for _ in range(3):
            lua.start("ask()")
        with pytest.raises(LuaRefusedError):
            lua.start("ask()")
        lua.tasks[0].cancel()
        lua.start("ask()")


def test_one_that_may_not_go_on_here_waits_still() -> None:
    with Lua(nesting=0) as lua:
        lua.define("ask")
        task = lua.start("return ask()")
        lua.define("answer", lambda: task.resume(1))
        with pytest.raises(LuaRefusedError, match="nest deeper than 0"):
            lua.eval("answer()")
        assert lua.tasks == [task]
        assert task.resume(2).result == 2


def test_a_function_among_the_arguments_of_a_forgotten_task(lua: Lua) -> None:
    lua.start("host.call('ask', function() return 7 end)")
    data = lua.snapshot()
    for _ in range(2):
        assert lua.stats.handles == 1
        assert lua.tasks[0].arguments[0]() == 7
    lua.restore(data)
    for _ in range(2):
        assert lua.tasks[0].arguments[0]() == 7
    lua.tasks[0].resume()
    assert lua.stats.handles == 0


def test_what_handlers_print_is_shown_at_once() -> None:
    out: list[str] = []
    with Lua(on_output=out.append) as lua:
        guarded = "local guard <close> = setmetatable({}, {__close = function() print('closed') end}) "
        lua.start(guarded + "host.call('x')").cancel()
        assert out.pop() == "closed\n"
        lua.define("leave", lambda: exit(3))
        with pytest.raises(SystemExit):
            lua.eval(guarded + "leave()")
        assert out.pop() == "closed\n"
        lua.eval("setmetatable({}, {__gc = function() print('collected') end})")
        lua.compact()
        assert out == ["collected\n"]
