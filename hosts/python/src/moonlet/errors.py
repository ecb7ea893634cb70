"""The errors of Lua states: one base type, and a subtype for each way in which a run ends."""

from __future__ import annotations

from typing import Any, ClassVar, Optional, Union

from . import numbers


class LuaError(Exception):
    """What a run of Lua ended with; the state stays usable, but after a :class:`LuaPoisonedError`.

    ``str(error)`` is the message. On Python 3.11 and later the traceback of Lua is also a note of the exception.
    """

    kind: ClassVar[str] = "error"

    #: The status of ABI.md.
    status: int
    #: The message alone, without the traceback.
    message: str
    #: Lua's traceback, or None where there is none.
    traceback: Optional[str]
    #: The name of the chunk in which it happened, or None.
    chunk: Optional[str]
    #: The line in that chunk, from 1, or None.
    line: Optional[int]
    #: The error itself where the script raised a value that is no string, or None.
    value: Any

    def __init__(
        self,
        message: str,
        *,
        status: int = numbers.STATUS_ERRRUN,
        traceback: Optional[str] = None,
        chunk: Optional[str] = None,
        line: Optional[int] = None,
        value: Any = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.traceback = traceback
        self.chunk = chunk
        self.line = line
        self.value = value
        if traceback:
            add_note(self, traceback)


class LuaSyntaxError(LuaError):
    """The source is no Lua. Where it ends too early the message ends in ``near <eof>``."""

    kind = "syntax"


class LuaRuntimeError(LuaError):
    """The script raised an error that it did not catch; or, with the status 22, what it returned is over the option ``result``, nests deeper
    than 128, or is marked as an array and is none."""

    kind = "runtime"


class LuaMemoryError(LuaError):
    """The script needed more than the option ``memory`` or ``pages`` allows."""

    kind = "memory"


class LuaBudgetError(LuaError):
    """The task used up its ``fuel``."""

    kind = "budget"


class LuaCancelledError(LuaError):
    """The host ended the task."""

    kind = "cancelled"


class LuaExitError(LuaError):
    """The script called ``os.exit``."""

    kind = "exit"

    #: What ``os.exit`` was given: 0 for ``true`` or nothing, 1 for ``false``.
    code: int = 0


class LuaPoisonedError(LuaError):
    """The engine tore a call down, so the state cannot be trusted: restore a snapshot into it, or make a new one."""

    kind = "poisoned"


class LuaRefusedError(LuaError):
    """The call was refused before anything ran: the state is closed or belongs to another thread, evaluations nest too deep, data
    do not fit, a function was released, a snapshot is damaged. The message says what to do."""

    kind = "refused"

    def __init__(self, message: str, *, status: int = numbers.STATUS_BAD_STATE, **details: Any) -> None:
        super().__init__(message, status=status, **details)


_TYPES: dict[int, type[LuaError]] = {
    numbers.STATUS_ERRRUN: LuaRuntimeError,
    numbers.STATUS_ERRSYNTAX: LuaSyntaxError,
    numbers.STATUS_ERRMEM: LuaMemoryError,
    numbers.STATUS_ERRERR: LuaRuntimeError,
    numbers.STATUS_BUDGET: LuaBudgetError,
    numbers.STATUS_CANCELLED: LuaCancelledError,
    numbers.STATUS_EXIT: LuaExitError,
    numbers.STATUS_RESULT: LuaRuntimeError,
    numbers.STATUS_POISONED: LuaPoisonedError,
}


def add_note(error: BaseException, note: str) -> None:
    """Adds a note to an exception, once. Before Python 3.11 it is only kept in ``__notes__``."""
    notes = getattr(error, "__notes__", None)
    if notes is None:
        notes = error.__notes__ = []  # type: ignore[attr-defined]
    if note not in notes:
        notes.append(note)


def text(value: Union[str, bytes, None]) -> Optional[str]:
    """A text of the module, which comes as bytes where it is no UTF-8."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def from_status(status: int, fields: dict[str, Any]) -> LuaError:
    """The error that a status of ABI.md and its map stand for."""
    return _TYPES.get(status, LuaRefusedError if status >= numbers.STATUS_BAD_ARGUMENT else LuaError)(
        text(fields.get("message")) or f"status {status}",
        status=status,
        traceback=text(fields.get("traceback")),
        chunk=text(fields.get("chunk")),
        line=fields.get("line"),
        value=fields.get("value"),
    )
