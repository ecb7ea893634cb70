"""Whether memory stays flat: many evaluations in one state, many states made and dropped. Ends with status 1 where memory grew."""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Iterator
from typing import Any, Callable

from moonlet import HostReference, Lua

#: What the process may grow by between the first tenth and the end, in KiB: caches of Python's own allocator.
ALLOWED = 4096


def resident() -> int:
    """KiB of memory that the process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4


def evaluations(lua: Lua) -> Iterator[Callable[[], Any]]:
    """What a host does, over and over: plain calls, functions and objects both ways, errors, output."""
    lua.define({"add": lambda a, b: a + b, "fail": lambda: 1 / 0, "apply": lambda f: f(1)})
    lua.eval("function empty() end function fresh() return function() end end")

    def caught() -> None:
        try:
            lua.eval("fail()")
        except ZeroDivisionError:
            pass

    kinds = [
        lambda: lua.call("empty"),
        lambda: lua.eval("return add(1, 2)"),
        lambda: lua.call("fresh"),
        lambda: lua.eval("return apply(function(x) return x end)"),
        lambda: lua.eval("local x = ...", HostReference([1])),
        caught,
        lambda: lua.eval("print('x')"),
        lambda: lua.eval("return ...", {"a": [1, 2, 3]}),
    ]
    while True:
        yield from kinds


def grown(count: int, step: Callable[[], object]) -> int:
    """KiB that the process grew by after the first tenth."""
    for _ in range(count // 10):
        step()
    gc.collect()
    before = resident()
    for _ in range(count - count // 10):
        step()
    gc.collect()
    return resident() - before


def main(evaluation_count: int, state_count: int) -> int:
    with Lua(on_output=lambda text: None) as lua:
        kinds = evaluations(lua)
        growth = grown(evaluation_count, lambda: next(kinds)())
        lua.eval("collectgarbage()")
        lua.eval("")
        stats = lua.stats
        print(json.dumps({"evaluations": evaluation_count, "grown KiB": growth, "bytes in Lua": stats.memory_used, "handles": stats.handles}))

    def make() -> None:
        with Lua() as lua:
            lua.define("f", lambda: 1)
            assert lua.eval("return f()") == 1

    states = grown(state_count, make)
    print(json.dumps({"states": state_count, "grown KiB": states}))
    return int(growth > ALLOWED or states > ALLOWED or stats.handles > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("evaluations", nargs="?", type=int, default=1_000_000)
    parser.add_argument("states", nargs="?", type=int, default=10_000)
    counts = parser.parse_args()
    sys.exit(main(counts.evaluations, counts.states))
