"""What a host or a script can do wrong: an error that says what to do, and a state that is usable or clearly closed."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable

import pytest
from wasmtime import wat2wasm

from moonlet import Lua, LuaError, LuaPoisonedError, LuaRefusedError, LuaRuntimeError, modules
from moonlet.instance import _EXPORTS
from moonlet.modules import load

from .conftest import REPOSITORY


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"memory": "big"}, TypeError, "memory is an integer"),
        ({"memory": True}, TypeError, "memory is an integer"),
        ({"memory": -1}, ValueError, "memory is at least 1"),
        ({"fuel": 0}, ValueError, "pass None for no limit"),
        ({"fuel": 1.5}, TypeError, "fuel is an integer"),
        ({"slice": 1 << 60}, ValueError, "below 2"),
        ({"nesting": -1}, ValueError, "nesting is at least 0"),
        ({"seed": "x"}, TypeError, "seed is an integer"),
        ({"clock": "now"}, TypeError, "clock is a number"),
        ({"time_zone": "nowhere"}, ValueError, "no time zone in POSIX's form"),
        ({"time_zone": 5000}, ValueError, "minutes east of UTC"),
        ({"time_zone": None}, TypeError, "time_zone"),
        ({"nulls": 1}, TypeError, "nulls is True or False"),
        ({"finalizers": "no"}, TypeError, "finalizers is True or False"),
        ({"binary_chunks": None}, TypeError, "binary_chunks is True or False"),
        ({"deterministic": "no"}, TypeError, "deterministic is True or False"),
        ({"strings": "utf-8"}, ValueError, 'strings is "text" or "bytes"'),
        ({"libraries": "base"}, TypeError, "collection of names"),
        ({"libraries": ["bass"]}, ValueError, "no library 'bass'; there are base"),
        ({"on_output": "file"}, TypeError, "on_output is a function"),
        ({"input": 5}, TypeError, "input is all of it"),
        ({"module": "lua53"}, ValueError, 'one of lua54, lua55'),
        ({"module": 5}, TypeError, "module is a name, a path or bytes"),
        ({"module": b""}, ValueError, "no WebAssembly module"),
        ({"module": b"(module)"}, ValueError, "no WebAssembly module"),
        ({"module": b"\0asm\1\0\0\0\xff"}, ValueError, "no WebAssembly module"),
        ({"module": Path("nothing.wasm")}, FileNotFoundError, "nothing.wasm"),
    ],
)
def test_options(options: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Lua(**options)


def other_module(abi: int, without: str = "") -> bytes:
    exports = "".join(f'(func (export "{name}") (result i32) i32.const {abi << 16})' for name in _EXPORTS if name != without)
    memory = "" if without == "memory" else '(memory (export "memory") 1)'
    return bytes(wat2wasm(f"(module {memory} {exports})"))


def test_modules_that_are_not_ours() -> None:
    for module, words in [
        (wat2wasm("(module)"), "no module of Moonlet: it has no export"),
        (wat2wasm('(module (import "a" "b" (func)))'), "no module of Moonlet: expected 1 imports"),
        (other_module(1, without="tasks"), "no export 'tasks'"),
        (other_module(1, without="memory"), "no export 'memory'"),
        (other_module(2), "ABI 2, and this package knows ABI 1"),
        (other_module(1), "no module of Moonlet: .*(arguments|parameters)"),
    ]:
        with pytest.raises(ValueError, match=words):
            Lua(module=bytes(module))


def test_a_module_by_path_and_bytes() -> None:
    path = REPOSITORY / "hosts/python/src/moonlet/lua55.wasm"
    for module in (path, path.read_bytes()):
        with Lua(module=module) as lua:
            assert lua.get("_VERSION") == "Lua 5.5"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda lua: lua.eval(5), "source is a str or bytes"),
        (lambda lua: lua.eval(None), "source is a str or bytes"),
        (lambda lua: lua.eval("", name=5), "name is a str or bytes"),
        (lambda lua: lua.call(5), "path such as 'game.on_key' or a function of Lua"),
        (lambda lua: lua.call(print), "path such as"),
        (lambda lua: lua.get(5), "a path is a str"),
        (lambda lua: lua.set(5, 5), "a path is a str"),
        (lambda lua: lua.set("x", {1}), "Lua has no form of builtins.set"),
        (lambda lua: lua.set("x", object()), "HostReference"),
        (lambda lua: lua.eval("", {"a": [1j]}), "Lua has no form of builtins.complex"),
        (lambda lua: lua.define("f", 5), "is defined by a function"),
        (lambda lua: lua.restore(5), "a snapshot is bytes"),
        (lambda lua: lua.write_input(5), "input is str or bytes"),
        (lambda lua: lua.files.update(x=5), "what a file holds is str or bytes"),
        (lambda lua: lua.start(5), "source is a str or bytes"),
    ],
)
def test_wrong_types(lua: Lua, call: Callable[[Lua], object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        call(lua)
    assert lua.eval("return 2 + 2") == 4


def test_a_key_that_lua_has_not(lua: Lua) -> None:
    with pytest.raises(LuaRefusedError, match="key in data is nil"):
        lua.eval("", {None: 1})
    with pytest.raises(ValueError, match="NaN"):
        lua.eval("", {float("nan"): 1})
    assert lua.eval("return 2 + 2") == 4


def test_use_after_close(lua: Lua) -> None:
    lua.define("f", print)
    function, files, task = lua.eval("return print"), lua.files, lua.start("host.call('x')")
    lua.close()
    lua.close()
    assert lua.closed
    uses: list[Callable[[], object]] = [
        lambda: lua.eval("return 1"),
        lambda: lua.call("f"),
        lambda: lua.get("x"),
        lambda: lua.set("x", 1),
        lambda: lua.define("f", print),
        lambda: lua.start(""),
        lambda: lua.tasks,
        lambda: lua.stats,
        lambda: lua.snapshot(),
        lambda: lua.restore(b""),
        lambda: lua.fork(),
        lambda: lua.write_input("x"),
        lambda: files["x"],
        lambda: list(files),
        lambda: function(),
        lambda: task.resume(),
        lambda: task.cancel(),
    ]
    for use in uses:
        with pytest.raises(LuaRefusedError, match="this Lua state is closed; make a new one"):
            use()


def test_closing_from_within_a_call(lua: Lua) -> None:
    lua.define("close", lua.close)
    with pytest.raises(LuaRefusedError, match="closed while this evaluation ran"):
        lua.eval("close()")
    assert lua.closed


def test_restoring_from_within_a_call(lua: Lua) -> None:
    lua.define("ask")
    lua.start("return ask()")
    data = lua.snapshot()
    lua.define("back", lambda: lua.restore(data))
    with pytest.raises(LuaRefusedError, match="a snapshot was restored while this evaluation ran"):
        lua.eval("back()")
    assert lua.tasks[0].resume(1).result == 1
    assert lua.stats.tasks == 0


def test_another_thread(lua: Lua) -> None:
    found: list[BaseException] = []
    function, files = lua.eval("return print"), lua.files
    uses: list[Callable[[], object]] = [
        lambda: lua.eval("return 1"),
        lambda: lua.tasks,
        lambda: files["x"],
        lambda: lua.stats,
        lambda: lua.snapshot(),
        lambda: function(),
        lambda: function.release(),
        lambda: lua.close(),
    ]

    def run() -> None:
        for use in uses:
            try:
                use()
            except LuaRefusedError as error:
                found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(found) == len(uses)
    assert all("belongs to the thread that made it" in str(error) for error in found)
    assert lua.eval("return 2 + 2") == 4


def test_what_python_forgets_in_another_thread_is_released_in_its_own(lua: Lua) -> None:
    held = [lua.eval("return print")]
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
    assert lua.stats.handles == 0


def test_recursion_through_host_functions_ends(lua: Lua) -> None:
    depths: list[int] = []

    def again(n: int) -> Any:
        depths.append(n)
        return lua.eval("return again(...)", n + 1)

    lua.define("again", again)
    with pytest.raises(LuaRefusedError, match="nest deeper than 16; return to the script first, or raise `nesting`"):
        lua.eval("return again(1)")
    assert max(depths) == 17
    # A script that catches it goes on.
    lua.eval("function recurse() local ok, e = pcall(again, 1) return ok end")
    assert lua.call("recurse") is False
    assert lua.stats.tasks == 0
    assert lua.eval("return 2 + 2") == 4


def test_ten_thousand_deep_if_that_is_asked_for() -> None:
    with Lua(nesting=50) as lua:
        lua.define("down", lambda n: lua.eval("return down(...)", n - 1) if n else "bottom")
        assert lua.eval("return down(48)") == "bottom"
        with pytest.raises((LuaRefusedError, RecursionError)):
            lua.eval("return down(10000)")
        assert lua.eval("return 2 + 2") == 4


def test_a_host_function_that_throws_anything(lua: Lua) -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    def fail() -> None:
        raise Odd

    lua.define("fail", fail)
    with pytest.raises(Odd):
        lua.eval("fail()")
    assert lua.eval("return select('#', pcall(fail))") == 2


def test_a_torn_down_state_says_so_and_a_snapshot_heals_it() -> None:
    with Lua(libraries=["base", "coroutine", "debug_full"]) as lua:
        data = lua.snapshot()
        held = lua.eval("return print")
        with pytest.raises(LuaPoisonedError, match="restore a snapshot, or make a new state"):
            lua.eval("debug.setupvalue(coroutine.wrap(function() end), 1, 5) local f = coroutine.wrap(print) debug.setupvalue(f, 1, 5) f()")
        uses: list[Callable[[], object]] = [
            lambda: lua.eval("return 1"),
            lambda: lua.snapshot(),
            lambda: lua.fork(),
            lambda: lua.stats,
            lambda: lua.tasks,
            lambda: lua.files["x"],
            lambda: "x" in lua.files,
            lambda: lua.files.pop("x"),
            lambda: lua.files.update(x=b""),
            lambda: len(lua.files),
            lambda: lua.write_input("x"),
        ]
        for use in uses:
            with pytest.raises(LuaPoisonedError, match="torn down within the state; restore a snapshot"):
                use()
        held.release()
        lua.restore(data)
        assert lua.eval("return 2 + 2") == 4


def test_hostile_keys_and_names(lua: Lua) -> None:
    table = lua.eval("return {__proto__ = 1, __class__ = 2, [''] = 3, ['a.b'] = 4, [0/0 ~= 0/0] = 5}")
    assert table == {"__proto__": 1, "__class__": 2, "": 3, "a.b": 4, True: 5}
    with pytest.raises(LuaError):
        lua.eval("host.call(nil)")
    with pytest.raises((LuaError, TypeError)):
        lua.eval("host.call({})")
    with pytest.raises(LuaRefusedError, match="no function"):
        lua.eval("host.call('__class__')")
    with pytest.raises(LuaRefusedError, match="no function"):
        lua.eval("host.call('\\xff')")


def test_errors_whose_text_is_hostile(lua: Lua) -> None:
    for source in ["error('\\xff\\0')", "error(('x'):rep(1e6))", "error(setmetatable({}, {__tostring = function() error('again') end}))"]:
        with pytest.raises(LuaRuntimeError):
            lua.eval(source)
    assert lua.eval("return 2 + 2") == 4


def test_the_cache_is_shared_and_survives_damage(tmp_path: Path) -> None:
    program = "from moonlet import Lua; print(Lua().eval('return 2 + 2'))"

    def start() -> subprocess.Popen[str]:
        environ = {"MOONLET_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(REPOSITORY / "hosts/python/src")}
        return subprocess.Popen([sys.executable, "-c", program], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def check(count: int) -> None:
        started = [start() for _ in range(count)]
        try:
            for process in started:
                assert process.communicate(timeout=100) == ("4\n", "")
        finally:
            for process in started:
                process.kill()

    check(3)
    files = list((tmp_path / "cache").iterdir())
    assert files
    assert all(file.name.endswith(".cwasm") and not file.name.startswith(".") for file in files)
    check(1)
    for damage in (lambda whole: whole[: len(whole) // 2], lambda whole: b"", lambda whole: whole[:9000] + b"\xff" + whole[9001:]):
        for file in (tmp_path / "cache").iterdir():
            file.write_bytes(damage(file.read_bytes()))
        check(1)
    assert list((tmp_path / "cache").iterdir())


def test_a_cache_that_others_can_write_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o777)
    monkeypatch.setenv(modules.CACHE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(modules, "_compiled", {})
    monkeypatch.setattr(modules, "_digests", {})
    load("lua54")
    assert list(tmp_path.iterdir()) == []


def test_no_cache_and_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setenv(modules.CACHE_VARIABLE, "")
    assert modules.cache_folder() is None
    monkeypatch.delenv(modules.CACHE_VARIABLE)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert modules.cache_folder() == Path("/somewhere/moonlet")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert modules.cache_folder() is None


def test_an_installation_without_its_modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(modules, "__file__", str(tmp_path / "modules.py"))
    monkeypatch.setattr(modules, "_digests", {})
    with pytest.raises(FileNotFoundError, match="make dist"):
        load("lua54")
