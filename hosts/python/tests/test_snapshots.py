from __future__ import annotations

import copy
import hashlib
import pickle
import struct
from typing import Any

import pytest

from moonlet import Lua, LuaRefusedError
from moonlet.snapshot import _HEADER


def test_a_state_moves(lua: Lua) -> None:
    lua.eval("x = {1, 'two'} function f() return x[2] end")
    lua.files["file"] = "contents"
    data = lua.snapshot()
    with Lua(module=lua._options.module) as other:
        other.restore(data)
        assert (other.call("f"), other.files["file"]) == ("two", b"contents")


def test_undo(lua: Lua) -> None:
    lua.eval("x = 1")
    data = lua.snapshot()
    lua.eval("x = 2 y = {} for i = 1, 1e5 do y[i] = i end")
    lua.restore(data)
    assert lua.eval("return x, y") == (1, None)


def test_a_waiting_task_goes_on_elsewhere(lua: Lua) -> None:
    lua.define({"ask": None, "add": lambda a, b: a + b})
    lua.start("local a = ask('first', {1}) local b = ask('second') return add(a, b)")
    data = lua.snapshot()
    with Lua(module=lua._options.module) as other:
        other.restore(data)
        # The globals are there; what Python does for them is told anew.
        other.define("add", lambda a, b: a + b)
        (task,) = other.tasks
        assert (task.kind, task.name, task.arguments) == ("call", "ask", ["first", [1]])
        assert other.tasks == [task]
        assert task.resume(1).arguments == ["second"]
        assert task.resume(2).result == 3
        assert other.tasks == []
    # The first is as it was.
    assert lua.tasks[0].arguments == ["first", [1]]


def test_a_paused_task_goes_on_elsewhere() -> None:
    with Lua(slice=1000) as lua, Lua() as other:
        lua.start("local n = 0 for i = 1, 10000 do n = n + i end return n")
        other.restore(lua.snapshot())
        (task,) = other.tasks
        assert task.kind == "paused"
        assert task.resume().result == 50_005_000


def test_the_options_of_the_new_state_count() -> None:
    with Lua(slice=10, fuel=1000) as lua, Lua(on_output=[].append) as other:
        lua.eval("x = 1")
        other.restore(lua.snapshot())
        assert other.eval("local n = 0 for i = 1, 100000 do n = n + x end return n") == 100_000


def test_clocks_go_on_after_a_restore() -> None:
    with Lua(clock=100) as lua, Lua(clock=200) as other:
        assert (lua.eval("return os.time()"), other.eval("return os.time()")) == (100, 200)
        other.restore(lua.snapshot())
        assert other.eval("return os.time()") == 200


def test_values_of_before_are_refused(lua: Lua) -> None:
    function = lua.eval("return function() return 1 end")
    lua.define("ask")
    task = lua.start("ask()")
    data = lua.snapshot()
    lua.restore(data)
    with pytest.raises(LuaRefusedError, match="older than the snapshot"):
        function()
    with pytest.raises(LuaRefusedError, match="another snapshot was restored"):
        task.resume()
    function.release()
    assert lua.tasks[0].resume().kind == "done"


def test_fork(lua: Lua) -> None:
    lua.eval("x = 1")
    seen: list[Any] = []
    lua.define({"note": seen.append, "ask": None})
    lua.set("callback", seen.append)
    lua.start("note(ask())")
    with lua.fork() as copied:
        copied.eval("x = 2 note('copy') callback('back')")
        copied.tasks[0].resume("answered")
        assert copied.tasks == []
        assert seen == ["copy", "back", "answered"]
        assert len(lua.tasks) == 1
        assert (lua.get("x"), copied.get("x")) == (1, 2)


def test_a_fork_within_a_host_function(lua: Lua) -> None:
    forks: list[Lua] = []
    lua.define("split", lambda: forks.append(lua.fork()))
    assert lua.eval("split() return 'first'") == "first"
    (task,) = forks[0].tasks
    assert (task.name, task.resume().result) == ("split", "first")


