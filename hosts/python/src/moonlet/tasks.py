"""Tasks that the host steps itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from .errors import LuaRefusedError

if TYPE_CHECKING:
    from .instance import Step
    from .state import Lua


class Task:
    """A task that comes back to the host wherever it is suspended; ``lua.start`` and ``lua.tasks`` give them.

    ``kind`` says what it waits for:

    ========== ==========================================================================================
    ``done``   nothing: it has ended, and ``result`` is what it returned
    ``paused`` ``resume()``; its slice was used up, by one run or between answers of the host's functions
    ``call``   ``resume(*values)`` or ``fail(error)``; ``name`` and ``arguments`` say what it asks of the host
    ``input``  ``lua.write_input(...)``, then ``resume()``
    ``output`` ``resume()``; the option ``output`` was reached, and what it wrote has been delivered
    ``result`` nothing: what it returned was over the option ``result``
    ========== ==========================================================================================
    """

    def __init__(self, lua: Lua, id: int, kind: str, value: Any, due: Optional[tuple[Step, list[Any]]] = None) -> None:
        self._lua = lua
        #: The task's number in the module, which it keeps in snapshots.
        self.id = id
        self._become(kind, value, due)

    def _become(self, kind: str, value: Any, due: Optional[tuple[Step, list[Any]]] = None) -> None:
        #: The call that is answered as it goes on, by a function of the host; to the host it is paused.
        self._due = due
        #: What it waits for.
        self.kind: str = kind
        #: The name of the host function that it waits for, where ``kind`` is ``call``.
        self.name: Optional[str] = value[0] if kind == "call" else None
        #: What that function is called with.
        self.arguments: list[Any] = value[1:] if kind == "call" else []
        #: What it returned, once it is done: None, the one value, or a tuple of several.
        self.result: Any = value if kind == "done" else None

    def resume(self, *values: Any) -> Task:
        """Goes on until the next suspension or the end: with the results of the host call, with no values after a pause.

        Raises the error that the task ended with. After a LuaRefusedError it waits as before.
        """
        self._check()
        return self._lua._go_on(self, "resume", values)

    def fail(self, error: Any) -> Task:
        """Goes on with an error in the place of the host call's results: an exception, or a value that the script gets as it is."""
        self._check()
        return self._lua._go_on(self, "raise", (error,))

    def cancel(self) -> None:
        """Ends it. Its ``<close>`` handlers run; raises the error of one that failed. A task that has ended stays as it is."""
        if self.kind in ("done", "result"):
            return
        self._lua._end(self)

    def _check(self) -> None:
        if self.kind in ("done", "result"):
            raise LuaRefusedError("this task has ended; start another")

    def __repr__(self) -> str:
        return f"<Task {self.id} {self.kind}{'' if self.name is None else ' ' + self.name}>"
