"""What happens from the start of an evaluation to its end: values in and out, and the loop that answers host calls."""

from __future__ import annotations

import codecs
import inspect
import sys
import threading
import warnings
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from math import inf
from time import monotonic
from types import SimpleNamespace
from typing import Any, Callable, NamedTuple, Optional, Union

from wasmtime import Module

from . import numbers
from .codec import pack, unpack
from .errors import LuaError, LuaRefusedError, text
from .instance import Instance, Step, closed, refusal
from .objects import Entry, operate
from .options import Clocks, Options
from .values import Values, as_bytes

#: An evaluation lets the event loop in after so many seconds of host calls that are answered at once.
TURN = 0.01

#: Functions that the host waits with: the tasks that call them are answered step by step.
HostFunction = Optional[Callable[..., Any]]

#: Suspensions by status, and the kind of a task that they leave.
SUSPENDED = {
    numbers.STATUS_YIELD: "call",
    numbers.STATUS_PAUSED: "paused",
    numbers.STATUS_OUTPUT: "output",
    numbers.STATUS_INPUT: "input",
}
_REFUSED = numbers.STATUS_BAD_ARGUMENT

#: What the ``__close`` handlers and finalizers may use where the host ends something: nothing could stop them otherwise.
FAREWELL_FUEL = 1_000_000
#: Functions of Lua that Python forgot are released together, since a call is dear; as many as need no memory.
_RELEASE_AT_ONCE = 16
_RELEASE_AT_MOST = 800

_OPERATIONS = ("__call", "__index", "__newindex")
_UNDEFINED = object()
#: What the loop yields at the end of a slice; anything else that it yields is to be awaited.
PAUSE = object()

#: How many evaluations the running code is within.
_depth: ContextVar[int] = ContextVar("moonlet_depth", default=0)


class Outcome(NamedTuple):
    """How a run came back to the host."""

    #: ``done``, ``error``, or the kind of a suspended task.
    kind: str
    #: The results, the exception, or the request.
    value: Any
    task: int
    #: Whether the run was refused, so that a task that was to go on still waits.
    is_refused: bool = False
    #: The step and the request of a task that is paused before its answer.
    due: Optional[tuple[Step, list[Any]]] = None