def test_pickle(lua: Lua) -> None:
    lua.eval("x = {1, 2}")
    again = pickle.loads(pickle.dumps(lua))
    assert again.get("x") == [1, 2]
    assert again._options == lua._options
    assert copy.deepcopy(lua).get("x") == [1, 2]
    with Lua(fuel=1000, on_output=lambda text: None, input=lambda: "") as other:
        again = pickle.loads(pickle.dumps(other))
        assert (again._options.fuel, again._options.on_output, again._options.input) == (1000, None, True)


def test_the_stored_form(lua: Lua) -> None:
    lua.eval("x = 1")
    data = lua.snapshot()
    letters, form, abi, version, pages, build, length, digest = _HEADER.unpack_from(data)
    assert (letters, form, abi) == (b"MOONSNAP", 2, 1 << 16)
    assert version == (504 if lua._options.module == "lua54" else 505)
    assert (length, hashlib.sha256(data[128:]).digest()) == (len(data) - 128, digest)
    assert struct.unpack_from("<I", data, len(data) - 65_540)[0] == pages - 1
    assert build == lua._instance.build_id()


def test_damaged_snapshots_are_refused_and_nothing_changes(lua: Lua) -> None:
    lua.eval("x = 1")
    data = lua.snapshot()
    lua.eval("x = 2")
    damaged = [data[:length] for length in (0, 1, 7, 8, 127, 128, 129, len(data) // 2, len(data) - 1)] + [data + b"\0"]
    damaged += [bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]]) for at in [*range(128), 128, 132, 5000, len(data) - 1]]
    for bad in damaged:
        with pytest.raises(LuaRefusedError, match="snapshot"):
            lua.restore(bad)
        assert lua.get("x") == 2
    with pytest.raises(TypeError, match="a snapshot is bytes"):
        lua.restore("text")  # type: ignore[arg-type]
    lua.restore(bytearray(data))
    assert lua.get("x") == 1


def rewritten(data: bytes, **changes: Any) -> bytes:
    """A snapshot with other fields, whose hashes are right."""
    names = ["letters", "form", "abi", "version", "pages", "build", "length", "digest"]
    fields = dict(zip(names, _HEADER.unpack_from(data)))
    payload = changes.pop("payload", data[128:])
    fields.update(length=len(payload), digest=hashlib.sha256(payload).digest())
    fields.update(changes)
    header = _HEADER.pack(*fields.values())
    return bytes(header + hashlib.sha256(header).digest() + payload)


def test_snapshots_of_others_say_whose_they_are() -> None:
    with Lua() as lua, Lua(module="lua55") as other:
        with pytest.raises(LuaRefusedError, match=r'made by Lua 5\.5; restore it into Lua\(module="lua55"\)'):
            lua.restore(other.snapshot())
        data = lua.snapshot()
        with pytest.raises(LuaRefusedError, match="another build"):
            lua.restore(rewritten(data, build=bytes(32)))
        with pytest.raises(LuaRefusedError, match="form 3"):
            lua.restore(rewritten(data, form=3))
        first, second = data[128 : 128 + 65_540], data[128 + 65_540 : 128 + 2 * 65_540]
        for payload in (second + first, first + first, first):
            with pytest.raises(LuaRefusedError, match="out of order"):
                lua.restore(rewritten(data, payload=payload))
        with pytest.raises(LuaRefusedError, match="needs 30000 pages"):
            lua.restore(rewritten(data, pages=30_000))
        assert lua.eval("return 2 + 2") == 4


def test_a_small_state_takes_no_large_snapshot() -> None:
    with Lua() as large, Lua(memory=1 << 20) as small:
        large.eval("s = ('x'):rep(8 << 20)")
        with pytest.raises(LuaRefusedError, match="pages of memory, and this state may have 32; raise `memory`"):
            small.restore(large.snapshot())
        assert small.eval("return 2 + 2") == 4


def test_texts_of_a_bare_host() -> None:
    """A task that another host started with results as text keeps them so."""
    with Lua() as lua:
        lua.define("ask")
        lua._instance.call("set", 9, 0.0)
        lua.start("return 1, ask()")
        lua.start("error(ask())")
        data = lua.snapshot()
    with Lua() as lua:
        lua.restore(data)
        good, bad = lua.tasks
        assert good.resume("x").result == "1\tx"
        with pytest.raises(Exception, match="eval:1: no"):
            bad.resume("no")
