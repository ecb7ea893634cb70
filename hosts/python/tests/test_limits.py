from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Union

import pytest

from moonlet import LIBRARIES, Lua, LuaBudgetError, LuaMemoryError, LuaRefusedError, LuaRuntimeError


def test_fuel_ends_every_loop(lua: Lua) -> None:
    with Lua(module=lua._options.module, fuel=100_000) as limited:
        for source in ["while true do end", "while true do pcall(error) end", "local function f() f() end pcall(f) f() while true do end"]:
            with pytest.raises(LuaBudgetError) as caught:
                limited.eval(source)
            assert caught.value.traceback is not None
        assert limited.stats.fuel_used >= 100_000
        assert limited.eval("return 2 + 2") == 4


def test_each_evaluation_has_its_own_fuel() -> None:
    with Lua(fuel=50_000) as lua:
        for _ in range(5):
            lua.eval("for i = 1, 20000 do end")


def test_fuel_goes_on_over_slices_and_host_calls() -> None:
    with Lua(fuel=100_000, slice=1_000) as lua:
        lua.define("f", lambda: None)
        with pytest.raises(LuaBudgetError):
            lua.eval("while true do f() end")


def test_memory_of_every_kind_is_bounded() -> None:
    with Lua(memory=4 << 20) as lua:
        for source in [
            "local t = {} for i = 1, 1e9 do t[i] = i end",
            "local s = 'x' while true do s = s .. s end",
            "return ('x'):rep(1 << 30)",
            "local f = io.open('f', 'w') while true do assert(f:write(('x'):rep(1000))) end",
        ]:
            with pytest.raises((LuaMemoryError, LuaRuntimeError)):
                lua.eval(source)
            for name in lua.files:
                del lua.files[name]
            lua.eval("collectgarbage()")
            assert lua.eval("return 2 + 2") == 4
        assert lua.stats.memory_peak <= (4 << 20) + 32_768


def test_pages_default_to_twice_memory() -> None:
    with Lua(memory=1 << 20) as lua:
        assert lua._options.page_limit == 32
        with pytest.raises(LuaMemoryError):
            lua.eval("local t = {} while true do t[#t + 1] = ('x'):rep(math.random(1, 5000)) end")
        assert lua._instance.pages <= 32
    with Lua(memory=None, pages=40) as lua, pytest.raises(LuaMemoryError):
        lua.eval("local s = {} while true do s[#s + 1] = ('x'):rep(10000) end")


def test_libraries() -> None:
    with Lua(libraries=["base", "math"]) as lua:
        assert lua.eval("return type(math), type(string), type(os)") == ("table", "nil", "nil")
    with Lua() as lua:
        assert lua.eval("return debug.setupvalue") is None
    with Lua(libraries=LIBRARIES) as lua:
        assert lua.eval("return type(debug.setupvalue)") == "function"


def test_seeds() -> None:
    with Lua(seed=1) as one, Lua(seed=1) as same, Lua() as other:
        draw = "return math.random(0)"
        assert one.eval(draw) == same.eval(draw) != other.eval(draw)
    with Lua(seed=1 << 40) as lua, Lua(seed=0) as zero:
        assert lua.eval(draw) != zero.eval(draw)


def test_clocks() -> None:
    with Lua() as lua:
        earlier = int(time.time())
        assert earlier <= lua.eval("return os.time()") <= time.time()
        before = lua.eval("return os.clock()")
        time.sleep(0.02)
        assert lua.eval("return os.clock()") >= before + 0.015
    with Lua(clock=86_400) as lua:
        assert lua.eval("return os.time(), os.date('!%F')") == (86_400, "1970-01-02")
    moments = iter([10.0, 10.5, 20.25] + [30.75] * 9)
    with Lua(clock=lambda: next(moments)) as lua:
        assert lua.eval("return os.time()") in (10, 20)


def test_time_zones() -> None:
    with Lua(clock=0, time_zone=90) as lua:
        assert lua.eval("return os.date('%H:%M')") == "01:30"
    with Lua(clock=1_750_000_000, time_zone="CET-1CEST,M3.5.0,M10.5.0/3") as lua:
        assert lua.eval("return os.date('%Z')") == "CEST"


def test_deterministic() -> None:
    source = "return math.random(0), os.time(), os.clock(), os.date(), tostring({}), tostring(reference)"
    results = []
    for _ in range(2):
        with Lua(deterministic=True) as lua:
            lua.set("reference", print)
            results.append(lua.eval(source))
    assert results[0] == results[1]
    assert results[0][1:4] == (0, 0.0, "Thu Jan  1 00:00:00 1970")
    with Lua(deterministic=True, seed=5) as lua:
        assert lua.eval("return math.random(0)") != results[0][0]


def test_binary_chunks_and_finalizers() -> None:
    dumped = "return load(string.dump(function() return 1 end))"
    with Lua() as lua:
        assert lua.eval(dumped)[0] is None
    with Lua(binary_chunks=True) as lua:
        assert lua.eval(dumped + "()") == 1
    for on in (True, False):
        with Lua(finalizers=on) as lua:
            lua.eval("setmetatable({}, {__gc = function() ran = true end}) collectgarbage()")
            assert lua.get("ran") is (True if on else None)


def test_output_goes_to_the_function_or_to_the_streams(capsys: pytest.CaptureFixture[str]) -> None:
    out: list[str] = []
    errors: list[str] = []
    with Lua(on_output=out.append, on_error_output=errors.append) as lua:
        lua.eval("print('a', 1) io.write('ü') io.stderr:write('no')")
        assert ("".join(out), "".join(errors)) == ("a\t1\nü", "no")
    with Lua() as lua:
        lua.eval("print('shown') io.stderr:write('warned')")
        assert capsys.readouterr() == ("shown\n", "warned")


