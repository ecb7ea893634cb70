"""Errors of every kind, and what each tells; the state goes on after them."""

from __future__ import annotations

from typing import Callable

from moonlet import Lua, LuaError
from programs import source


def caught(run: Callable[[], object]) -> LuaError:
    try:
        run()
    except LuaError as error:
        print(f"{error.kind}: {error.message}")
        return error
    raise AssertionError("an error was expected")


with Lua(memory=8 << 20) as lua:
    lua.eval(source("errors.lua"), name="@errors.lua")
    caught(lambda: lua.eval("return 1 +", name="=input"))

    error = caught(lambda: lua.call("index", {}))
    named = "in function 'index'" in (error.traceback or "")
    print(f"at {error.chunk}, line {error.line}, the traceback names function 'index': {str(named).lower()}")

    value = caught(lambda: lua.call("refuse")).value
    print(f"code {value['code']}, reason {value['reason']}")

    caught(lambda: lua.call("fill"))
    print(lua.eval("return 2 + 2"))
