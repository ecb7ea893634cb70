"""A script that waits for an answer moves into another state, and gets it there."""

from __future__ import annotations

from moonlet import Lua
from programs import source

with Lua() as lua:
    lua.define("ask")
    task = lua.start(source("snapshot.lua"))
    print(f"asked: {task.arguments[0]}")
    data = lua.snapshot()
print("the snapshot is taken, the first instance closed")

with Lua() as lua:
    lua.restore(data)
    (task,) = lua.tasks
    for answer in ("Arthur", "the grail"):
        print(f"asked: {task.arguments[0]}")
        task.resume(answer)
    print(task.result)
