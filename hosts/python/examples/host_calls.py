"""Functions of the host: plain, failing, one that gets a Lua function, and an asynchronous one."""

from __future__ import annotations

import asyncio

from moonlet import Lua, LuaFunction
from programs import source


async def main() -> None:
    with Lua() as lua:

        @lua.function
        def add(a: int, b: int) -> int:
            return a + b

        @lua.function
        def lookup(name: str) -> str:
            raise KeyError(f"no such name: {name}")

        @lua.function
        async def twice(function: LuaFunction, text: str) -> str:
            once: str = await function.call_async(text)
            result: str = await function.call_async(once)
            return result

        @lua.function
        async def later(value: str) -> str:
            await asyncio.sleep(0.01)
            return value

        await lua.eval_async(source("host-calls.lua"))


asyncio.run(main())
