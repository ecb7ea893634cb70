"""Objects of the host that Lua holds: each has a number, under which the module knows it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, Union

from .errors import LuaRefusedError


class HostReference:
    """Gives an object of the host to Lua, where it is opaque but for the methods named here.

    ``methods`` are names of methods of ``value``, or a mapping from name to a function that gets ``value`` and the
    arguments. A script calls them with a colon: ``object:name(...)``. What comes back from Lua is ``value`` itself.
    ``on_drop`` is called with ``value`` once Lua holds it no more. The same ``value`` is the same object in Lua each time.
    """

    __slots__ = ("methods", "on_drop", "value")

    def __init__(
        self,
        value: Any,
        *,
        methods: Union[Iterable[str], Mapping[str, Callable[..., Any]]] = (),
        on_drop: Optional[Callable[[Any], object]] = None,
    ) -> None:
        if isinstance(methods, str):
            raise TypeError(f"methods is a collection of names, such as [{methods!r}], and no single string")
        self.value = value
        self.methods: dict[str, Callable[..., Any]] = (
            dict(methods) if isinstance(methods, Mapping) else {name: _by_name(name) for name in methods}
        )
        self.on_drop = on_drop


class UnknownReference:
    """An object of another host, which a restored snapshot still holds; here nothing can be done with it but to give it back."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return f"UnknownReference({self.number})"


def _by_name(name: str) -> Callable[..., Any]:
    if name.startswith("_"):
        raise ValueError(f"{name!r} cannot be a method for scripts; give a mapping to choose another name")

    def method(value: Any, *arguments: Any) -> Any:
        return getattr(value, name)(*arguments)

    return method


class Entry:
    """An object that Lua holds, and what a script may do with it."""

    __slots__ = ("call", "methods", "on_drop", "value")

    def __init__(self, value: Any, call: Optional[Callable[..., Any]]) -> None:
        self.value = value
        self.call = call
        self.methods: dict[str, Callable[..., Any]] = {}
        self.on_drop: Optional[Callable[[Any], object]] = None

    def give_methods(self, methods: Mapping[str, Callable[..., Any]]) -> None:
        self.methods = {name: self._bound(name, method) for name, method in methods.items()}

    def _bound(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        value = self.value

        def bound(*arguments: Any) -> Any:
            # A script may call a method with any value in the place of its object.
            if not arguments or arguments[0] is not value:
                raise TypeError(f"call the method with a colon: object:{name}(...)")
            return method(*arguments)

        return bound


class Objects:
    """The objects that Lua holds, by number and by identity."""

    __slots__ = ("_by_identity", "_entries", "_last")

    def __init__(self, is_deterministic: bool) -> None:
        self._entries: dict[int, Entry] = {}
        self._by_identity: dict[int, int] = {}
        # A restored state may hold numbers that another process gave. Nobody can tell which, so each begins somewhere else,
        # but where scripts shall see the same numbers every time.
        self._last = 0 if is_deterministic else random.getrandbits(32)

    def copy(self) -> Objects:
        """The same objects by the same numbers, for a copy of the state."""
        copied = Objects.__new__(Objects)
        copied._entries, copied._by_identity, copied._last = dict(self._entries), dict(self._by_identity), self._last
        return copied

    def __len__(self) -> int:
        return len(self._entries)

    def number(self, value: Any, new: list[int]) -> int:
        """The number of a callable or of what a HostReference holds. A number that did not stand for anything before is added to ``new``."""
        reference = value if isinstance(value, HostReference) else None
        target = reference.value if reference is not None else value
        number = self._by_identity.get(id(target))
        if number is None:
            if isinstance(target, UnknownReference):
                number = target.number
            else:
                number = self._next()
            self._add(number, Entry(target, target if reference is None and callable(target) else None))
            new.append(number)
        if reference is not None:
            entry = self._entries[number]
            entry.give_methods(reference.methods)
            entry.on_drop = reference.on_drop
        return number

    def _next(self) -> int:
        while True:
            # No number is given twice: a snapshot of this state may still hold it when it is restored.
            self._last = (self._last + 1) & 0xFFFFFFFF
            if self._last not in self._entries:
                return self._last

    def _add(self, number: int, entry: Entry) -> None:
        self._entries[number] = entry
        self._by_identity[id(entry.value)] = number

    def entry(self, number: int) -> Entry:
        """What a number stands for."""
        entry = self._entries.get(number)
        if entry is None:
            entry = Entry(UnknownReference(number), None)
            self._add(number, entry)
        return entry

    def forget(self, numbers: Iterable[int]) -> list[Entry]:
        """Takes out objects that Lua holds no more, or never got."""
        forgotten = []
        for number in numbers:
            entry = self._entries.pop(number, None)
            if entry is not None:
                self._by_identity.pop(id(entry.value), None)
                forgotten.append(entry)
        return forgotten


def operate(entry: Entry, operation: str, arguments: list[Any]) -> Any:
    """What a script does with an object of the host: ``__call``, ``__index`` or ``__newindex``."""
    if isinstance(entry.value, UnknownReference):
        raise LuaRefusedError("this object belongs to a host that is gone; make it anew after a restore")
    if operation == "__call":
        if entry.call is None:
            raise TypeError("attempt to call an object of the host")
        return entry.call(*arguments)
    if operation == "__index":
        # By host.call a script can ask without a key, too.
        return entry.methods.get(arguments[0]) if arguments and isinstance(arguments[0], str) else None
    raise TypeError("attempt to set a field of an object of the host")
