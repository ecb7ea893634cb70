"""The ten tasks of the host packages, here and with lupa where it is installed: one line of JSON for each.

Times are the medians of several rounds, taken side by side, in microseconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module, metadata
from typing import Any, Callable, Optional

from moonlet import Lua, LuaBudgetError

lupa: Any = None
with suppress(ImportError):
    lupa = import_module("lupa.lua54")

ROUNDS = 9
KILOBYTE = {"name": "x" * 500, "numbers": list(range(100)), "flags": {f"key {number}": True for number in range(20)}}
MEGABYTE = [{"id": number, "name": f"row {number}", "tags": ["a", "b"], "x": number / 7} for number in range(20_000)]


def median(run: Callable[[], object], count: int) -> float:
    """Microseconds of one run."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(count):
            run()
        rounds.append((time.perf_counter() - start) / count * 1e6)
    return statistics.median(rounds)


def tell(task: str, ours: float, theirs: Optional[float], unit: str = "us") -> None:
    """Prints the figures of a task."""
    for host, value in (("moonlet on Python", ours), ("lupa", theirs)):
        if value is not None:
            print(json.dumps({"task": task, "host": f"{host} {metadata.version('lupa')}" if host == "lupa" else host, "value": value, "unit": unit}), flush=True)


def pair(task: str, count: int, ours: Callable[[], object], theirs: Optional[Callable[[], object]]) -> None:
    tell(task, median(ours, count), median(theirs, count) if lupa and theirs else None)


def first_result(source: str) -> float:
    """Microseconds from the start of the interpreter to a result, without what the interpreter itself takes."""

    def start(program: str) -> float:
        return median(lambda: subprocess.run([sys.executable, "-c", program], check=True), 1)

    return start(source) - start("pass")


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4


def memory_of_states(make: Callable[[], object]) -> float:
    before = resident()
    states = [make() for _ in range(100)]
    after = resident()
    del states
    return (after - before) / 100


def stop_hostile() -> None:
    with Lua(fuel=1_000_000) as lua:
        try:
            lua.eval("while true do pcall(error) end")
        except LuaBudgetError:
            return
    raise AssertionError("it was not stopped")


def interrupt_delay() -> float:
    """Microseconds from SIGINT to KeyboardInterrupt, the worst of some scripts."""
    worst = 0.0
    with Lua() as lua:
        for source in ("while true do end", "while true do pcall(error) end", "('a'):rep(30000):find(('.-'):rep(20) .. 'b')", "while true do ('x'):rep(1e7) end"):
            sent = []

            def interrupt() -> None:
                sent.append(time.perf_counter())
                os.kill(os.getpid(), signal.SIGINT)

            try:
                threading.Timer(0.1, interrupt).start()
                lua.eval(source)
            except KeyboardInterrupt:
                worst = max(worst, time.perf_counter() - sent[0])
    return worst * 1e6


def main() -> None:
    versions = {name: metadata.version(name) for name in ("wasmtime", "lupa") if name == "wasmtime" or lupa}
    print(json.dumps({"versions": {"python": platform.python_version(), **versions}}), flush=True)

    lua = Lua()
    other: Any = lupa.LuaRuntime(unpack_returned_tuples=True) if lupa else None
    ask = "function empty() end function echo(x) return x end"
    lua.eval(ask)
    lua.define("add", lambda a, b: a + b)
    if other:
        other.execute(ask)
        other.globals().add = lambda a, b: a + b

    pair("create", 20, lambda: Lua().close(), lambda: lupa.LuaRuntime())

    def made() -> None:
        with Lua() as state:
            state.eval("return 1")

    pair("create, first result", 20, made, lambda: lupa.LuaRuntime().eval("1"))
    hello = "from moonlet import Lua; Lua().eval('return 1')"
    tell("import to first result", first_result(hello), first_result("import lupa.lua54 as l; l.LuaRuntime().eval('1')") if lupa else None)
    pair("empty call", 2000, lambda: lua.call("empty"), other and other.globals().empty)
    pair("hello", 2000, lambda: lua.eval("return 'hello'"), other and (lambda: other.eval("'hello'")))
    # lupa gives Lua the dict itself; both copy here.
    echo: Any = other and other.globals().echo
    pair("1 kB of values", 200, lambda: lua.call("echo", KILOBYTE), other and (lambda: copied(echo(other.table_from(KILOBYTE, recursive=True)))))
    pair("1 MB of values", 1, lambda: lua.call("echo", MEGABYTE), other and (lambda: copied(echo(other.table_from(MEGABYTE, recursive=True)))))
    loop = "for i = 1, 1000 do add(i, 1) end"
    tell("host call", median(lambda: lua.eval(loop), 3) / 1000, median(lambda: other.execute(loop), 3) / 1000 if other else None)

    async def nothing() -> None:
        pass

    lua.define("nothing", nothing)
    calls = "for i = 1, 1000 do nothing() end"
    tell("async host call", median(lambda: asyncio.run(lua.eval_async(calls)), 3) / 1000, None)
    tell("hostile script stopped: 1,000,000 units of `while true do pcall(error) end`", median(stop_hostile, 1), None)
    tell("Ctrl-C, until the script has ended", interrupt_delay(), None)
    tell("memory of a state, of 100", memory_of_states(Lua), memory_of_states(lupa.LuaRuntime) if lupa else None, "KiB")


def copied(table: Any) -> Any:
    """A table of lupa as Python's own."""
    if lupa.lua_type(table) != "table":
        return table
    return {key: copied(value) for key, value in table.items()}


if __name__ == "__main__":
    main()
