"""A script on its way from host to host."""

from __future__ import annotations

import argparse
from pathlib import Path

from moonlet import Lua, Task
from programs import source


def go_on(lua: Lua, task: Task, out: Path) -> None:
    while task.kind == "paused":
        task.resume()
    if task.kind == "done":
        print(task.result)
    else:
        out.write_bytes(lua.snapshot())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start", help="runs rich.lua until it waits for `ask`, and writes the snapshot to OUT")
    go = commands.add_parser(
        "go",
        help="restores IN, answers the call that waits with NAME and its arguments but the first; writes the next snapshot to OUT, or prints the result",
    )
    go.add_argument("name", metavar="NAME")
    go.add_argument("before", metavar="IN", type=Path)
    for parsed in (start, go):
        parsed.add_argument("out", metavar="OUT", type=Path)
    asked = parser.parse_args()
    with Lua() as lua:
        if asked.command == "start":
            lua.define("ask")
            task = lua.start(source("rich.lua"))
        else:
            lua.restore(asked.before.read_bytes())
            (task,) = lua.tasks
            task.resume(asked.name, *task.arguments[1:])
        go_on(lua, task, asked.out)


if __name__ == "__main__":
    main()
