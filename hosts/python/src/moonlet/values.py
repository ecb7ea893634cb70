"""Values and errors on their way between Python and one state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

from . import numbers
from .codec import ToForeign, pack, pack_one, unpack
from .errors import LuaError, LuaExitError, add_note, from_status, text
from .functions import LuaFunction
from .instance import Instance, Step, refusal
from .objects import HostReference, Objects, UnknownReference
from .options import Options

#: Longer messages of exceptions are cut, as an error's value leaves Lua only within 4,096 bytes.
_MESSAGE_LIMIT = 2_000


class Values:
    """The part of a state that knows what its values stand for."""

    def __init__(self, options: Options, instance: Instance) -> None:
        self._options = options
        self._instance = instance
        self._objects = Objects(options.deterministic)
        #: How often the memory was replaced by another: what is older means nothing any more.
        self._generation = 0
        #: Tasks of a restored state whose results are texts.
        self._text_tasks: set[int] = set()

    def _pack(self, values: Sequence[Any]) -> tuple[bytearray, list[int]]:
        """The values as an array, and the numbers of the objects that Lua did not hold before."""
        return self._packed(pack, values)

    def _packed(self, encode: Callable[[Any, ToForeign], bytearray], value: Any) -> tuple[bytearray, list[int]]:
        new: list[int] = []
        try:
            return encode(value, lambda foreign: self._to_foreign(foreign, new)), new
        except BaseException:
            self._objects.forget(new)
            raise

    def _to_foreign(self, value: Any, new: list[int]) -> tuple[int, int]:
        if isinstance(value, LuaFunction):
            return numbers.EXTENSION_HANDLE, value.handle_in(self._as_lua(), self._generation)
        if callable(value) or isinstance(value, (HostReference, UnknownReference)):
            return numbers.EXTENSION_REFERENCE, self._objects.number(value, new)
        raise TypeError(
            f"Lua has no form of {type(value).__module__}.{type(value).__qualname__}; pass None, a bool, int, float, str, bytes, list, tuple, "
            "dict, a function, or moonlet.HostReference(value)"
        )

    def _as_lua(self) -> Any:
        return self

    def _unpack(self, data: bytes) -> Any:
        return unpack(data, self._from_foreign)

    def _from_foreign(self, kind: int, number: int) -> Any:
        if kind == numbers.EXTENSION_HANDLE:
            return LuaFunction(self._as_lua(), number, self._generation)
        if kind == numbers.EXTENSION_REFERENCE:
            return self._objects.entry(number).value
        raise ValueError(f"malformed MessagePack: ext type {kind}")

    def _results(self, step: Step, task: int) -> Any:
        """None, the one value, or a tuple of several."""
        if task in self._text_tasks:
            return text(step.result)
        values = self._unpack(step.result)
        return values[0] if len(values) == 1 else tuple(values) or None

    def _error(self, step: Step, task: int = 0) -> BaseException:
        """The exception that a run ended with: of a host function the very one that it raised."""
        if task in self._text_tasks:
            return from_status(step.status, {"message": step.result})
        if not step.result:
            return refusal(step.status, "the data do not fit into the state's memory; raise `memory`, or free something in the script")
        fields = self._unpack(step.result)
        value = fields.get("value")
        if isinstance(value, dict):
            raised = value.get("exception", value.get(b"exception"))
            if isinstance(raised, BaseException):
                if "traceback" in fields:
                    add_note(raised, str(text(fields["traceback"])))
                return raised
        error = from_status(step.status, fields)
        if isinstance(error, LuaExitError):
            error.code = int(self._instance.call("get", numbers.FIGURE_EXIT_CODE))
        return error

    def _pack_error(self, error: Any) -> tuple[bytearray, list[int]]:
        """The error that a host call raises in the script: a table with ``message``, ``type`` and the exception itself."""
        if isinstance(error, BaseException):
            message = _message(error)
            if len(message) > _MESSAGE_LIMIT:
                message = message[:_MESSAGE_LIMIT] + "..."
            error = {
                "message": message.encode("utf-8", "backslashreplace").decode(),
                "type": type(error).__name__,
                "exception": HostReference(error),
            }
        return self._packed(pack_one, error)


def _message(error: BaseException) -> str:
    if isinstance(error, LuaError):
        return error.message
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        # It has no text of its own.
        return type(error).__name__


def as_bytes(data: object, what: str) -> bytearray:
    """A text as UTF-8, or bytes as they are."""
    if isinstance(data, str):
        return bytearray(data.encode())
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"{what} is str or bytes, not {type(data).__name__}")
    return bytearray(data)
