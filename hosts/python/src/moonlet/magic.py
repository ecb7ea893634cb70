"""``%lua`` and ``%%lua`` for IPython and Jupyter, after ``%load_ext moonlet``."""

from __future__ import annotations

from typing import Any, Optional

from .errors import LuaSyntaxError
from .state import Lua


class LuaMagic:
    """``%lua 1 + 1`` shows the value of an expression, or runs a statement. ``%%lua`` runs the cell; what it returns is shown.

    All share one state, which ``%load_ext`` makes. ``%%lua name`` uses the state in the variable ``name`` instead.
    """

    def __init__(self, ipython: Any) -> None:
        self._ipython = ipython
        self._own = Lua()

    def __call__(self, line: str, cell: Optional[str] = None) -> Any:
        if cell is not None:
            return self._state(line.strip()).eval(cell, name="=cell")
        try:
            return self._own.eval(f"return {line}", name="=line")
        except LuaSyntaxError:
            return self._own.eval(line, name="=line")

    def _state(self, name: str) -> Lua:
        if not name:
            return self._own
        state = self._ipython.user_ns.get(name)
        if not isinstance(state, Lua):
            raise ValueError(f"the variable {name!r} is no Lua state; use `%%lua` alone, or `{name} = moonlet.Lua()` first")
        return state


def load(ipython: Any) -> None:
    """Registers the magic."""
    ipython.register_magic_function(LuaMagic(ipython), magic_kind="line_cell", magic_name="lua")
