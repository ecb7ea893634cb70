"""The options of a state: their defaults, checks, and how they reach the module."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from . import numbers
from .instance import LEFT_OUT, PAGE, Instance

#: Libraries by name. The default is all but ``debug_full``, with which a script can break its state.
LIBRARIES: dict[str, int] = {
    name[len("LIBRARY_") :].lower(): value for name, value in vars(numbers).items() if name.startswith("LIBRARY_")
}
SAFE_LIBRARIES = tuple(name for name in LIBRARIES if name != "debug_full")

#: What `deterministic` fixes.
FIXED_SEED = 0
FIXED_CLOCK = 0.0

Sink = Callable[[Any], object]
Source = Callable[[], Union[str, bytes, None]]
Clock = Union[float, Callable[[], float], None]


@dataclass(frozen=True)
class Options:
    """What the constructor of ``Lua`` was given; it says what each means."""

    module: Any
    memory: Optional[int]
    pages: Optional[int]
    fuel: Optional[int]
    slice: Optional[int]
    output: Optional[int]
    result: Optional[int]
    host_calls: Optional[int]
    tasks: Optional[int]
    nesting: int
    libraries: Iterable[str]
    seed: Optional[int]
    clock: Clock
    time_zone: Union[str, int]
    strings: str
    nulls: bool
    finalizers: bool
    binary_chunks: bool
    deterministic: bool
    on_output: Optional[Sink]
    on_error_output: Optional[Sink]
    input: Union[Source, str, bytes, bool, None]

    def __post_init__(self) -> None:
        for name in ("memory", "pages", "fuel", "slice", "output", "result", "host_calls", "tasks"):
            value = getattr(self, name)
            if value is not None:
                _check_integer(name, value, 1, "leave it out for the default, or pass None for no limit")
        for name in ("deterministic", "nulls", "finalizers", "binary_chunks"):
            if not isinstance(getattr(self, name), bool):
                raise TypeError(f"{name} is True or False, not {type(getattr(self, name)).__name__}")
        _check_integer("nesting", self.nesting, 0, "it is how deep evaluations nest within host functions")
        if self.seed is not None:
            _check_integer("seed", self.seed, None, "any integer will do; its low 64 bits count")
        if not isinstance(self.time_zone, str):
            _check_integer("time_zone", self.time_zone, None, "minutes east of UTC, or a TZ string of POSIX")
        if self.strings not in ("text", "bytes"):
            raise ValueError(f'strings is "text" or "bytes", not {self.strings!r}')
        if isinstance(self.libraries, str):
            raise TypeError(f"libraries is a collection of names, such as [{self.libraries!r}], and no single string")
        object.__setattr__(self, "libraries", tuple(self.libraries))
        for name in self.libraries:
            if name not in LIBRARIES:
                raise ValueError(f"there is no library {name!r}; there are {', '.join(LIBRARIES)}")
        for name in ("on_output", "on_error_output"):
            if getattr(self, name) is not None and not callable(getattr(self, name)):
                raise TypeError(f"{name} is a function that takes what was written, not {type(getattr(self, name)).__name__}")
        if not (self.input is None or isinstance(self.input, (bool, str, bytes)) or callable(self.input)):
            raise TypeError("input is all of it as str or bytes, a function that answers more of it, or True to use write_input")
        if not (self.clock is None or isinstance(self.clock, (int, float)) or callable(self.clock)):
            raise TypeError("clock is a number of seconds since 1970, a function that answers one, or None for the system's")

    @property
    def page_limit(self) -> Optional[int]:
        """Pages that memory may reach into: those asked for, or room for twice ``memory``."""
        if self.pages is not None or self.memory is None:
            return self.pages
        return max(1, -(-2 * self.memory // PAGE))

    def apply(self, instance: Instance, *, is_new: bool) -> None:
        """Sets every option of the instance; those that only a new state takes where it is one."""
        settings: list[tuple[str, int, float]] = [
            ("memory", numbers.OPTION_MEMORY, self.memory or 0),
            ("pages", numbers.OPTION_PAGES, self.page_limit or 0),
            ("fuel", numbers.OPTION_FUEL, self.fuel or 0),
            ("slice", numbers.OPTION_SLICE, self.slice or 0),
            ("output", numbers.OPTION_OUTPUT, self.output or 0),
            ("result", numbers.OPTION_RESULT, self.result or 0),
            ("host_calls", numbers.OPTION_HOST_CALLS, self.host_calls or 0),
            ("tasks", numbers.OPTION_TASKS_LIMIT, self.tasks or 0),
            ("strings", numbers.OPTION_STRINGS, self.strings == "bytes"),
            ("nulls", numbers.OPTION_NULLS, self.nulls),
            ("input", numbers.OPTION_INPUT, self.input not in (None, False)),
            ("finalizers", numbers.OPTION_FINALIZERS, self.finalizers),
            ("binary_chunks", numbers.OPTION_BINARY_CHUNKS, self.binary_chunks),
            ("format", numbers.OPTION_FORMAT, 1),
            ("error output", numbers.OPTION_ERROR_OUTPUT, 1),
        ]
        if is_new:
            seed = self.seed
            if seed is None:
                seed = FIXED_SEED if self.deterministic else int.from_bytes(os.urandom(8), "little")
            settings += [
                ("seed", numbers.OPTION_SEED_LOW, seed & 0xFFFFFFFF),
                ("seed", numbers.OPTION_SEED_HIGH, seed >> 32 & 0xFFFFFFFF),
                ("libraries", numbers.OPTION_LIBRARIES, sum(LIBRARIES[name] for name in set(self.libraries))),
            ]
        for name, key, value in settings:
            # In a new state most options are what they start as, and a call is dear.
            if not (is_new and _STARTS.get(key, 0) == value):
                status = instance.call("set", key, float(value))
                if status != numbers.STATUS_OK:
                    raise ValueError(f"{name} cannot be {value}" + _why(status))
        self._apply_time_zone(instance, is_new)

    def _apply_time_zone(self, instance: Instance, is_new: bool) -> None:
        if isinstance(self.time_zone, str):
            status = instance.give("time_zone", bytearray(self.time_zone.encode()))
            if status != numbers.STATUS_OK:
                raise ValueError(
                    f"time_zone cannot be {self.time_zone!r}{_why(status)}"
                    if status == numbers.STATUS_BAD_STATE
                    else f"{self.time_zone!r} is no time zone in POSIX's form, such as CET-1CEST,M3.5.0,M10.5.0/3; "
                    "the last line of a zone's file in zoneinfo is one"
                )
        elif not (is_new and self.time_zone == 0):
            status = instance.call("set", numbers.OPTION_TIME_ZONE, float(self.time_zone))
            if status != numbers.STATUS_OK:
                raise ValueError(f"time_zone is minutes east of UTC, from -1440 to 1440, not {self.time_zone}" + _why(status))


def _why(status: int) -> str:
    """What to add to the message of an option that was refused."""
    return f": {LEFT_OUT}" if status == numbers.STATUS_BAD_STATE else ""


#: What options start as, where that is not 0, or a module that holds fewer libraries starts as it can.
_STARTS = {numbers.OPTION_FINALIZERS: 1, numbers.OPTION_LIBRARIES: sum(LIBRARIES[name] for name in SAFE_LIBRARIES)}


def _check_integer(name: str, value: object, least: Optional[int], hint: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is an integer, not {type(value).__name__}; {hint}")
    if least is not None and value < least:
        raise ValueError(f"{name} is at least {least}, not {value}; {hint}")
    if least is not None and value >= 1 << 53:
        raise ValueError(f"{name} is below 2^53, not {value}; {hint}")


class Clocks:
    """Sets the module's two clocks before a run, where they have moved: a call is dear."""

    __slots__ = ("_clock", "_milliseconds", "_second", "_start")

    def __init__(self, options: Options) -> None:
        self._clock = FIXED_CLOCK if options.clock is None and options.deterministic else options.clock
        self._start = self._monotonic()
        self.forget()

    def forget(self) -> None:
        """Has both set at the next run, after a restore."""
        self._second: Optional[int] = None
        self._milliseconds: Optional[int] = None

    def _now(self) -> float:
        if self._clock is None:
            return time.time()
        return float(self._clock()) if callable(self._clock) else float(self._clock)

    def _monotonic(self) -> float:
        return time.monotonic() if self._clock is None else self._now()

    def set(self, instance: Instance) -> None:
        """``os.time`` counts whole seconds; ``os.clock`` goes on by milliseconds, from 0 where the state was made."""
        second = int(self._now())
        if second != self._second:
            instance.call("set", numbers.OPTION_CLOCK, float(second))
            self._second = second
        milliseconds = int((self._monotonic() - self._start) * 1000)
        if milliseconds != self._milliseconds:
            instance.call("set", numbers.OPTION_MONOTONIC, milliseconds / 1000)
            self._milliseconds = milliseconds
