from __future__ import annotations

from typing import Any, Callable

import pytest

import moonlet
from moonlet import Lua, LuaRuntimeError, LuaSyntaxError


class Shell:
    """As much of IPython as the magic asks for; `make.py engines` runs it in the real one."""

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = {}
        self.magics: dict[str, Callable[..., Any]] = {}

    def register_magic_function(self, function: Callable[..., Any], *, magic_kind: str, magic_name: str) -> None:
        assert magic_kind == "line_cell"
        self.magics[magic_name] = function


def test_the_magic(capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell()
    moonlet.load_ipython_extension(shell)
    lua = shell.magics["lua"]
    assert lua("1 + 1") == 2
    assert lua("x = 5") is None
    assert lua("", "print(x)\nreturn x * 2\n") == 10
    assert capsys.readouterr().out == "5\n"
    with pytest.raises(LuaSyntaxError):
        lua("1 +")
    with pytest.raises(LuaRuntimeError, match="^cell:2: no"):
        lua("", "\nerror('no')")
    shell.user_ns["mine"] = Lua()
    assert lua("mine", "return x") is None
    with pytest.raises(ValueError, match="no Lua state"):
        lua("other", "return x")
