"""One instance of the module: bytes in, bytes out (ABI.md)."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple, Optional, Union

from wasmtime import Func, Instance as WasmInstance, Memory, Module, Store, Trap, WasmtimeError

from . import numbers
from .calls import Call, bind
from .errors import LuaError, LuaPoisonedError, LuaRefusedError, from_status
from .modules import engine

PAGE = 65_536
ABI = 1

_EXPORTS = (
    "alloc dealloc compute eval call release dropped task tasks request resume raise cancel compact result_ptr result_len status info_ptr "
    "reset abi_version build_id_ptr set get output_ptr output_len output_clear error_output_ptr error_output_len error_output_clear "
    "write_file read_file time_zone write_input remove_file list_files"
).split()

#: A call costs more than the bytes, so most data go into one buffer that stays.
_BUFFER = 4096

_INFO = struct.Struct("<4i6I2d2I")
_OUT_OF_PLACE = "the module does not keep to its ABI"


class _TooBig(LuaRefusedError):
    def __init__(self, length: int) -> None:
        super().__init__(
            f"{length} bytes do not fit into the state's memory; raise `memory`, or free something in the script",
            status=numbers.STATUS_TOO_BIG,
        )


class Step(NamedTuple):
    """What a run left."""

    #: 0, or the status; TOO_BIG with no result where the data did not reach the module.
    status: int
    #: The task that was suspended last: this one, where ``kind`` is not 0 and equals ``status``.
    task: int
    result: bytes
    output: int
    error_output: int
    dropped: int
    fuel_used: float
    memory_used: float


class Instance:
    """One Lua state. Every method raises LuaPoisonedError when the engine tears the call down, and from then on."""

    __slots__ = ("_bound", "_buffer", "_functions", "_info", "_memory", "_store", "lua_version")

    def __init__(self, module: Module) -> None:
        self._store: Optional[Store] = Store(engine())
        try:
            exports = WasmInstance(self._store, module, []).exports(self._store)
        except (Trap, WasmtimeError) as error:
            raise ValueError(f"this is no module of Moonlet: {error}") from error
        self._functions: dict[str, Func] = {}
        self._bound: dict[str, Call] = {}
        for name in _EXPORTS:
            function = exports.get(name)
            if not isinstance(function, Func):
                raise ValueError(f"this is no module of Moonlet: it has no export {name!r}")
            self._functions[name] = function
        memory = exports.get("memory")
        if not isinstance(memory, Memory):
            raise ValueError("this is no module of Moonlet: it has no export 'memory'")
        self._memory = memory
        self._buffer = 0
        try:
            version = self.call("abi_version")
            if version >> 16 != ABI:
                raise ValueError(f"the module has ABI {version >> 16}, and this package knows ABI {ABI}; take the two from one release")
            self._info: int = self.call("info_ptr")
            #: 504 or 505.
            self.lua_version = int(self.call("get", numbers.FIGURE_LUA_VERSION_NUM))
        except LuaPoisonedError as error:
            raise ValueError(f"this is no module of Moonlet: {error.__cause__}") from error

    def close(self) -> None:
        """Frees the instance. Every later call raises LuaRefusedError."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    @property
    def is_closed(self) -> bool:
        return self._store is None

    def _open(self) -> Store:
        if self._store is None:
            raise closed()
        return self._store

    def call(self, export: str, *arguments: Union[int, float]) -> Any:
        """What an export answers. Each export has one number of arguments."""
        store = self._open()
        bound = self._bound.get(export)
        if bound is None:
            bound = self._bound[export] = bind(store, export, self._functions[export], len(arguments))
        try:
            return bound(*arguments)
        except (Trap, WasmtimeError) as error:
            reason = str(error).strip().splitlines()[-1].strip()
            raise LuaPoisonedError(
                f"the engine stopped the state within a call ({reason}); restore a snapshot, or make a new state",
                status=numbers.STATUS_POISONED,
            ) from error

    def read(self, start: int, length: int) -> bytes:
        """Bytes of memory."""
        found = self._memory.read(self._open(), start, start + length)
        if len(found) != length:
            raise LuaPoisonedError(_OUT_OF_PLACE, status=numbers.STATUS_POISONED)
        return bytes(found)

    def _put(self, data: bytearray) -> int:
        """Copies bytes into a new buffer; where it is."""
        length = len(data)
        # A pointer stays below 2 GiB, and alloc takes a signed number here.
        start: int = self.call("alloc", length) if length < 1 << 31 else 0
        if start == 0:
            raise poisoned() if self.is_poisoned else _TooBig(length)
        self._memory.write(self._open(), data, start)
        return start

    def give(self, export: str, data: bytearray, *before: int) -> int:
        """Calls an export with data as its last two arguments; what it answers."""
        length = len(data)
        if length == 0:
            return int(self.call(export, *before, 0, 0))
        if length <= _BUFFER:
            if self._buffer == 0:
                self._buffer = self._put(bytearray(_BUFFER))
            self._memory.write(self._open(), data, self._buffer)
            return int(self.call(export, *before, self._buffer, length))
        start = self._put(data)
        try:
            return int(self.call(export, *before, start, length))
        finally:
            if self._store is not None:
                self.call("dealloc", start, length)

    def give_two(self, export: str, first: bytearray, second: bytearray) -> int:
        """Calls an export with two pieces of data; what it answers."""
        if not first:
            return self.give(export, second, 0, 0)
        start = self._put(first)
        try:
            return self.give(export, second, start, len(first))
        finally:
            if self._store is not None:
                self.call("dealloc", start, len(first))

    def run(self, export: str, data: bytearray, *before: int) -> Step:
        """Calls a run export; what it left."""
        try:
            answer = self.give(export, data, *before)
        except _TooBig as error:
            return Step(error.status, 0, b"", 0, 0, 0, 0.0, 0.0)
        # Of a state that was torn down the block tells nothing but that.
        if answer == -numbers.STATUS_POISONED:
            return Step(numbers.STATUS_POISONED, 0, b"", 0, 0, 0, 0.0, 0.0)
        _, _, task, _, at, length, _, output, _, error_output, fuel, used, dropped, _ = self.info()
        result = self.read(at, length) if length else b""
        return Step(-answer if answer < 0 else 0, task, result, output, error_output, dropped, fuel, used)

    def info(self) -> tuple[Any, ...]:
        """The parts of the info block in their order: a read is cheaper than any call."""
        return _INFO.unpack(self.read(self._info, _INFO.size))

    @property
    def is_poisoned(self) -> bool:
        return bool(self.info()[1] == numbers.STATUS_POISONED)

    def result(self) -> bytes:
        """The last result."""
        _, _, _, _, at, length, *_ = self.info()
        return self.read(at, length)

    def listing(self, export: str) -> tuple[int, bytes]:
        """Calls an export that makes a list the result; its status and the list."""
        answer: int = self.call(export)
        return (-answer, b"") if answer < 0 else (numbers.STATUS_OK, self.result())

    def take_output(self, stream: str) -> bytes:
        """What ``output`` or ``error_output`` holds; it is empty then."""
        _, _, _, _, _, _, at, length, error_at, error_length, *_ = self.info()
        taken = self.read(at, length) if stream == "output" else self.read(error_at, error_length)
        self.call(f"{stream}_clear")
        return taken

    def build_id(self) -> bytes:
        """32 bytes that name the build."""
        return self.read(self.call("build_id_ptr"), 32)

    def image(self) -> bytearray:
        """All of memory, without the package's own buffer in use."""
        if self._buffer:
            self.call("dealloc", self._buffer, _BUFFER)
            self._buffer = 0
        return self._memory.read(self._open(), 0)

    @property
    def pages(self) -> int:
        """Pages of 64 KiB that memory has."""
        return self._memory.size(self._open())

    def load(self, image: bytearray) -> None:
        """Makes memory what ``image`` says, and zero beyond. Raises LuaRefusedError, and has changed nothing, where memory cannot grow so far."""
        store = self._open()
        missing = len(image) // PAGE - self.pages
        if missing > 0:
            try:
                self._memory.grow(store, missing)
            except WasmtimeError as error:
                raise LuaRefusedError(f"memory cannot grow to {len(image)} bytes: {error}", status=numbers.STATUS_TOO_BIG) from error
        image.extend(bytes(self.pages * PAGE - len(image)))
        self._memory.write(store, image, 0)
        self._buffer = 0


def closed() -> LuaRefusedError:
    """The error of a state that is used after its end."""
    return LuaRefusedError("this Lua state is closed; make a new one")


def poisoned() -> LuaPoisonedError:
    """The error of a state that an earlier call left unusable."""
    return LuaPoisonedError(
        "an earlier call was torn down within the state; restore a snapshot, or make a new state", status=numbers.STATUS_POISONED
    )


#: What is wrong where a module leaves out what is asked of it.
LEFT_OUT = 'the module leaves that out, as the mini variants do; take module="lua54" or "lua55"'


def refusal(status: int, message: str) -> LuaError:
    """The error of an export that is no run: the message says what is wrong, unless the state is poisoned or a mini variant."""
    if status == numbers.STATUS_BAD_STATE:
        message = LEFT_OUT
    return poisoned() if status == numbers.STATUS_POISONED else from_status(status, {"message": message})
