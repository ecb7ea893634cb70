"""Reference Lua 5.4 and 5.5 in a sandbox: limits, pauses, host functions, snapshots.

>>> from moonlet import Lua
>>> with Lua(memory=16 << 20, fuel=10_000_000) as lua:
...     lua.define("add", lambda a, b: a + b)
...     lua.eval("return add(1, 2)")
3
"""

from __future__ import annotations

from .codec import Key
from .errors import (
    LuaBudgetError,
    LuaCancelledError,
    LuaError,
    LuaExitError,
    LuaMemoryError,
    LuaPoisonedError,
    LuaRefusedError,
    LuaRuntimeError,
    LuaSyntaxError,
)
from .files import Files, Globals
from .functions import LuaFunction
from .objects import HostReference, UnknownReference
from .options import LIBRARIES
from .state import Lua, Stats
from .tasks import Task

__version__ = "0.1.0"

__all__ = [
    "LIBRARIES",
    "Files",
    "Globals",
    "HostReference",
    "Key",
    "Lua",
    "LuaBudgetError",
    "LuaCancelledError",
    "LuaError",
    "LuaExitError",
    "LuaFunction",
    "LuaMemoryError",
    "LuaPoisonedError",
    "LuaRefusedError",
    "LuaRuntimeError",
    "LuaSyntaxError",
    "Stats",
    "Task",
    "UnknownReference",
]


def load_ipython_extension(ipython: object) -> None:
    """What ``%load_ext moonlet`` calls: see :mod:`moonlet.magic`."""
    from . import magic

    magic.load(ipython)
