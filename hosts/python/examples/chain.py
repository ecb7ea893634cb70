"""A script on its way from host to host.

chain.py start OUT         runs rich.lua until it waits for `ask`, and writes the snapshot to OUT
chain.py go NAME IN OUT    restores IN, answers the call that waits with NAME and its arguments but the first; writes the next snapshot to OUT, or prints the result
"""

from __future__ import annotations

import sys
from pathlib import Path

from moonlet import Lua, Task
from programs import source


def leave(lua: Lua, task: Task, out: str) -> None:
    if task.kind == "done":
        print(task.result)
    else:
        Path(out).write_bytes(lua.snapshot())


def main(arguments: list[str]) -> None:
    if len(arguments) == 2 and arguments[0] == "start":
        with Lua() as lua:
            lua.define("ask")
            task = lua.start(source("rich.lua"))
            while task.kind == "paused":
                task.resume()
            leave(lua, task, arguments[1])
    elif len(arguments) == 4 and arguments[0] == "go":
        _, name, before, out = arguments
        with Lua() as lua:
            lua.restore(Path(before).read_bytes())
            (task,) = lua.tasks
            task.resume(name, *task.arguments[1:])
            while task.kind == "paused":
                task.resume()
            leave(lua, task, out)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
