from __future__ import annotations

import traceback
from typing import Any

import pytest

from moonlet import Lua, LuaRefusedError, LuaRuntimeError


def test_values_in_and_out(lua: Lua) -> None:
    seen: list[Any] = []

    def take(*arguments: Any) -> Any:
        seen.append(arguments)
        return arguments

    lua.define("take", take)
    assert lua.eval("return take(1, nil, {x = 'y'}, '\\xff')") == (1, None, {"x": "y"}, b"\xff")
    assert seen == [(1, None, {"x": "y"}, b"\xff")]


def test_none_is_one_nil_and_a_tuple_several_results(lua: Lua) -> None:
    lua.define({"none": lambda: None, "nothing": lambda: (), "two": lambda: (1, 2), "table": lambda: [1, 2]})
    assert lua.eval("return select('#', none()), select('#', nothing()), select('#', two()), #table()") == (1, 0, 2, 2)


def test_functions_in_tables(lua: Lua) -> None:
    lua.define({"fs.read": lambda name: f"<{name}>", "fs.inner.size": len, "top": lambda: 1})
    assert lua.eval("return fs.read('a'), fs.inner.size('abc'), top()") == ("<a>", 3, 1)
    lua.eval("keep = {x = 1}")
    lua.define("keep.f", lambda: 2)
    assert lua.eval("return keep.x + keep.f()") == 3


def test_the_decorator(lua: Lua) -> None:
    @lua.function
    def double(x: int) -> int:
        return 2 * x

    @lua.function("tools.triple")
    def triple(x: int) -> int:
        return 3 * x

    assert lua.eval("return double(2), tools.triple(2)") == (4, 6)
    assert double(1) == 2


def test_it_is_a_function_to_lua(lua: Lua) -> None:
    lua.define("f", lambda: 1)
    assert lua.eval("return type(f)") == "function"


def test_a_host_function_may_evaluate(lua: Lua) -> None:
    lua.define("twice", lambda source: lua.eval(source) * 2)
    assert lua.eval("return twice('return 4') + 1") == 9


def test_an_exception_is_the_same_object(lua: Lua) -> None:
    raised = KeyError("nobody")

    def fail() -> None:
        raise raised

    lua.define("fail", fail)
    for source in [
        "fail()",
        "local ok, e = pcall(fail) error(e)",
        "local ok, e = pcall(fail) error(e, 0)",
        "return coroutine.wrap(function() fail() end)()",
        "local _, e = xpcall(fail, function(e) return e end) error(e)",
        "local guard <close> = setmetatable({}, {__close = function(_, e) error(e) end}) fail()",
        "kept = select(2, pcall(fail))",
        "error(kept)",
    ]:
        try:
            lua.eval(source)
        except KeyError as error:
            assert error is raised
        else:
            assert source.startswith("kept")


def test_an_exception_has_both_tracebacks(lua: Lua) -> None:
    def fail() -> None:
        raise ValueError("from Python")

    lua.define("fail", fail)
    with pytest.raises(ValueError) as caught:
        lua.eval("local function inside() fail() end\ninside()", name="@script.lua")
    functions = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "fail" in functions
    notes = getattr(caught.value, "__notes__")
    assert len(notes) == 1
    assert "script.lua:1:" in notes[0]
    assert "script.lua:2:" in notes[0]


def test_two_exceptions_with_one_text_are_two(lua: Lua) -> None:
    raised = [ValueError("same"), ValueError("same")]
    lua.define("fail", lambda number: (_ for _ in ()).throw(raised[number - 1]))
    with pytest.raises(ValueError) as caught:
        lua.eval("local _, first = pcall(fail, 1) local _, second = pcall(fail, 2) error(first)")
    assert caught.value is raised[0]


