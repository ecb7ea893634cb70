"""MessagePack, in the form that the module takes and gives (ABI.md, "MessagePack")."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, Callable

#: Tables may nest that deep, besides the array around all values.
DEPTH = 128

#: Tells the ext type and number of a value that Lua gets as a handle or a reference.
ToForeign = Callable[[Any], "tuple[int, int]"]
#: Makes the value of an ext type and number.
FromForeign = Callable[[int, int], Any]


class Key:
    """A key of a Lua table that a ``dict`` cannot hold as it is: a table, or a value that Python takes for equal to
    another key (``true`` and ``1``). It equals only itself; sent back it is its ``value``."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Key({self.value!r})"


_pack_double = struct.Struct(">Bd").pack
_pack_byte = struct.Struct(">BB").pack
_pack_short = struct.Struct(">BH").pack
_pack_long = struct.Struct(">BI").pack
_NAN = b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"


def pack(values: Sequence[Any], foreign: ToForeign) -> bytearray:
    """An array of all ``values``.

    Raises TypeError for a type that Lua has no form of, ValueError for a NaN as a key and for what nests deeper than 128,
    OverflowError for an integer beyond 64 bits.
    """
    out = bytearray()
    _pack_length(out, len(values), 0x90, 16, 0xDC)
    for value in values:
        _pack(out, value, foreign, 0)
    return out


def pack_one(value: Any, foreign: ToForeign) -> bytearray:
    """One value, and no array around it; errors as of :func:`pack`."""
    out = bytearray()
    _pack(out, value, foreign, 0)
    return out


def _pack_length(out: bytearray, length: int, short: int, limit: int, long: int) -> None:
    if length < limit:
        out.append(short | length)
    elif length <= 0xFFFF:
        out += _pack_short(long, length)
    else:
        out += _pack_long(long + 1, length)


def _pack(out: bytearray, value: Any, foreign: ToForeign, depth: int) -> None:
    kind = type(value)
    if kind is str:
        _pack_text(out, value)
    elif kind is int:
        _pack_integer(out, value)
    elif value is None:
        out.append(0xC0)
    elif kind is bool:
        out.append(0xC3 if value else 0xC2)
    elif kind is float:
        out += _pack_double(0xCB, value) if value == value else _NAN
    elif kind is list or kind is tuple:
        _pack_array(out, value, foreign, depth)
    elif kind is dict:
        _pack_map(out, value, foreign, depth)
    elif kind is bytes:
        _pack_bytes(out, value)
    else:
        _pack_other(out, value, foreign, depth)


def _pack_text(out: bytearray, value: str) -> None:
    try:
        encoded = value.encode()
    except UnicodeEncodeError:
        raise ValueError("a text with lone surrogates is no UTF-8; pass bytes") from None
    length = len(encoded)
    if length < 32:
        out.append(0xA0 | length)
    elif length < 256:
        out += _pack_byte(0xD9, length)
    elif length <= 0xFFFF:
        out += _pack_short(0xDA, length)
    else:
        out += _pack_long(0xDB, _checked(length))
    out += encoded


def _pack_bytes(out: bytearray, value: bytes) -> None:
    length = len(value)
    if length < 256:
        out += _pack_byte(0xC4, length)
    elif length <= 0xFFFF:
        out += _pack_short(0xC5, length)
    else:
        out += _pack_long(0xC6, _checked(length))
    out += value


def _checked(length: int) -> int:
    if length > 0x7FFFFFFF:
        raise OverflowError("Lua's memory holds no string of 2 GiB")
    return length


def _pack_integer(out: bytearray, value: int) -> None:
    if 0 <= value < 128:
        out.append(value)
    elif -32 <= value < 0:
        out.append(value & 0xFF)
    elif 0 <= value <= 0xFF:
        out += _pack_byte(0xCC, value)
    elif 0 <= value <= 0xFFFF:
        out += _pack_short(0xCD, value)
    elif 0 <= value <= 0xFFFFFFFF:
        out += _pack_long(0xCE, value)
    elif 0 <= value <= 0x7FFFFFFFFFFFFFFF:
        out += struct.pack(">BQ", 0xCF, value)
    elif -0x80 <= value < 0:
        out += struct.pack(">Bb", 0xD0, value)
    elif -0x8000 <= value < 0:
        out += struct.pack(">Bh", 0xD1, value)
    elif -0x80000000 <= value < 0:
        out += struct.pack(">Bi", 0xD2, value)
    elif -0x8000000000000000 <= value < 0:
        out += struct.pack(">Bq", 0xD3, value)
    else:
        raise OverflowError(f"{_short(value)} does not fit into Lua's 64-bit integers; pass a float or a string")


def _short(value: int) -> str:
    # The digits of a long integer are dear, and may be refused (sys.set_int_max_str_digits).
    return str(value) if value.bit_length() < 256 else f"an integer of {value.bit_length()} bits"


def _deeper(depth: int) -> int:
    if depth == DEPTH:
        raise ValueError(f"the value nests deeper than {DEPTH}, in a cycle perhaps")
    return depth + 1


