from __future__ import annotations

import pytest

from moonlet import Lua, LuaRefusedError


def test_files_are_a_mapping(lua: Lua) -> None:
    files = lua.files
    files["a/b.lua"] = "return 'module'"
    files["data"] = b"\x00\xff"
    assert lua.eval("return require('a.b'), io.open('data'):read('a')") == (("module", b"\x00\xff"))
    assert files["./a/b.lua"] == files["/a/b.lua"] == b"return 'module'"
    assert list(files) == ["a/b.lua", "data"]
    assert (len(files), "data" in files, "nothing" in files) == (2, True, False)
    lua.eval("local f = io.open('out', 'w') f:write('from Lua') f:close()")
    assert files["out"] == b"from Lua"
    del files["data"]
    assert dict(files) == {"a/b.lua": b"return 'module'", "out": b"from Lua"}
    assert repr(files) == "Files({'a/b.lua': 15, 'out': 8})"


def test_missing_files_are_key_errors(lua: Lua) -> None:
    for name in ("nothing", "", "/dev"):
        with pytest.raises(KeyError):
            lua.files[name]
        with pytest.raises(KeyError):
            del lua.files[name]
    assert lua.files.get("nothing") is None


def test_names_that_are_none(lua: Lua) -> None:
    lua.files["file"] = b""
    for name in ("", "a\0b", "a/", ".", "..", "file/below", "/dev/null"):
        with pytest.raises(ValueError, match="cannot be a file"):
            lua.files[name] = b"x"
    for bad in (5, None, b"x"):
        with pytest.raises(TypeError, match="name of a file"):
            lua.files[bad] = b"x"  # type: ignore[index]


def test_names_of_any_bytes(lua: Lua) -> None:
    lua.eval("io.open('\\xff', 'w'):close() io.open('ü', 'w'):close()")
    assert list(lua.files) == ["ü", "\udcff"]
    assert lua.files["\udcff"] == b""


def test_files_that_do_not_fit() -> None:
    with Lua(memory=1 << 20, result=1000) as lua:
        with pytest.raises(LuaRefusedError):
            lua.files["big"] = bytes(2 << 20)
        lua.files["f"] = bytes(2000)
        with pytest.raises(LuaRefusedError, match="larger than `result`"):
            lua.files["f"]
        assert ("f" in lua.files, "g" in lua.files) == (True, False)
        assert lua.eval("return 2 + 2") == 4
