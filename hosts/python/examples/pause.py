"""A long computation in slices, between which the host does other things."""

from __future__ import annotations

from moonlet import Lua
from programs import source

with Lua(slice=10_000) as lua:
    task = lua.start(source("pause.lua"))
    print(f"paused, meanwhile 1 + 1 is {lua.eval('return 1 + 1')}")
    pauses = 0
    while task.kind == "paused":
        pauses += 1
        task.resume()
    print(f"paused more than once: {str(pauses > 1).lower()}")
    print(task.result)
