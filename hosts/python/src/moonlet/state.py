"""``Lua``: one state, and all that a host does with it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Callable, NamedTuple, Optional, TypeVar, Union, overload
from weakref import WeakValueDictionary

from . import chunks, numbers, snapshot
from .errors import LuaRefusedError, from_status, text
from .files import Files, Globals
from .functions import LuaFunction
from .instance import Step, poisoned
from .modules import load
from .options import SAFE_LIBRARIES, Clock, Options, Sink, Source
from .runs import SUSPENDED, HostFunction, Outcome, Runs
from .tasks import Task

Callee = Union[str, LuaFunction]
Text = Union[str, bytes]
F = TypeVar("F", bound=Callable[..., Any])


class Stats(NamedTuple):
    """Figures of a state."""

    #: Units of fuel that the last task used, from its start.
    fuel_used: int
    #: Bytes allocated now, and the most they ever were.
    memory_used: int
    memory_peak: int
    #: Suspended tasks.
    tasks: int
    #: Functions of Lua that the host holds, each time it got one.
    handles: int


class Lua(Runs):
    """One Lua state in its own sandbox. It belongs to the thread that made it, and is closed by ``with`` or :meth:`close`.

    Options (None means no limit):

    ``module``
        ``"lua54"``, ``"lua55"``, the mini variants ``"lua54-mini"`` and ``"lua55-mini"``, a ``pathlib.Path``, or the bytes of a
        module of the same ABI.
    ``memory``, ``pages``
        Bytes that scripts may allocate, 64 MiB by default; pages of 64 KiB that the state may reach into, by default room for twice
        ``memory``.
    ``fuel``
        Units that a task may use before LuaBudgetError, about one for each VM instruction. **There is no limit by default**:
        an endless loop ends by Ctrl-C only.
    ``slice``
        Units after which Python looks for signals, and the event loop runs.
    ``output``, ``result``, ``host_calls``, ``tasks``
        Bytes written before they are delivered (otherwise at the end of each run), bytes of a result, host calls of a task, suspended tasks
        (10,000).
    ``nesting``
        How deep evaluations nest within host functions.
    ``libraries``
        Names of ``moonlet.LIBRARIES``; all but ``debug_full`` by default.
    ``seed``, ``clock``, ``time_zone``
        Of hashing and ``math.random``, by default from the system's entropy; seconds since 1970 as a number or a function, by default the
        system's, read at every run; minutes east of UTC, or a TZ string of POSIX, by default UTC.
    ``deterministic``
        Fixes seed, clock and time zone, so that equal runs give equal results.
    ``strings``
        ``"text"`` gives a str for a string that is UTF-8, and bytes for any other; ``"bytes"`` gives bytes for all.
    ``nulls``
        Has None within lists and dicts arrive as ``host.null``; otherwise it is a hole, or no entry.
    ``on_output``, ``on_error_output``
        Functions that get what the script writes, as str (bytes with ``strings="bytes"``); by default ``sys.stdout`` and ``sys.stderr``.
    ``input``
        Standard input: all of it as str or bytes; a function that answers more of it, ``""`` or None at its end; or True where
        :meth:`write_input` gives it. By default it is the file ``/dev/stdin``.
    ``finalizers``, ``binary_chunks``
        False lets ``__gc`` be ignored; True lets ``load`` take precompiled chunks, which can break the state.

    Raises TypeError and ValueError for what an option cannot be, and for a module that is none of Moonlet's.
    """

    def __init__(
        self,
        *,
        module: Union[str, bytes, os.PathLike[str]] = "lua54",
        memory: Optional[int] = 64 << 20,
        pages: Optional[int] = None,
        fuel: Optional[int] = None,
        slice: Optional[int] = 1_000_000,
        output: Optional[int] = None,
        result: Optional[int] = None,
        host_calls: Optional[int] = None,
        tasks: Optional[int] = 10_000,
        nesting: int = 16,
        libraries: Iterable[str] = SAFE_LIBRARIES,
        seed: Optional[int] = None,
        clock: Clock = None,
        time_zone: Union[str, int] = 0,
        deterministic: bool = False,
        strings: str = "text",
        nulls: bool = False,
        on_output: Optional[Sink] = None,
        on_error_output: Optional[Sink] = None,
        input: Union[Source, str, bytes, bool, None] = None,
        finalizers: bool = True,
        binary_chunks: bool = False,
    ) -> None:
        options = locals()
        del options["self"]
        options.pop("__class__", None)
        self._make(Options(**options))

    def _make(self, options: Options) -> None:
        super().__init__(options, load(options.module))
        #: Those that the host holds; a task that it forgot is made anew for `tasks`.
        self._tasks: WeakValueDictionary[int, Task] = WeakValueDictionary()
        try:
            options.apply(self._instance, is_new=True)
            if isinstance(options.input, (str, bytes)):
                self._add_input(options.input)
                self._add_input("")
        except BaseException:
            self._instance.close()
            raise

    # Lifetime

    def close(self) -> None:
        """Frees the state. Every later use of it raises LuaRefusedError; closing it again does nothing."""
        if not self.closed:
            self._usable_instance().close()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._instance.is_closed

    def __enter__(self) -> Lua:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    # Evaluations

    def eval(self, source: Text, *arguments: Any, name: Text = "=eval") -> Any:
        """Runs source text; what it returns: None, the one value, or a tuple of several.

        ``arguments`` are the chunk's ``...``. ``name`` is what errors show, as ``load`` takes it: ``"@game.lua"``, ``"=stdin"``.
        Raises LuaError, and the exceptions of host functions as they are; TypeError, ValueError and OverflowError for a value that
        Lua has no form of.
        """
        return _result(self._drive(self._begin_eval(source, arguments, name)))

    def call(self, function: Callee, *arguments: Any) -> Any:
        """Calls a function by its path, ``"game.on_key"`` or ``"game.player:jump"``, or by its value; results and errors as of :meth:`eval`."""
        return _result(self._drive(self._begin_call(function, arguments)))

    async def eval_async(self, source: Text, *arguments: Any, name: Text = "=eval") -> Any:
        """As :meth:`eval`; host functions may be asynchronous, and the event loop runs between slices.

        Any number can run at once in one state. Cancelling it ends the task.
        """
        return _result(await self._drive_async(self._begin_eval(source, arguments, name)))

    async def call_async(self, function: Callee, *arguments: Any) -> Any:
        """As :meth:`call`, where host functions may be asynchronous."""
        return _result(await self._drive_async(self._begin_call(function, arguments)))

    def _begin_eval(self, source: Text, arguments: tuple[Any, ...], name: Text) -> Callable[[], Step]:
        for what, given in (("source", source), ("name", name)):
            if not isinstance(given, (str, bytes)):
                raise TypeError(f"{what} is a str or bytes, not {type(given).__name__}")
        return lambda: self._give("eval", (source, name, *arguments))

    def _begin_call(self, function: Callee, arguments: tuple[Any, ...]) -> Callable[[], Step]:
        if not isinstance(function, (str, LuaFunction)):
            raise TypeError(f"call takes a path such as 'game.on_key' or a function of Lua, not {type(function).__name__}")
        return lambda: self._give("call", (function, *arguments))

    # Globals and host functions

    def get(self, path: str) -> Any:
        """A global or a field: ``"x"``, ``"game.player.name"``. None where there is none; LuaRuntimeError where what comes before is no table."""
        return self._read(_keys(path))

    def set(self, path: str, value: Any) -> None:
        """Sets a global or a field of a table that is there."""
        self._write(_keys(path), value)

    def _read(self, keys: list[str]) -> Any:
        return self.eval(chunks.GET, *keys, name="=get")

    def _write(self, keys: list[str], value: Any) -> None:
        self.eval(chunks.SET, len(keys), value, *keys, name="=set")

    @property
    def globals(self) -> Globals:
        """The global variables as a mapping."""
        return Globals(self)

    @overload
    def define(self, name: str, function: HostFunction = None) -> None: ...
    @overload
    def define(self, name: Mapping[str, HostFunction]) -> None: ...

    def define(self, name: Union[str, Mapping[str, HostFunction]], function: HostFunction = None) -> None:
        """Defines a function of the host as a global, or as a field: ``"fs.read"``; tables on the way are made. A mapping defines
        many at once.

        The function gets the arguments as Python values. A tuple is several results; None is nil. It may be asynchronous, which
        :meth:`eval_async` awaits. What it raises is an error in the script, with ``message`` and ``type``, and comes out of
        the evaluation as the same exception if the script lets it. Without a function the calls wait for the host: see :meth:`start`.
        """
        functions = dict(name) if isinstance(name, Mapping) else {name: function}
        for path, defined in functions.items():
            if not (defined is None or callable(defined)):
                raise TypeError(f"{path!r} is defined by a function, or by None if it waits; use set for a {type(defined).__name__}")
        if "host" not in self._options.libraries:
            raise LuaRefusedError('this state has no host functions: add "host" to `libraries`')
        self.eval(chunks.DEFINE, [{"name": path, "keys": _keys(path)} for path in functions], name="=define")
        self._functions.update(functions)

    @overload
    def function(self, function: F) -> F: ...
    @overload
    def function(self, function: str) -> Callable[[F], F]: ...

    def function(self, function: Union[F, str]) -> Union[F, Callable[[F], F]]:
        """Decorator that defines a function under its own name, or under another: ``@lua.function``, ``@lua.function("fs.read")``."""
        if isinstance(function, str):
            path = function

            def decorate(decorated: F) -> F:
                self.define(path, decorated)
                return decorated

            return decorate
        self.define(function.__name__, function)
        return function

    # Tasks that the host steps

    def start(self, source: Text, *arguments: Any, name: Text = "=eval") -> Task:
        """Starts a task and runs it until it is done, its slice is used up, or it calls a host function that waits or is not defined."""
        outcome = self._drive(self._begin_eval(source, arguments, name), is_stepped=True)
        try:
            task = Task(self, outcome.task, outcome.kind, _result(outcome), outcome.due)
        finally:
            del outcome
        self._keep(task)
        return task

    @property
    def tasks(self) -> list[Task]:
        """The suspended tasks that the host goes on with, the oldest first; after a restore those of the snapshot."""
        found = []
        for id, status, *_ in self._list_tasks():
            if id in self._kept:
                task = self._tasks.get(id)
                if task is None:
                    request = self._kept[id]
                    if request is None:
                        request = self._kept[id] = self._request(id, status)
                    task = self._tasks[id] = Task(self, id, SUSPENDED[status], request)
                found.append(task)
        return found

    def _request(self, id: int, status: int) -> list[Any]:
        if status != numbers.STATUS_YIELD:
            return []
        self._instance.call("request", id)
        name, *arguments = self._unpack(self._instance.result())
        return [text(name), *arguments]

    def _keep(self, task: Task) -> None:
        if task.kind in SUSPENDED.values():
            # What is due is asked for again, where the host forgot the task.
            waits = [task.name, *task.arguments] if task.kind == "call" else []
            self._kept[task.id] = None if task._due is not None else waits
            self._tasks[task.id] = task

    def _drop(self, task: Task) -> None:
        self._kept.pop(task.id, None)
        self._tasks.pop(task.id, None)

    def _check_task(self, task: Task) -> None:
        self._usable_instance()
        if self._tasks.get(task.id) is not task:
            raise LuaRefusedError("this task is not suspended in its state any more: it runs, or another snapshot was restored")

    def _go_on(self, task: Task, export: str, values: tuple[Any, ...]) -> Task:
        self._check_task(task)

        due = task._due
        if due is not None and (values or export == "raise"):
            raise LuaRefusedError("the task is paused and takes no value; resume() it without")

        def begin() -> Step:
            if due is not None:
                self._drop(task)
                return due[0]
            data, new = self._pack(values) if export == "resume" else self._pack_error(values[0])
            # While it runs it is nobody's to go on with, and a run that is given up ends it.
            self._drop(task)
            return self._run(export, data, new, task.id)

        outcome = self._drive(begin, is_stepped=True, task=task.id, due=due and due[1])
        try:
            if outcome.kind != "error":
                task._become(outcome.kind, outcome.value, outcome.due)
                self._keep(task)
            elif outcome.is_refused:
                self._keep(task)
            else:
                task._become("result" if getattr(outcome.value, "status", 0) == numbers.STATUS_RESULT else "done", None)
            _result(outcome)
        finally:
            del outcome
        return task

    def _end(self, task: Task) -> None:
        self._check_task(task)
        self._drop(task)
        task._become("done", None)
        status = self._cancel(task.id)
        error = None if status == numbers.STATUS_OK else from_status(status, self._unpack(self._instance.result()))
        self._attend_to_handlers()
        if error is not None:
            raise error

    # Input, files, figures

    def write_input(self, data: Text) -> None:
        """Adds to standard input; empty data are its end. The option ``input`` says whether scripts read it."""
        self._add_input(data)

    @property
    def files(self) -> Files:
        """The in-memory file system as a mapping from name to bytes."""
        return Files(self)

    @property
    def stats(self) -> Stats:
        """Fuel used, memory used and its peak, tasks and handles."""
        instance = self._usable_instance()
        self._release_forgotten()
        keys = numbers.FIGURE_FUEL_USED, numbers.FIGURE_MEMORY_USED, numbers.FIGURE_MEMORY_PEAK, numbers.FIGURE_TASKS, numbers.FIGURE_HANDLES
        if instance.is_poisoned:
            raise poisoned()
        return Stats(*(int(instance.call("get", key)) for key in keys))

    def compact(self) -> int:
        """Collects all garbage and gives memory back; bytes in use. Finalizers run. What a script left behind that used up its memory is
        garbage."""
        instance = self._usable_instance()
        if instance.is_poisoned:
            raise poisoned()
        self._release_forgotten()
        with self._farewell():
            used: float = instance.call("compact")
        self._attend_to_handlers()
        return int(used)

    # Snapshots

    def snapshot(self) -> bytes:
        """The whole state as bytes, the same in every language, suspended tasks and all. Garbage is collected first; finalizers run."""
        self.compact()
        instance = self._instance
        return snapshot.save(instance.image(), instance.call("abi_version"), instance.lua_version, instance.build_id())

    def restore(self, data: Union[bytes, bytearray, memoryview]) -> None:
        """Makes this state what it was when ``data`` were taken, whatever it is now. The options of this state count, and its host functions.

        Values of Lua from before are refused afterwards. Raises LuaRefusedError, and the state is as before, where
        ``data`` are damaged, of another build or another Lua, or too large.
        """
        instance = self._usable_instance()
        build = instance.build_id()
        image = snapshot.load(data, instance.lua_version, build, self._options.page_limit)
        instance.load(image)
        self._start_anew()

    def _start_anew(self) -> None:
        self._generation += 1
        self._owned.clear()
        self._tasks.clear()
        self._options.apply(self._instance, is_new=False)
        self._clocks.forget()
        listed = self._list_tasks()
        self._kept = {id: None for id, *_ in listed}
        self._text_tasks = {id for id, _, form, _ in listed if form == 0}

    def fork(self) -> Lua:
        """A copy of the state that shares nothing with it but its host functions and objects."""
        instance = self._usable_instance()
        if instance.is_poisoned:
            raise poisoned()
        copy: Lua = Lua.__new__(type(self))
        Runs.__init__(copy, self._options, self._module)
        copy._tasks = WeakValueDictionary()
        copy._functions = dict(self._functions)
        copy._objects = self._objects.copy()
        copy._instance.load(instance.image())
        copy._start_anew()
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles the snapshot and the options. Host functions, objects and functions among the options are left out: define them anew."""
        options = {name: value for name, value in vars(self._options).items() if not callable(value)}
        if callable(self._options.input):
            options["input"] = True
        return _unpickle, (type(self), options, self.snapshot())


def _unpickle(kind: type[Lua], options: dict[str, Any], data: bytes) -> Lua:
    lua = kind(**options)
    lua.restore(data)
    return lua


def _result(outcome: Outcome) -> Any:
    try:
        if outcome.kind == "error":
            raise outcome.value
        return outcome.value
    finally:
        # An exception holds the frames that it came through. Where one of them holds it, the state stays until the next garbage collection.
        del outcome


def _keys(path: str) -> list[str]:
    if not isinstance(path, str):
        raise TypeError(f"a path is a str, not {type(path).__name__}")
    keys = path.split(".")
    if not all(keys):
        raise ValueError(f"{path!r} is no path; one looks like 'x' or 'game.player.name'")
    return keys
