"""The mini variants: what they leave out says so, and the rest is as in the full modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from moonlet import Lua, LuaBudgetError, LuaRefusedError, LuaRuntimeError


@pytest.fixture(params=["lua54-mini", "lua55-mini"])
def mini(request: pytest.FixtureRequest) -> Iterator[Lua]:
    with Lua(module=request.param, fuel=1_000_000) as state:
        yield state


def test_values_host_functions_and_limits(mini: Lua) -> None:
    mini.define("add", lambda a, b: a + b)
    assert mini.eval("return add(1, 2), {1, {a = 'b'}}") == (3, [1, {"a": "b"}])
    with pytest.raises(LuaBudgetError):
        mini.eval("while true do end")
    assert mini.eval("return 2 + 2") == 4


def test_a_script_is_told(mini: Lua) -> None:
    with pytest.raises(LuaRuntimeError, match="global 'require', which the mini variant leaves out"):
        mini.eval("return require('x')")


def test_files_are_refused(mini: Lua) -> None:
    for use in (
        lambda: mini.files["a"],
        lambda: "a" in mini.files,
        lambda: list(mini.files),
        lambda: mini.files.__setitem__("a", "b"),
        lambda: mini.files.__delitem__("a"),
    ):
        with pytest.raises(LuaRefusedError, match="leaves that out") as caught:
            use()
        assert caught.value.status == 33


@pytest.mark.parametrize("option", [{"libraries": ["base", "io"]}, {"binary_chunks": True}, {"time_zone": 60}, {"time_zone": "CET-1"}, {"input": True}])
def test_options_are_refused(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="leaves that out"):
        Lua(module="lua54-mini", **option)
    with Lua(module="lua54-mini", deterministic=True, libraries=["base"]) as state:
        assert state.eval("return string") is None
