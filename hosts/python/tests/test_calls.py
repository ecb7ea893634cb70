"""Exports are called by the C function or by wasmtime's own Func, and both do the same."""

from __future__ import annotations

from typing import Any

import pytest
from wasmtime import Engine, Instance, Module, Store, Trap, WasmtimeError

from moonlet import Lua, calls

MODULE = """(module
  (func (export "get") (param i32) (result f64) (f64.convert_i32_s (local.get 0)))
  (func (export "set") (param i32 f64) (result i32) (i32.add (local.get 0) (i32.trunc_f64_s (local.get 1))))
  (func (export "dealloc") (param i32 i32))
  (func (export "status") (result i32) (i32.const -5))
  (func (export "trap") (param i32) (result i32) unreachable))"""


@pytest.fixture(params=["direct", "public"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "public":
        monkeypatch.setattr(calls, "ffi", None)
    else:
        assert calls.ffi is not None
    return str(request.param)


def test_calls(way: str) -> None:
    engine = Engine()
    store = Store(engine)
    exports = Instance(store, Module(engine, MODULE), []).exports(store)

    def call(name: str, *numbers: float) -> Any:
        function: Any = exports[name]
        return calls.bind(store, name, function, len(numbers))(*numbers)

    assert call("get", -7) == -7.0
    assert isinstance(call("get", 1), float)
    assert call("set", 1, 2.5) == 3
    assert call("dealloc", 1, 2) in (None, 0)
    assert call("status") == -5
    with pytest.raises(Trap, match="unreachable"):
        call("trap", 1)
    for name, numbers in [("get", (1, 2)), ("status", (1,))]:
        with pytest.raises(WasmtimeError):
            call(name, *numbers)


def test_a_state_in_both_ways(way: str) -> None:
    with Lua(fuel=10_000_000) as lua:
        lua.define("add", lambda a, b: a + b)
        assert lua.eval("return add(1, 2.5), ('x'):rep(10000)") == (3.5, "x" * 10_000)
        lua.restore(lua.snapshot())
        assert lua.stats.memory_used > 0