def _pack_array(out: bytearray, value: Sequence[Any], foreign: ToForeign, depth: int) -> None:
    depth = _deeper(depth)
    _pack_length(out, len(value), 0x90, 16, 0xDC)
    for item in value:
        _pack(out, item, foreign, depth)


def _pack_map(out: bytearray, value: Mapping[Any, Any], foreign: ToForeign, depth: int) -> None:
    depth = _deeper(depth)
    _pack_length(out, len(value), 0x80, 16, 0xDE)
    for key, item in value.items():
        if key != key:
            raise ValueError("NaN cannot be a key of a Lua table")
        _pack(out, key, foreign, depth)
        _pack(out, item, foreign, depth)


def _pack_other(out: bytearray, value: Any, foreign: ToForeign, depth: int) -> None:
    if isinstance(value, Key):
        _pack(out, value.value, foreign, depth)
    elif isinstance(value, str):
        _pack_text(out, str.__str__(value))
    elif isinstance(value, float):
        _pack(out, float(value), foreign, depth)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        _pack_bytes(out, bytes(value))
    elif isinstance(value, Mapping):
        _pack_map(out, value, foreign, depth)
    elif isinstance(value, Sequence):
        _pack_array(out, value, foreign, depth)
    elif hasattr(type(value), "__index__"):
        # Integers of other types, such as enumerations and numpy's.
        _pack_integer(out, value.__index__())
    else:
        kind, number = foreign(value)
        out += struct.pack(">BBI", 0xD6, kind, number)


def unpack(data: bytes, foreign: FromForeign) -> Any:
    """The one value that ``data`` is. Raises ValueError where it is none."""
    try:
        value, end = _unpack(data, 0, foreign)
    except (IndexError, struct.error, UnicodeDecodeError):
        raise ValueError("malformed MessagePack") from None
    except RecursionError:
        raise ValueError("the value nests too deep for what is left of Python's stack") from None
    if end != len(data):
        raise ValueError("malformed MessagePack: bytes after the value")
    return value


_FIXED = {
    0xCA: struct.Struct(">f"),
    0xCB: struct.Struct(">d"),
    0xCC: struct.Struct(">B"),
    0xCD: struct.Struct(">H"),
    0xCE: struct.Struct(">I"),
    0xCF: struct.Struct(">Q"),
    0xD0: struct.Struct(">b"),
    0xD1: struct.Struct(">h"),
    0xD2: struct.Struct(">i"),
    0xD3: struct.Struct(">q"),
}
#: The structure of the length, by the first byte.
_LENGTH = {
    0xC4: _FIXED[0xCC],
    0xC5: _FIXED[0xCD],
    0xC6: _FIXED[0xCE],
    0xD9: _FIXED[0xCC],
    0xDA: _FIXED[0xCD],
    0xDB: _FIXED[0xCE],
    0xDC: _FIXED[0xCD],
    0xDD: _FIXED[0xCE],
    0xDE: _FIXED[0xCD],
    0xDF: _FIXED[0xCE],
}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


def _unpack(data: bytes, at: int, foreign: FromForeign) -> tuple[Any, int]:
    first = data[at]
    at += 1
    if first < 0x80:
        return first, at
    if first >= 0xE0:
        return first - 256, at
    if 0xA0 <= first < 0xC0:
        return _unpack_text(data, at, first & 31)
    if first < 0x90:
        return _unpack_map(data, at, first & 15, foreign)
    if first < 0xA0:
        return _unpack_array(data, at, first & 15, foreign)
    if first in _FIXED:
        fixed = _FIXED[first]
        return fixed.unpack_from(data, at)[0], at + fixed.size
    if first in _CONSTANTS:
        return _CONSTANTS[first], at
    if first in _LENGTH:
        size = _LENGTH[first]
        length, at = size.unpack_from(data, at)[0], at + size.size
        if first >= 0xDE:
            return _unpack_map(data, at, length, foreign)
        if first >= 0xDC:
            return _unpack_array(data, at, length, foreign)
        if first >= 0xD9:
            return _unpack_text(data, at, length)
        return _part(data, at, length), at + length
    if first == 0xD6:
        kind, number = struct.unpack_from(">BI", data, at)
        return foreign(kind, number), at + 5
    raise ValueError(f"malformed MessagePack: the byte {first:#04x}")


def _part(data: bytes, at: int, length: int) -> bytes:
    part = data[at : at + length]
    if len(part) != length:
        raise IndexError
    return part


def _unpack_text(data: bytes, at: int, length: int) -> tuple[str, int]:
    return _part(data, at, length).decode(), at + length


def _unpack_array(data: bytes, at: int, length: int, foreign: FromForeign) -> tuple[list[Any], int]:
    items = []
    for _ in range(length):
        item, at = _unpack(data, at, foreign)
        items.append(item)
    return items, at


def _unpack_map(data: bytes, at: int, length: int, foreign: FromForeign) -> tuple[dict[Any, Any], int]:
    table: dict[Any, Any] = {}
    for _ in range(length):
        key, at = _unpack(data, at, foreign)
        value, at = _unpack(data, at, foreign)
        try:
            if key in table:
                key = Key(key)
        except TypeError:
            key = Key(key)
        table[key] = value
    return table, at
