"""Functions of Lua in the hands of the host, and objects of the host in the hands of Lua."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest

from moonlet import HostReference, Lua, LuaFunction, LuaMemoryError, LuaRefusedError, LuaRuntimeError, UnknownReference


def test_a_lua_function_can_be_called(lua: Lua) -> None:
    add = lua.eval("return function(a, b) return a + b end")
    assert isinstance(add, LuaFunction)
    assert add(1, 2) == 3
    assert lua.call(add, 3, 4) == 7
    lua.define("apply", lambda function, value: function(value))
    assert lua.eval("return apply(function(x) return x * 2 end, 21)") == 42


def test_the_same_function_is_equal_and_goes_back_as_itself(lua: Lua) -> None:
    lua.eval("f = function() end g = function() end")
    assert lua.get("f") == lua.get("f")
    assert lua.get("f") != lua.get("g")
    assert len({lua.get("f"), lua.get("f"), lua.get("g")}) == 2
    assert lua.eval("return ... == f", lua.get("f")) is True


def test_coroutines_and_userdata_come_and_go_too(lua: Lua) -> None:
    thread, file = lua.eval("return coroutine.create(function() coroutine.yield(5) end), io.stdout")
    assert lua.eval("return select(2, coroutine.resume(...))", thread) == 5
    assert lua.eval("return io.type(...)", file) == "file"
    with pytest.raises(LuaRuntimeError):
        thread()


def test_release(lua: Lua) -> None:
    function = lua.eval("return print")
    assert lua.stats.handles == 1
    function.release()
    function.release()
    assert lua.stats.handles == 0
    with pytest.raises(LuaRefusedError, match="was released"):
        function()
    with pytest.raises(LuaRefusedError, match="was released"):
        lua.eval("return ...", function)
    with lua.eval("return print") as function:
        assert lua.stats.handles == 1
    assert lua.stats.handles == 0
    assert "released" in repr(function)


def test_what_python_forgets_is_released(lua: Lua) -> None:
    lua.eval("function fresh() return function() end end")
    for _ in range(1000):
        lua.call("fresh")
    gc.collect()
    assert lua.stats.handles == 0


def test_a_function_of_another_state_is_refused(lua: Lua) -> None:
    with Lua() as other:
        function = other.eval("return print")
        with pytest.raises(LuaRefusedError, match="another state"):
            lua.call(function)
        with pytest.raises(LuaRefusedError, match="another state"):
            lua.set("x", function)


def test_a_function_outlives_its_closed_state_without_harm() -> None:
    lua = Lua()
    function = lua.eval("return print")
    lua.close()
    with pytest.raises(LuaRefusedError, match="closed"):
        function()
    function.release()
    del function


def test_a_callback(lua: Lua) -> None:
    seen: list[Any] = []
    lua.set("callback", seen.append)
    lua.eval("callback(1) callback({2})")
    assert seen == [1, [2]]
    assert lua.eval("return (...)(2)", lambda x: x + 1) == 3
    assert lua.call("pcall", lambda: (1, 2)) == (True, 1, 2)


def test_the_same_object_is_the_same_in_lua(lua: Lua) -> None:
    assert lua.eval("local a, b, c = ... return a == b, a == c", print, print, len) == (True, False)
    assert lua.eval("return ...", print) is print


def test_an_object_is_opaque(lua: Lua) -> None:
    thing = object()
    lua.set("thing", HostReference(thing))
    assert lua.get("thing") is thing
    for source in ["return thing()", "thing.x = 1", "thing:method()"]:
        with pytest.raises((TypeError, LuaRuntimeError)):
            lua.eval(source)
    assert lua.eval("return thing.x") is None
    assert lua.eval("return thing.__class__") is None


class Account:
    def __init__(self) -> None:
        self.balance = 0

    def deposit(self, amount: int) -> int:
        self.balance += amount
        return self.balance

    def secret(self) -> str:
        return "secret"


def test_methods(lua: Lua) -> None:
    account = Account()
    lua.set("account", HostReference(account, methods=["deposit"]))
    assert lua.eval("account:deposit(5) return account:deposit(6)") == 11
    assert lua.eval("return account.deposit == account.deposit") is True
    assert lua.eval("return account.secret, account.balance") == (None, None)
    lua.set("account", HostReference(account, methods={"double": lambda value: value.balance * 2}))
    assert lua.eval("return account:double()") == 22


def test_a_method_serves_only_its_object(lua: Lua) -> None:
    lua.set("account", HostReference(Account(), methods=["deposit"]))
    for source in ["account.deposit(5)", "account.deposit('x', 5)", "account.deposit()"]:
        with pytest.raises(TypeError, match="with a colon"):
            lua.eval(source)
    with pytest.raises(ValueError, match="cannot be a method"):
        HostReference(1, methods=["__class__"])
    with pytest.raises(TypeError, match="no single string"):
        HostReference(1, methods="deposit")


def test_an_exception_of_a_method_is_the_same_object(lua: Lua) -> None:
    raised = ValueError("no")

    def fail(value: Any) -> None:
        raise raised

    lua.set("thing", HostReference(1.5, methods={"fail": fail}))
    with pytest.raises(ValueError) as caught:
        lua.eval("local _, e = pcall(thing.fail, thing) assert(e.message == 'ValueError: no') error(e)")
    assert caught.value is raised


def test_the_host_hears_when_lua_drops_it(lua: Lua) -> None:
    dropped: list[Any] = []
    things = [[number] for number in range(50)]
    for thing in things:
        lua.eval("local x = ...", HostReference(thing, on_drop=dropped.append))
    lua.eval("collectgarbage() collectgarbage()")
    lua.eval("")
    assert sorted(dropped) == things
    assert len(lua._objects) == 0


def test_an_error_of_on_drop_does_not_reach_the_evaluation(lua: Lua, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", told.append)
    lua.eval("local x = ...", HostReference([], on_drop=lambda value: 1 / 0))
    lua.eval("collectgarbage() collectgarbage()")
    assert lua.eval("return 1") == 1
    assert [hook.exc_type for hook in told] == [ZeroDivisionError]


def test_a_refused_call_leaves_no_object_behind() -> None:
    with Lua(memory=1 << 20) as lua:
        before = len(lua._objects)
        with pytest.raises(TypeError):
            lua.eval("", HostReference([]), {1})
        with pytest.raises(LuaRefusedError):
            lua.eval("", HostReference([]), "x" * (2 << 20))
        with pytest.raises(LuaRefusedError):
            lua.eval("", HostReference([]), {None: 1})
        assert len(lua._objects) == before


def test_requests_that_a_script_makes_up(lua: Lua) -> None:
    for source in ["host.call('__call')", "host.call('__index', 5, 'x')", "host.call('__newindex', {}, 1, 2)", "host.call('__call', print)"]:
        with pytest.raises(TypeError, match="takes an object of the host"):
            lua.eval(source)
    lua.set("add", lambda a, b: a + b)
    assert lua.eval("return host.call('__call', add, 1, 2)") == 3
    assert lua.eval("return host.call('__index', add)") is None
    assert lua.eval("return 2 + 2") == 4


def test_objects_of_a_host_that_is_gone(lua: Lua) -> None:
    lua.set("callback", print)
    data = lua.snapshot()
    with Lua(module=lua._options.module) as other:
        other.restore(data)
        lost = other.get("callback")
        assert isinstance(lost, UnknownReference)
        assert other.eval("return callback == ...", lost) is True
        with pytest.raises(LuaRefusedError, match="host that is gone"):
            other.eval("callback()")
        # A new object is not taken for it.
        assert other.eval("return callback == ...", len) is False


def test_an_object_as_a_key(lua: Lua) -> None:
    table = lua.eval("return {[...] = 1}", print)
    assert table == {print: 1}
    (key,) = lua.eval("return {[...] = 1}", HostReference([]))
    assert key.value == []


def test_a_release_in_another_thread_is_made_up_for(lua: Lua) -> None:
    held = [lua.eval("return print")]

    def release() -> None:
        with pytest.raises(LuaRefusedError, match="belongs to the thread"):
            held[0].release()

    thread = threading.Thread(target=release)
    thread.start()
    thread.join()
    held.clear()
    assert lua.stats.handles == 0


def test_many_functions_are_released_where_memory_is_out() -> None:
    with Lua(memory=4 << 20) as lua:
        functions = lua.eval("local t = {} for i = 1, 20000 do t[i] = function() return i end end return t")
        for size in (1000, 10):
            with pytest.raises(LuaMemoryError):
                lua.eval("keep = keep or {} while true do keep[#keep + 1] = ('x'):rep(...) end", size)
        del functions
        assert lua.stats.handles == 0
