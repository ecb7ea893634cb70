"""The codec, by itself and against Lua."""

from __future__ import annotations

import enum
import math
import struct
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from moonlet import Key, Lua
from moonlet.codec import pack, unpack


def refuse(value: Any) -> tuple[int, int]:
    raise TypeError(type(value).__name__)


def round_trip(value: Any) -> Any:
    return unpack(bytes(pack([value], refuse)), lambda kind, number: None)[0]


integers = st.integers(-(1 << 63), (1 << 63) - 1)
scalars = st.one_of(st.none(), st.booleans(), integers, st.floats(allow_nan=False), st.text(), st.binary())
# A dict holds no two of 1, 1.0 and True.
keys = st.one_of(integers, st.text(), st.binary())
values = st.recursive(scalars, lambda inner: st.one_of(st.lists(inner), st.dictionaries(keys, inner)), max_leaves=40)


@given(values)
def test_values_come_back(value: Any) -> None:
    assert same(round_trip(value), value)


def same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return struct.pack(">d", a) == struct.pack(">d", b)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(map(type, a)) == list(map(type, b)) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_a_value_error(data: bytes) -> None:
    try:
        value = unpack(data, lambda kind, number: None)
    except ValueError:
        return
    assert value is None or isinstance(value, (bool, int, float, str, bytes, list, dict))


shared = Lua()
in_lua = st.recursive(
    st.one_of(st.booleans(), integers, st.floats(allow_nan=False), st.text(), st.binary()),
    lambda inner: st.one_of(st.lists(inner, min_size=1), st.dictionaries(st.one_of(st.text(), st.booleans()), inner)),
    max_leaves=20,
)


def as_lua_has_it(value: Any) -> Any:
    """Bytes that are UTF-8 are a text for Lua."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if isinstance(value, list):
        return [as_lua_has_it(item) for item in value]
    return {key: as_lua_has_it(item) for key, item in value.items()} if isinstance(value, dict) else value


@settings(max_examples=200, deadline=None)
@given(in_lua)
def test_values_go_through_lua(value: Any) -> None:
    returned = shared.eval("return ...", value)
    # The order of a table is Lua's.
    assert canonical(returned) == canonical(as_lua_has_it(value))


def canonical(value: Any) -> Any:
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, dict):
        return sorted((repr(key), canonical(item)) for key, item in value.items())
    return type(value).__name__, repr(value)


@pytest.mark.parametrize("value", [0, 127, 128, 255, 256, 65535, 65536, (1 << 32) - 1, 1 << 32, (1 << 63) - 1])
def test_integers_at_the_edges(value: int) -> None:
    assert round_trip(value) == value
    assert round_trip(-value - 1) == -value - 1


@pytest.mark.parametrize("length", [0, 31, 32, 255, 256, 65535, 65536])
def test_lengths_at_the_edges(length: int) -> None:
    for value in ("a" * length, b"\xff" * length, [1] * length, dict.fromkeys(range(length))):
        assert round_trip(value) == value


class Colour(enum.IntEnum):
    RED = 3


class Name(str):
    pass


def test_kin_of_the_plain_types() -> None:
    for given, expected in [
        (Colour.RED, 3),
        (Name("x"), "x"),
        ((1, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        (bytearray(b"\xff"), b"\xff"),
        (memoryview(b"\xff"), b"\xff"),
        (OrderedDict(a=1), {"a": 1}),
        (Key((1,)), [1]),
    ]:
        assert round_trip(given) == expected
        assert type(round_trip(given)) is type(expected)


def test_every_nan_is_one() -> None:
    assert bytes(pack([math.nan, -math.nan], refuse)).hex() == "92" + "cb7ff8000000000000" * 2


def test_what_lua_cannot_hold_is_named() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    deep: Any = 1
    for _ in range(128):
        deep = [deep]
    assert round_trip(deep) == deep
    for value, error, words in [
        (1 << 63, OverflowError, "64-bit"),
        (-(1 << 63) - 1, OverflowError, "64-bit"),
        (1 << 100_000, OverflowError, "100001 bits"),
        ("\ud800", ValueError, "lone surrogates"),
        (cycle, ValueError, "deeper than 128"),
        ([deep], ValueError, "deeper than 128"),
        ({math.nan: 1}, ValueError, "NaN cannot be a key"),
        ({1, 2}, TypeError, "set"),
        (1j, TypeError, "complex"),
    ]:
        with pytest.raises(error, match=words):
            round_trip(value)
