from __future__ import annotations

import gc
import pickle
import sys
import traceback
import weakref
from contextlib import suppress

import pytest

import moonlet
from moonlet import Lua, LuaError, LuaExitError, LuaMemoryError, LuaRuntimeError, LuaSyntaxError


def caught(lua: Lua, source: str, name: str = "=eval") -> LuaError:
    with pytest.raises(LuaError) as error:
        lua.eval(source, name=name)
    return error.value


def test_each_error_has_its_type(lua: Lua) -> None:
    for source, kind in [
        ("return 1 +", "syntax"),
        ("error('no')", "runtime"),
        ("error()", "runtime"),
        ("local t = setmetatable({}, {__tostring = error}) error(t)", "runtime"),
        ("os.exit(3)", "exit"),
        ("local t = {} t[1] = t return t", "runtime"),
        ("local t = {} while true do t[#t + 1] = ('x'):rep(1000) end", "memory"),
    ]:
        error = caught(lua, source)
        assert (error.kind, type(error).kind) == (kind, kind)
        assert lua.eval("return 2 + 2") == 4


def test_what_an_error_tells(lua: Lua) -> None:
    error = caught(lua, "local function inner() local t = nil; return t.x end\ninner()", "@script.lua")
    assert type(error) is LuaRuntimeError
    assert error.message == str(error) == "script.lua:1: attempt to index a nil value (local 't')"
    assert (error.chunk, error.line, error.value, error.status) == ("script.lua", 1, None, 2)
    assert error.traceback is not None
    assert "in function 'inner'" in error.traceback or "in upvalue 'inner'" in error.traceback or "in local 'inner'" in error.traceback


def test_a_value_that_was_raised(lua: Lua) -> None:
    assert caught(lua, "error({code = 7})").value == {"code": 7}
    assert caught(lua, "error(42)").value == 42


def test_syntax_errors_tell_the_place(lua: Lua) -> None:
    error = caught(lua, "x = \n = 1", "=input")
    assert type(error) is LuaSyntaxError
    assert (error.chunk, error.line) == ("input", 2)
    assert str(caught(lua, "for i = 1, 2 do")).endswith("near <eof>")


def test_the_code_of_an_exit(lua: Lua) -> None:
    for argument, code in [("3", 3), ("true", 0), ("false", 1), ("", 0)]:
        error = caught(lua, f"os.exit({argument})")
        assert isinstance(error, LuaExitError)
        assert error.code == code


def test_a_result_over_the_option() -> None:
    with Lua(result=1000) as lua:
        assert len(lua.eval("return ('x'):rep(900)")) == 900
        error = caught(lua, "return ('x'):rep(2000)")
        assert (type(error), error.status) == (LuaRuntimeError, 22)
        assert lua.eval("return 2 + 2") == 4


def test_memory() -> None:
    with Lua(memory=1 << 20) as lua:
        error = caught(lua, "local t = {} while true do t[#t + 1] = ('x'):rep(1000) end")
        assert type(error) is LuaMemoryError
        assert lua.eval("return 2 + 2") == 4


def test_all_are_lua_errors() -> None:
    for name in moonlet.__all__:
        value = getattr(moonlet, name)
        if isinstance(value, type) and issubclass(value, Exception):
            assert issubclass(value, LuaError)


def test_an_error_can_be_pickled(lua: Lua) -> None:
    error = caught(lua, "error({code = 7})")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    code = pickle.loads(pickle.dumps(caught(lua, "os.exit(3)")))
    assert code.code == 3


def test_a_state_is_freed_at_once_after_an_error() -> None:
    gc.disable()
    try:
        lua = Lua()
        freed = weakref.ref(lua)
        with suppress(LuaError):
            lua.eval("error('no')")
        with suppress(LuaError):
            lua.start("error('no')")
        with suppress(LuaError):
            lua.start("host.call('x')").fail("no")
        lua.start("host.call('x')")
        del lua
        assert freed() is None
    finally:
        gc.enable()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes are shown from 3.11 on")
def test_python_shows_the_traceback_of_lua(lua: Lua) -> None:
    shown = "".join(traceback.format_exception(caught(lua, "local function deep() error('no') end deep()")))
    assert "stack traceback:" in shown
    assert "deep" in shown
