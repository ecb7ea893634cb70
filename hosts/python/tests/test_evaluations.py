from __future__ import annotations

import math
from typing import Any

import pytest

from moonlet import Key, Lua, LuaFunction, LuaRuntimeError


def test_results_are_none_one_or_a_tuple(lua: Lua) -> None:
    assert lua.eval("local x = 1") is None
    assert lua.eval("return nil") is None
    assert lua.eval("return 6 * 7") == 42
    assert lua.eval("return 1, nil, 'x'") == (1, None, "x")
    assert lua.eval("return {1, 2}") == [1, 2]


def test_every_kind_of_value_comes_out(lua: Lua) -> None:
    assert lua.eval("return true, 1, 1.0, 'Grüße', '\\xff', {}, {a = {1}}, math.mininteger, 1/0") == (
        True,
        1,
        1.0,
        "Grüße",
        b"\xff",
        [],
        {"a": [1]},
        -(1 << 63),
        math.inf,
    )
    integer, real = lua.eval("return 1, 1.0")
    assert type(integer) is int
    assert type(real) is float


def test_keys_of_any_kind_come_out(lua: Lua) -> None:
    table = lua.eval("return {[{}] = 1, [{1}] = 2, [1.5] = 3, [true] = 4, [1] = 5, [print] = 6, __proto__ = 7}")
    assert table[1.5] == 3
    assert table["__proto__"] == 7
    # True and 1 are one key to Python, so the second of them comes as a Key.
    others = [(key.value if isinstance(key, Key) else key, value) for key, value in table.items()]
    assert sorted(value for key, value in others if key == 1) == [4, 5]
    assert [(type(key), value) for key, value in others if value in (4, 5)].count((bool, 4)) == 1
    assert sorted(value for key, value in others if isinstance(key, list)) == [1, 2]
    assert [value for key, value in others if isinstance(key, LuaFunction)] == [6]


def test_keys_go_back_as_they_came(lua: Lua) -> None:
    lua.eval("function kinds(t) local seen = {} for k in pairs(t) do seen[#seen + 1] = type(k) end table.sort(seen) return table.concat(seen, ' ') end")
    table = lua.eval("return {[{}] = 1, [true] = 4, [1] = 5, x = 6}")
    assert lua.call("kinds", table) == "boolean number string table"


def test_arguments_are_the_dots(lua: Lua) -> None:
    assert lua.eval("return select('#', ...), ...", 1, None, "x", None) == (4, 1, None, "x", None)


def test_source_may_be_bytes(lua: Lua) -> None:
    assert lua.eval(b"return '\xff'") == b"\xff"


def test_a_chunk_has_the_name_it_was_given(lua: Lua) -> None:
    with pytest.raises(LuaRuntimeError, match="^eval:1: "):
        lua.eval("local x = nil .. 1")
    with pytest.raises(LuaRuntimeError, match=r"^game\.lua:2: ") as caught:
        lua.eval("\nerror('no')", name="@game.lua")
    assert (caught.value.chunk, caught.value.line) == ("game.lua", 2)


def test_call_by_path_method_and_value(lua: Lua) -> None:
    lua.eval("game = {name = 'x', player = {hp = 3}} function game.add(a, b) return a + b end function game.player:hit(n) self.hp = self.hp - n return self.hp end")
    assert lua.call("game.add", 1, 2) == 3
    assert lua.call("game.player:hit", 2) == 1
    assert lua.call(lua.get("game.add"), 3, 4) == 7


def test_get_and_set(lua: Lua) -> None:
    lua.set("x", {"y": {"z": 1}})
    assert lua.get("x.y.z") == 1
    lua.set("x.y.z", [1, 2])
    assert lua.eval("return x.y.z[2]") == 2
    lua.set("x.y.z", None)
    assert lua.get("x.y.z") is None
    assert lua.get("nothing") is None
    with pytest.raises(LuaRuntimeError, match="index a nil value"):
        lua.get("nothing.at.all")
    for path in ("", ".", "a..b", "a."):
        with pytest.raises(ValueError, match="is no path"):
            lua.get(path)


def test_get_and_set_need_no_library() -> None:
    with Lua(libraries=[]) as lua:
        lua.set("x", 1)
        assert lua.get("x") == 1


def test_globals_are_a_mapping(lua: Lua) -> None:
    lua.globals["answer"] = 42
    assert lua.eval("return answer") == 42
    assert lua.globals["answer"] == 42
    assert "answer" in lua.globals
    assert "answer" in list(lua.globals)
    assert lua.globals.get("nothing") is None
    # A name is one name here, no path.
    lua.globals["a.b"] = 1
    assert lua.eval("return _G['a.b']") == 1
    del lua.globals["answer"]
    with pytest.raises(KeyError, match="answer"):
        lua.globals["answer"]
    with pytest.raises(KeyError):
        del lua.globals["answer"]


def test_the_state_persists(lua: Lua) -> None:
    lua.eval("count = 0")
    for _ in range(3):
        lua.eval("count = count + 1")
    assert lua.get("count") == 3


def test_strings_as_bytes() -> None:
    with Lua(strings="bytes") as lua:
        assert lua.eval("return 'x', {a = 'b'}", "x") == (b"x", {b"a": b"b"})
        lua.define("echo", lambda value: value)
        assert lua.eval("return echo('x')") == b"x"
        with pytest.raises(LuaRuntimeError, match="^eval:1: no"):
            lua.eval("error('no')")


def test_nulls() -> None:
    given: list[Any] = [1, None, 3]
    with Lua() as lua:
        assert lua.eval("local t = ... return t[2], t[3]", given) == (None, 3)
        assert lua.eval("return next(...)", {"a": None}) is None
    with Lua(nulls=True) as lua:
        assert lua.eval("local t = ... return t[2] == host.null, t", given) == (True, given)
        assert lua.eval("return ...", None) is None


def test_two_versions() -> None:
    with Lua() as lua:
        assert lua.get("_VERSION") == "Lua 5.4"
    with Lua(module="lua55") as lua:
        assert lua.get("_VERSION") == "Lua 5.5"


def test_a_large_value_goes_through(lua: Lua) -> None:
    rows = [{"id": number, "name": f"row {number}", "tags": ["a", "b"]} for number in range(5_000)]
    assert lua.eval("return ...", rows) == rows
    assert lua.eval("return #...", "x" * 1_000_000) == 1_000_000
