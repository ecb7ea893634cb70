"""The stored form of a state (ABI.md, "Snapshots"): the same bytes in every language."""

from __future__ import annotations

import hashlib
import struct
from typing import Optional, Union

from . import numbers
from .errors import LuaRefusedError
from .instance import PAGE

_LETTERS = b"MOONSNAP"
_FORM = 2
#: Letters, form, ABI, version of Lua, pages, build, length of the payload, its hash.
_HEADER = struct.Struct("<8s4I32sQ32s")
_HEADER_LENGTH = 128
_NUMBER = struct.Struct("<I")
_RECORD = _NUMBER.size + PAGE
_ZEROS = bytes(PAGE)


def save(image: bytearray, abi: int, lua: int, build: bytes) -> bytes:
    """The stored form of a memory."""
    view = memoryview(image)
    records: list[bytes] = []
    pages = 0
    for number in range(len(image) // PAGE):
        page = bytes(view[number * PAGE : (number + 1) * PAGE])
        if page != _ZEROS:
            pages = number + 1
            records += (_NUMBER.pack(number), page)
    payload = b"".join(records)
    header = _HEADER.pack(_LETTERS, _FORM, abi, lua, pages, build, len(payload), hashlib.sha256(payload).digest())
    return b"".join((header, hashlib.sha256(header).digest(), payload))


def load(data: Union[bytes, bytearray, memoryview], lua: int, build: bytes, page_limit: Optional[int]) -> bytearray:
    """The memory that a snapshot holds. Raises LuaRefusedError for a snapshot that fails any check."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"a snapshot is bytes, not {type(data).__name__}")
    data = bytes(data)
    if len(data) < _HEADER_LENGTH or data[: len(_LETTERS)] != _LETTERS:
        raise _refused("these bytes are no snapshot, or not even its header")
    _, form, _, made_by, pages, made_of, length, digest = _HEADER.unpack_from(data)
    if form != _FORM:
        raise _refused(f"the snapshot has form {form}, and this package knows form {_FORM}; use a newer package")
    if hashlib.sha256(data[: _HEADER.size]).digest() != data[_HEADER.size : _HEADER_LENGTH]:
        raise _refused("the snapshot's header is damaged; restore an older one")
    if made_by != lua:
        raise _refused(f'the snapshot was made by Lua {made_by // 100}.{made_by % 100}; restore it into Lua(module="lua{made_by // 100}{made_by % 100}")')
    if made_of != build:
        raise _refused("the snapshot was made by another build of the module; use the package it was made with")
    payload = memoryview(data)[_HEADER_LENGTH:]
    if len(payload) != length or length % _RECORD or hashlib.sha256(payload).digest() != digest:
        raise _refused("the snapshot is damaged or cut short; restore an older one")
    if page_limit is not None and pages > page_limit:
        raise _refused(f"the snapshot needs {pages} pages of memory, and this state may have {page_limit}; raise `memory` or `pages`")
    found = [_NUMBER.unpack_from(payload, at)[0] for at in range(0, len(payload), _RECORD)]
    if any(after <= before for before, after in zip(found, found[1:])) or (found[-1] + 1 if found else 0) != pages:
        raise _refused("the snapshot's pages are out of order; restore an older one")
    image = bytearray(pages * PAGE)
    for number, at in zip(found, range(_NUMBER.size, len(payload), _RECORD)):
        image[number * PAGE : (number + 1) * PAGE] = payload[at : at + PAGE]
    return image


def _refused(message: str) -> LuaRefusedError:
    return LuaRefusedError(message, status=numbers.STATUS_BAD_DATA)