def test_what_a_script_sees_of_an_exception(lua: Lua) -> None:
    nobody: dict[str, int] = {}
    lua.define("fail", lambda: nobody["nobody"])
    assert lua.eval("local _, e = pcall(fail) return tostring(e), e.message, e.type, 'got ' .. e") == (
        "KeyError: 'nobody'",
        "KeyError: 'nobody'",
        "KeyError",
        "got KeyError: 'nobody'",
    )
    # Through host.call it is the same table, without what shows it.
    assert lua.eval("local _, e = pcall(host.call, 'fail') return e.message") == "KeyError: 'nobody'"


def test_a_very_long_message_still_brings_the_exception(lua: Lua) -> None:
    raised = ValueError("x\ud800" * 100_000)

    def fail() -> None:
        raise raised

    lua.define("fail", fail)
    with pytest.raises(ValueError) as caught:
        lua.eval("fail()")
    assert caught.value is raised


def test_an_error_of_lua_passes_through_a_host_function(lua: Lua) -> None:
    lua.define("run", lua.eval)
    with pytest.raises(LuaRuntimeError, match="^eval:1: inner"):
        lua.eval("run([[error('inner')]])")
    assert lua.eval("local _, e = pcall(run, [[error('inner')]]) return tostring(e)") == "eval:1: inner"


def test_stop_iteration_passes(lua: Lua) -> None:
    lua.define("advance", lambda: next(iter(())))
    with pytest.raises(StopIteration):
        lua.eval("advance()")


def test_what_is_no_exception_ends_the_evaluation(lua: Lua) -> None:
    def leave() -> None:
        raise SystemExit(3)

    lua.define("leave", leave)
    with pytest.raises(SystemExit):
        lua.eval("pcall(leave) went_on = true")
    assert lua.get("went_on") is None
    assert lua.stats.tasks == 0
    assert lua.eval("return 2 + 2") == 4


def test_a_value_that_cannot_be_encoded_is_an_error_in_the_script_and_here(lua: Lua) -> None:
    lua.define("bad", lambda: {1, 2})
    told = "the host function 'bad' returned cannot go to Lua: Lua has no form"
    with pytest.raises(TypeError, match="Lua has no form of builtins.set; pass"), pytest.warns(RuntimeWarning, match=told):
        lua.eval("bad()")
    with pytest.warns(RuntimeWarning, match=told):
        assert lua.eval("local ok, e = pcall(bad) return ok, e.type") == (False, "TypeError")
    lua.define("huge", lambda: 1 << 64)
    with pytest.raises(OverflowError), pytest.warns(RuntimeWarning):
        lua.eval("huge()")
    assert lua.stats.tasks == 0


def test_an_answer_that_does_not_fit_is_an_error_in_the_script() -> None:
    with Lua(memory=1 << 20) as lua:
        lua.define("big", lambda: "x" * (4 << 20))
        assert lua.eval("local ok, e = pcall(big) return ok, e.type") == (False, "LuaRefusedError")
        with pytest.raises(LuaRefusedError, match="do not fit into the state's memory; raise `memory`"):
            lua.eval("big()")
        assert lua.stats.tasks == 0


def test_unknown_functions_are_errors(lua: Lua) -> None:
    with pytest.raises(LuaRefusedError, match="no function 'missing'; define it first"):
        lua.eval("host.call('missing')")
    with pytest.raises(TypeError, match="defined by a function"):
        lua.define("x", 5)  # type: ignore[call-overload]


def test_a_state_without_the_library_host() -> None:
    with Lua(libraries=["base"]) as lua, pytest.raises(LuaRefusedError, match='add "host" to `libraries`'):
        lua.define("f", lambda: 1)


def test_host_functions_without_the_base_library() -> None:
    with Lua(libraries=["host"]) as lua:
        lua.define("f", lambda: 1)
        assert lua.eval("return f()") == 1


def test_host_calls_are_limited() -> None:
    with Lua(host_calls=3) as lua:
        lua.define("f", lambda: 1)
        assert lua.eval("f() f() f() return 1") == 1
        with pytest.raises(LuaRuntimeError):
            lua.eval("for i = 1, 4 do f() end")
