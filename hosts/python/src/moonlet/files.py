"""The state's in-memory file system, and its global variables, as mappings."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, Union

from . import numbers
from .codec import unpack
from .instance import Instance, refusal
from .values import as_bytes

if TYPE_CHECKING:
    from .state import Lua


class Files(MutableMapping[str, bytes]):
    """Files by name; ``a/b.lua``, ``./a/b.lua`` and ``/a/b.lua`` are one. Contents are bytes; a text is stored as UTF-8.

    ``lua.files["x"]`` raises KeyError where there is no such file, LuaRefusedError where it is larger than the option
    ``result``. Setting raises ValueError for what names no file, LuaRefusedError where the memory does not suffice.
    """

    __slots__ = ("_lua",)

    def __init__(self, lua: Lua) -> None:
        self._lua = lua

    def _instance(self) -> Instance:
        return self._lua._usable_instance()

    def __getitem__(self, name: str) -> bytes:
        status = self._read(name)
        if status == numbers.STATUS_BAD_ARGUMENT:
            raise KeyError(name)
        if status > 0:
            raise refusal(status, f"the file {name!r} is larger than `result` or the memory that is left allows")
        return self._instance().result()

    def __contains__(self, name: object) -> bool:
        # One that is too large to be read is there.
        status = self._read(name)
        if status in (numbers.STATUS_POISONED, numbers.STATUS_BAD_STATE):
            raise refusal(status, "")
        return status != numbers.STATUS_BAD_ARGUMENT

    def _read(self, name: object) -> int:
        """Makes the contents the result; the status, or at most 0."""
        return -self._instance().give("read_file", _name(name))

    def __setitem__(self, name: str, contents: Union[str, bytes, bytearray, memoryview]) -> None:
        data = as_bytes(contents, "what a file holds")
        status = self._instance().give_two("write_file", _name(name), data)
        if status == numbers.STATUS_BAD_ARGUMENT:
            raise ValueError(f"{name!r} cannot be a file: it is no name of one, lies below a file, or is a device")
        if status != numbers.STATUS_OK:
            raise refusal(status, f"the file {name!r} of {len(data)} bytes does not fit into the memory; raise `memory`")

    def __delitem__(self, name: str) -> None:
        status = self._instance().give("remove_file", _name(name))
        if status in (numbers.STATUS_POISONED, numbers.STATUS_BAD_STATE):
            raise refusal(status, "")
        if status != numbers.STATUS_OK:
            raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._list()])

    def __len__(self) -> int:
        return len(self._list())

    def _list(self) -> list[tuple[str, int]]:
        status, listed = self._instance().listing("list_files")
        if status != numbers.STATUS_OK:
            raise refusal(status, "there is no memory for the list of files; raise `memory`")
        return [(_text(name), size) for name, size in unpack(listed, lambda kind, number: None)]

    def __repr__(self) -> str:
        return f"Files({dict(self._list())!r})"


def _name(name: object) -> bytearray:
    if not isinstance(name, str):
        raise TypeError(f"the name of a file is a str, not {type(name).__name__}")
    # A script may name files by any bytes.
    return bytearray(name.encode("utf-8", "surrogateescape"))


def _text(name: Union[str, bytes]) -> str:
    return name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name


class Globals(MutableMapping[str, Any]):
    """Global variables by name. ``lua.globals["x"]`` raises KeyError where it is nil; ``get`` answers None or a default."""

    __slots__ = ("_lua",)

    def __init__(self, lua: Lua) -> None:
        self._lua = lua

    def __getitem__(self, name: str) -> Any:
        value = self._lua._read([name])
        if value is None:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        self._lua._write([name], value)

    def __delitem__(self, name: str) -> None:
        self[name]
        self._lua._write([name], None)

    def __iter__(self) -> Iterator[str]:
        names = self._lua.eval("local names = {} for name in next, _ENV do names[#names + 1] = name end return names", name="=globals")
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)