def test_output_in_bytes() -> None:
    out: list[bytes] = []
    with Lua(on_output=out.append, strings="bytes") as lua:
        lua.eval("io.write('\\xff')")
    assert out == [b"\xff"]


def test_output_is_whole_characters() -> None:
    out: list[str] = []
    with Lua(on_output=out.append, slice=100) as lua:
        lua.eval("local s = 'ü' for i = 1, 2 do io.write(s:byte(i) and s:sub(i, i)) for j = 1, 1000 do end end io.write('\\xff')")
    assert "".join(out) == "ü\\xff"


def test_long_output_comes_in_pieces() -> None:
    out: list[str] = []
    with Lua(on_output=out.append, output=1000) as lua:
        lua.eval("for i = 1, 1000 do print(i) end")
    assert len(out) > 3
    assert max(map(len, out)) <= 1000
    assert "".join(out) == "".join(f"{number}\n" for number in range(1, 1001))


def test_an_error_of_the_output_function_ends_the_evaluation() -> None:
    def full(text: str) -> None:
        raise OSError("disk full")

    with Lua(on_output=full, output=100) as lua:
        with pytest.raises(OSError, match="disk full"):
            lua.eval("for i = 1, 1000 do print(i) end went_on = true")
        assert lua.get("went_on") is None
        assert lua.stats.tasks == 0


def test_an_evaluation_that_fails_within_the_output_function_ends_no_other() -> None:
    with Lua(on_output=lambda text: refused(lua), output=10) as lua:
        assert lua.eval("for i = 1, 20 do print(i) end return 'done'") == "done"


def refused(lua: Lua) -> None:
    with pytest.raises(TypeError):
        lua.eval("", {1})


def test_input() -> None:
    with Lua(input="one\ntwo\n") as lua:
        assert lua.eval("return io.read(), io.read(), io.read()") == ("one", "two", None)
    lines: Iterator[Union[str, bytes, None]] = iter(["one\n", b"tw", "o\n", None])
    with Lua(input=lambda: next(lines)) as lua:
        assert lua.eval("return io.read(), io.read(), io.read()") == ("one", "two", None)
    with Lua(input=True) as lua:
        lua.write_input("a\n")
        assert lua.eval("return io.read()") == "a"
        with pytest.raises(LuaRefusedError, match="waits for input"):
            lua.eval("return io.read()")
        assert lua.stats.tasks == 0
    with Lua() as lua:
        assert lua.eval("return io.read()") is None
        lua.files["/dev/stdin"] = "from the file"
        assert lua.eval("return io.read('a')") == "from the file"


def test_stats() -> None:
    with Lua() as lua:
        lua.eval("t = {} for i = 1, 1000 do t[i] = {} end")
        function = lua.eval("return print")
        stats = lua.stats
        assert stats.fuel_used > 0
        assert 0 < stats.memory_used <= stats.memory_peak
        assert (stats.tasks, stats.handles) == (0, 1)
        del function
        assert lua.stats.handles == 0


def test_compact(lua: Lua) -> None:
    lua.eval("for i = 1, 1000 do local t = setmetatable({}, {__gc = function() collected = true end}) end")
    used = lua.stats.memory_used
    assert 0 < lua.compact() < used
    assert lua.get("collected") is True
    lua.eval("setmetatable({}, {__gc = function() while true do end end})")
    lua.compact()
    assert lua.eval("return 2 + 2") == 4


@pytest.mark.skipif(os.name == "nt", reason="signals are sent by another way there")
def test_ctrl_c_ends_a_script_and_the_state_goes_on() -> None:
    with Lua() as lua:
        for source in ["while true do end", "while true do pcall(error) end", "('a'):rep(30000):find(('.-'):rep(20) .. 'b')"]:
            timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
            with pytest.raises(KeyboardInterrupt):
                timer.start()
                lua.eval(source)
            timer.join()
            assert lua.stats.tasks == 0
            assert lua.eval("return 2 + 2") == 4


@pytest.mark.skipif(os.name == "nt", reason="signals are sent by another way there")
def test_handlers_run_at_ctrl_c_and_cannot_hold_it_up() -> None:
    with Lua() as lua:
        timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
        lua.define("start_timer", timer.start)
        with pytest.raises(KeyboardInterrupt):
            lua.eval("local guard <close> = setmetatable({}, {__close = function() closed = true while true do end end}) start_timer() while true do end")
        timer.join()
        assert lua.get("closed") is True


def test_without_a_slice_nothing_is_paused() -> None:
    with Lua(slice=None) as lua:
        assert lua.eval("for i = 1, 3000000 do end return 1") == 1


def test_a_host_function_that_interrupts(lua: Lua) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    lua.define("interrupt", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lua.eval("local guard <close> = setmetatable({}, {__close = function() closed = true end}) pcall(interrupt)")
    assert lua.get("closed") is True


def test_ending_one_task_leaves_those_that_the_host_steps(lua: Lua) -> None:
    task = lua.start("return host.call('wait')")

    def interrupt() -> None:
        raise KeyboardInterrupt

    lua.define("interrupt", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lua.eval("interrupt()")
    assert lua.stats.tasks == 1
    assert task.resume(5).result == 5


@pytest.mark.skipif(os.name == "nt", reason="signals are sent by another way there")
def test_a_script_of_its_own_process_sees_ctrl_c() -> None:
    """The whole way: a program that nobody prepared gets SIGINT."""
    program = "import os, signal, threading; from moonlet import Lua; threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start(); Lua().eval('while true do end')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "KeyboardInterrupt" in ended.stderr
