"""Evaluates a script, and calls a function that it left."""

from __future__ import annotations

from moonlet import Lua
from programs import source

with Lua() as lua:
    print(lua.eval(source("hello.lua")))
    print(lua.call("greet", "world"))
