"""The vectors that every host package passes, on a bare instance and through the codec."""

from __future__ import annotations

import json
from typing import Any, Optional

import pytest

from moonlet import Lua, LuaError, numbers
from moonlet.codec import pack, unpack
from moonlet.instance import Instance, Step
from moonlet.modules import load

from .conftest import REPOSITORY

Vector = dict[str, Any]

MODULES = ["lua54", "lua55", "lua54-mini", "lua55-mini"]


def vectors(name: str) -> list[Any]:
    listed: list[Vector] = json.loads((REPOSITORY / f"tests/vectors/{name}.json").read_text())
    return [pytest.param(vector, id=vector["name"]) for vector in listed]


def skip_what_needs_more(vector: Vector, module: str) -> None:
    if "needs" in vector and module.endswith("-mini"):
        pytest.skip(f"the mini variants hold no {vector['needs']}")


def fresh(vector: Vector, module: str) -> Instance:
    skip_what_needs_more(vector, module)
    instance = Instance(load(module))
    assert instance.call("set", numbers.OPTION_FORMAT, 1.0) == 0
    for key, value in vector.get("options", {}).items():
        assert instance.call("set", int(key), float(value)) == 0
    return instance


def run(instance: Instance, export: str, data: bytes, *before: int) -> Step:
    return instance.run(export, bytearray(data), *before)


def check(vector: Vector, step: Step) -> None:
    assert step.status == vector.get("status", 0)
    if "result" in vector:
        assert step.result.hex() == vector["result"]
        check_codec(step.result)


class Foreign:
    def __init__(self, kind: int, number: int) -> None:
        self.pair = kind, number


def check_codec(result: bytes) -> None:
    """What the module wrote comes out of the codec as it went in, but for strings that were bytes for the option STRINGS."""
    value = unpack(result, Foreign)
    assert bytes(pack(value, lambda foreign: foreign.pair)) == result if isinstance(value, list) else True


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("vector", vectors("values"))
def test_values(vector: Vector, module: str) -> None:
    check(vector, run(fresh(vector, module), "compute", vector["source"].encode()))


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("vector", vectors("calls"))
def test_calls(vector: Vector, module: str) -> None:
    instance = fresh(vector, module)
    run(instance, "compute", vector["define"].encode())
    check(vector, run(instance, "call", bytes.fromhex(vector["arguments"])))


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("vector", vectors("malformed"))
def test_malformed(vector: Vector, module: str) -> None:
    instance = fresh(vector, module)
    check(vector, run(instance, "call", bytes.fromhex(vector["arguments"])))
    assert run(instance, "compute", b"return 2+2").result.hex() == "9104"


@pytest.mark.parametrize("vector", vectors("malformed"))
def test_the_codec_refuses_what_is_malformed_in_itself(vector: Vector) -> None:
    data = bytes.fromhex(vector["arguments"])
    value: Optional[Any] = None
    try:
        value = unpack(data, Foreign)
    except ValueError:
        return
    # The rest is MessagePack, and refused for what Lua cannot hold, or because it is no array.
    assert not isinstance(value, list) or vector["status"] == numbers.STATUS_BAD_DATA


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("vector", vectors("conversations"))
def test_conversations(vector: Vector, module: str) -> None:
    instance = fresh(vector, module)
    step = Step(0, 0, b"", 0, 0, 0, 0, 0)
    for said in vector["steps"]:
        if "compute" in said:
            step = run(instance, "compute", said["compute"].encode())
        elif "call" in said:
            step = run(instance, "call", bytes.fromhex(said["call"]))
        elif "resume" in said or "raise" in said:
            export = "resume" if "resume" in said else "raise"
            step = run(instance, export, bytes.fromhex(said[export]), step.task)
        elif "set" in said:
            assert instance.call("set", said["set"][0], float(said["set"][1])) == said.get("status", 0)
            continue
        elif "compact" in said:
            instance.call("compact")
            continue
        else:
            assert "dropped" in said, said
            status, result = instance.listing("dropped")
            step = step._replace(status=status, result=result)
        check({"status": step.status, **said}, step)


#: The option of the package that sets an option of the module.
OPTIONS = {"1": "memory", "2": "fuel", "5": "result"}


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("vector", vectors("errors"))
def test_errors(vector: Vector, module: str) -> None:
    skip_what_needs_more(vector, module)
    options: dict[str, Any] = {OPTIONS[number]: value for number, value in vector.get("options", {}).items()}
    with Lua(module=module, **options) as lua, pytest.raises(LuaError) as caught:
        lua.eval(vector["source"], name=vector["chunk"])
    error = caught.value
    assert error.status == vector["status"]
    told = {name: getattr(error, name) for name in ("message", "chunk", "line", "value")}
    assert {name: field for name, field in told.items() if field is not None} == vector["error"]
    if "traceback" in vector:
        assert error.traceback is not None
        levels = [level.strip() for level in error.traceback.splitlines()]
        assert [level for level in levels if level in vector["traceback"]] == vector["traceback"]