class Runs(Values):
    """The part of a state that runs tasks. ``Lua`` is what users see of it."""

    def __init__(self, options: Options, module: Module) -> None:
        super().__init__(options, Instance(module))
        self._module = module
        self._thread = threading.get_ident()
        self._functions: dict[str, HostFunction] = {}
        #: Suspended tasks that a running evaluation goes on with.
        self._owned: set[int] = set()
        #: Suspended tasks that the host goes on with, one day, and what they ask: its functions are given once. None where that is still to be read.
        self._kept: dict[int, Optional[list[Any]]] = {}
        self._released: deque[tuple[int, int]] = deque()
        self._clocks = Clocks(options)
        self._decoders = _decoders()

    # Checks

    def _usable_instance(self) -> Instance:
        """The instance, for a use by its own thread while it is open."""
        if threading.get_ident() != self._thread:
            raise LuaRefusedError("this Lua state belongs to the thread that made it; make one for each thread")
        if self._instance.is_closed:
            raise closed()
        return self._instance

    def _check_generation(self, generation: int) -> None:
        if self._instance.is_closed:
            raise LuaRefusedError("the Lua state was closed while this evaluation ran")
        if self._generation != generation:
            raise LuaRefusedError("a snapshot was restored while this evaluation ran, which ended it")

    # Runs

    def _run(self, export: str, data: bytearray, new: list[int], *before: int) -> Step:
        """One run."""
        instance = self._instance
        if len(self._released) >= _RELEASE_AT_ONCE:
            self._release_forgotten()
        self._clocks.set(instance)
        step = instance.run(export, data, *before)
        if new and step.status >= _REFUSED:
            self._objects.forget(new)
        return step

    def _give(self, export: str, values: Sequence[Any]) -> Step:
        data, new = self._pack(values)
        return self._run(export, data, new)

    def _attend(self, output: int, error_output: int, dropped: int, is_end: bool) -> None:
        """What the host does after a run: it hears what Lua dropped, and takes the output."""
        if dropped:
            self._hear_of_dropped()
        if output:
            self._deliver("output", is_end)
        if error_output:
            self._deliver("error_output", is_end)

    def _attend_to_handlers(self) -> None:
        """The same after ``__close`` handlers or finalizers that ran outside of any run."""
        _, status, _, _, _, _, _, output, _, error_output, _, _, dropped, _ = self._instance.info()
        if status != numbers.STATUS_POISONED:
            self._attend(output, error_output, dropped, True)

    def _deliver(self, stream: str, is_end: bool) -> None:
        taken = self._instance.take_output(stream)
        sink = self._options.on_output if stream == "output" else self._options.on_error_output
        if sink is not None and self._options.strings == "bytes":
            sink(taken)
            return
        # What two writes made of one character may come in two pieces.
        written = self._decoders[stream].decode(taken, is_end)
        if not written:
            return
        if sink is not None:
            sink(written)
        else:
            (sys.stdout if stream == "output" else sys.stderr).write(written)

    def _hear_of_dropped(self) -> None:
        status, listed = self._instance.listing("dropped")
        if status != numbers.STATUS_OK:
            return
        for entry in self._objects.forget(self._unpack(listed)):
            if entry.on_drop is not None:
                try:
                    entry.on_drop(entry.value)
                except Exception as error:
                    # As for a finalizer: nobody who is running asked for this.
                    sys.unraisablehook(
                        SimpleNamespace(
                            exc_type=type(error),
                            exc_value=error,
                            exc_traceback=error.__traceback__,
                            err_msg="Exception ignored in on_drop",
                            object=entry.on_drop,
                        )
                    )

    def _release_forgotten(self) -> None:
        """Releases the functions that Python forgot."""
        while self._released:
            handles: list[int] = []
            while self._released and len(handles) < _RELEASE_AT_MOST:
                handle, generation = self._released.popleft()
                if generation == self._generation:
                    handles.append(handle)
            if handles:
                self._instance.give("release", pack(handles, _no_foreign))

    def _release(self, handle: int, generation: int) -> None:
        if generation == self._generation and not self._instance.is_closed:
            self._usable_instance().give("release", pack([handle], _no_foreign))

    # The loop

    def _conduct(
        self, begin: Callable[[], Step], is_stepped: bool, task: int = 0, due: Optional[list[Any]] = None
    ) -> Generator[Any, Any, Outcome]:
        """Runs a task until it ends, or where the host steps it until it is the host's turn. Yields PAUSE and what is to be awaited.

        ``due`` is the request of the first step, where that was read before.
        """
        generation = self._generation
        given_up = True
        self._owned.add(task)
        try:
            step = begin()
            began, turn = step.fuel_used, monotonic()
            while True:
                kind = SUSPENDED.get(step.status)
                # First of all: an evaluation within on_output or on_drop may fail, and ends what is nobody's.
                if kind is not None and step.task != task:
                    self._owned.discard(task)
                    task = step.task
                    self._owned.add(task)
                self._attend(step.output, step.error_output, step.dropped, kind is None)
                if step.status == numbers.STATUS_OK:
                    given_up = False
                    return Outcome("done", self._results(step, task), task)
                if kind is None:
                    given_up = False
                    return Outcome("error", self._error(step, task), task, step.status >= _REFUSED)
                request: list[Any] = []
                if kind == "call":
                    request, due = due or self._unpack(step.result), None
                    request[0] = text(request[0])
                if is_stepped and (kind != "call" or self._is_waiting(request[0])):
                    given_up = False
                    return Outcome(kind, request, task)
                # Each answer begins another slice; a task that asks without end is to let its host in all the same.
                if kind == "call" and is_stepped and step.fuel_used - began > (self._options.slice or inf):
                    given_up = False
                    return Outcome("paused", [], task, due=(step, request))
                if kind == "call" and not is_stepped and monotonic() - turn > TURN:
                    yield PAUSE
                    self._check_generation(generation)
                    turn = monotonic()
                if kind == "call":
                    answer, new, export = yield from self._answer(step, request)
                    self._check_generation(generation)
                    step = self._run(export, answer, new, task)
                    if step.status >= _REFUSED:
                        step = self._insist(step, task)
                else:
                    if kind == "input":
                        self._feed()
                    else:
                        yield PAUSE
                    self._check_generation(generation)
                    turn = monotonic()
                    step = self._run("resume", bytearray(), [], task)
        finally:
            if self._generation == generation:
                self._owned.discard(task)
            if given_up:
                # What ended the evaluation is what the host is told.
                with suppress(LuaError):
                    self._cancel_orphans(generation)

    def _is_waiting(self, name: Optional[str]) -> bool:
        return name not in _OPERATIONS and self._functions.get(str(name)) is None

    def _answer(self, step: Step, request: list[Any]) -> Generator[Any, Any, tuple[bytearray, list[int], str]]:
        """What a host call is answered with: bytes, the numbers that are new in them, and the export that takes them."""
        try:
            result = self._invoke(step, request)
            if inspect.isawaitable(result):
                result = yield result
            try:
                return (*self._pack(result if type(result) is tuple else (result,)), "resume")
            except Exception as error:
                # The script may catch it, and the fault is the host's.
                warnings.warn(f"what the host function {request[0]!r} returned cannot go to Lua: {error}", RuntimeWarning, stacklevel=2)
                raise
        except Exception as error:
            return (*self._pack_error(error), "raise")

    def _invoke(self, step: Step, request: list[Any]) -> Any:
        name, *arguments = request
        if name in _OPERATIONS:
            # The second value says which object, and any script can ask so by host.call.
            held = unpack(step.result, self._entry_of)[1:2]
            if not held or not isinstance(held[0], Entry):
                raise TypeError(f"host.call({name!r}, ...) takes an object of the host")
            return operate(held[0], name, arguments[1:])
        function = self._functions.get(name, _UNDEFINED)
        if function is _UNDEFINED:
            raise LuaRefusedError(f"the host has no function {name!r}; define it first")
        if function is None:
            raise LuaRefusedError(f"the host function {name!r} waits, which only a task that the host steps can do; use lua.start")
        return function(*arguments)  # type: ignore[operator]

    def _entry_of(self, kind: int, number: int) -> Optional[Entry]:
        return self._objects.entry(number) if kind == numbers.EXTENSION_REFERENCE else None

    def _insist(self, refused: Step, task: int) -> Step:
        """The answer was refused, and the task waits for another: it gets the refusal as an error, else it ends."""
        error = self._error(refused)
        data, new = self._pack_error(error)
        step = self._run("raise", data, new, task)
        if step.status >= _REFUSED:
            self._cancel(task)
            return refused
        return step

    def _feed(self) -> None:
        """Adds to standard input what the script waits for."""
        source = self._options.input
        if not callable(source):
            raise LuaRefusedError(
                "the script waits for input: give `input` a function, or step the task by lua.start and use write_input",
                status=numbers.STATUS_INPUT,
            )
        self._add_input(source() or b"")

    def _add_input(self, data: Union[str, bytes]) -> None:
        status = self._usable_instance().give("write_input", as_bytes(data, "input"))
        if status != numbers.STATUS_OK:
            raise refusal(status, "the input does not fit into the memory; raise `memory`, or write less at a time")

    def _drive(self, begin: Callable[[], Step], is_stepped: bool = False, task: int = 0, due: Optional[list[Any]] = None) -> Outcome:
        """Conducts a task where nothing can be awaited."""
        self._usable_instance()
        depth = self._deeper()
        conductor = self._conduct(begin, is_stepped, task, due)
        token = _depth.set(depth)
        try:
            request = next(conductor)
            while True:
                if request is PAUSE:
                    # Python looks for signals here.
                    request = next(conductor)
                else:
                    _discard(request)
                    request = conductor.throw(
                        LuaRefusedError("this host function is asynchronous; await lua.eval_async or lua.call_async instead")
                    )
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome
        finally:
            try:
                conductor.close()
            finally:
                _depth.reset(token)

    async def _drive_async(self, begin: Callable[[], Step]) -> Outcome:
        """Conducts a task; the event loop runs between slices, and while a host function is awaited."""
        # Who needs it has it already, and it takes longer to import than all the rest.
        import asyncio

        self._usable_instance()
        depth = self._deeper()
        conductor = self._conduct(begin, False)
        token = _depth.set(depth)
        try:
            request = next(conductor)
            while True:
                try:
                    answer = await (asyncio.sleep(0) if request is PAUSE else request)
                except BaseException as error:
                    request = conductor.throw(error)
                else:
                    request = conductor.send(answer)
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome
        finally:
            try:
                conductor.close()
            finally:
                # One that is thrown away half-way ends in another context.
                with suppress(ValueError):
                    _depth.reset(token)

    def _deeper(self) -> int:
        depth = _depth.get() + 1
        if depth > self._options.nesting + 1:
            raise LuaRefusedError(
                f"evaluations within host functions nest deeper than {self._options.nesting}; return to the script first, or raise `nesting`"
            )
        return depth

    # Ends

    def _list_tasks(self) -> list[list[int]]:
        """Id, status, form and fuel used of every suspended task, the oldest first."""
        status, listed = self._usable_instance().listing("tasks")
        if status != numbers.STATUS_OK:
            raise refusal(status, "there is no memory for the list of tasks; raise `memory`")
        found: list[list[int]] = self._unpack(listed)
        return found

    def _cancel_orphans(self, generation: int) -> None:
        """Ends the task of an evaluation that was given up, by Ctrl-C or an error of the host's, perhaps before it was known here."""
        # Python may throw an evaluation away in another thread.
        if self._usable_instance().is_poisoned or self._generation != generation:
            return
        for task, *_ in self._list_tasks():
            if task not in self._owned and task not in self._kept:
                self._cancel(task)
        with suppress(Exception):
            self._attend_to_handlers()

    def _cancel(self, task: int) -> int:
        """Ends a task, whose ``__close`` handlers may use no more than ``FAREWELL_FUEL``; the status of ``cancel``."""
        instance = self._usable_instance()
        used = next((fuel for id, _, _, fuel in self._list_tasks() if id == task), 0)
        with self._farewell(used):
            status: int = instance.call("cancel", task)
        return status

    def _farewell(self, used: float = 0) -> _Fuel:
        fuel = self._options.fuel
        farewell = used + FAREWELL_FUEL
        return _Fuel(self._instance, farewell if fuel is None else min(farewell, fuel), fuel)


class _Fuel:
    """Another limit of fuel for a moment."""

    def __init__(self, instance: Instance, moment: float, usual: Optional[int]) -> None:
        self._instance, self._moment, self._usual = instance, moment, usual

    def __enter__(self) -> None:
        self._instance.call("set", numbers.OPTION_FUEL, float(self._moment))

    def __exit__(self, *_: object) -> None:
        self._instance.call("set", numbers.OPTION_FUEL, float(self._usual or 0))


def _decoders() -> dict[str, codecs.IncrementalDecoder]:
    make = codecs.getincrementaldecoder("utf-8")
    return {"output": make("backslashreplace"), "error_output": make("backslashreplace")}


def _no_foreign(value: Any) -> tuple[int, int]:
    raise TypeError(type(value).__name__)


def _discard(awaitable: Any) -> None:
    """Ends what will not be awaited, without a warning."""
    end = getattr(awaitable, "close", None) or getattr(awaitable, "cancel", None)
    if end is not None:
        end()
