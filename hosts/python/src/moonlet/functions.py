"""Functions of Lua in the hands of the host."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional

from .errors import LuaRefusedError

if TYPE_CHECKING:
    from .state import Lua


class LuaFunction:
    """A function of Lua; or a coroutine or userdata, which cannot be called here, but given back to Lua.

    Calling it is ``lua.call(function, ...)``. Lua keeps it as long as the host does: until :meth:`release`, the end of a
    ``with`` block, or until Python forgets the object. Two that stand for the same function of the same state are equal.
    """

    __slots__ = ("__weakref__", "_generation", "_handle", "_is_held", "_lua")

    def __init__(self, lua: Lua, handle: int, generation: int) -> None:
        self._lua = lua
        #: Never given to another object of the state, also once it is released.
        self._handle = handle
        self._generation = generation
        self._is_held = True

    def __call__(self, *arguments: Any) -> Any:
        """Calls it; errors and results as of ``lua.call``."""
        return self._lua.call(self, *arguments)

    async def call_async(self, *arguments: Any) -> Any:
        """As calling it, where functions of the host may be asynchronous."""
        return await self._lua.call_async(self, *arguments)

    def handle_in(self, lua: Lua, generation: int) -> int:
        """The number under which a state knows it. Raises LuaRefusedError where it does not."""
        if not self._is_held:
            raise LuaRefusedError("this Lua function was released; get it anew")
        if self._lua is not lua:
            raise LuaRefusedError("this Lua function belongs to another state; pass values between states")
        if self._generation != generation:
            raise LuaRefusedError("this Lua function is older than the snapshot that was restored; get it anew")
        return self._handle

    def release(self) -> None:
        """Lets go of it. A second time does nothing."""
        if self._is_held:
            self._lua._release(self._handle, self._generation)
            self._is_held = False

    def __del__(self) -> None:
        # Any thread may end here, in the middle of any call.
        if getattr(self, "_is_held", False):
            self._lua._released.append((self._handle, self._generation))

    def __enter__(self) -> LuaFunction:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.release()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LuaFunction):
            return NotImplemented
        return self._lua is other._lua and (self._handle, self._generation) == (other._handle, other._generation)

    def __hash__(self) -> int:
        return hash((id(self._lua), self._handle, self._generation))

    def __repr__(self) -> str:
        return f"<LuaFunction {self._handle}{'' if self._is_held else ' released'}>"
