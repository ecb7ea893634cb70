"""Scripts that mean harm, each stopped by a limit; the state goes on after them."""

from __future__ import annotations

from moonlet import Lua, LuaBudgetError, LuaMemoryError
from programs import source

with Lua(memory=8 << 20, fuel=10_000_000) as lua:
    lua.eval(source("hostile.lua"))
    for name in ("spin", "fill", "match", "recurse"):
        try:
            lua.call(name)
        except (LuaBudgetError, LuaMemoryError) as error:
            print(f"{name}: {error.kind}")
    print(lua.eval("return 2 + 2"))
