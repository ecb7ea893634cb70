from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from moonlet import Lua, LuaBudgetError, LuaRefusedError, LuaRuntimeError

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(coroutine, 30))


async def later(value: Any) -> Any:
    await asyncio.sleep(0.001)
    return value


def test_asynchronous_host_functions(lua: Lua) -> None:
    lua.define("later", later)
    assert run(lua.eval_async("return later(1) + later(2)")) == 3
    assert run(lua.eval_async("return coroutine.wrap(function() return pcall(later, 'x') end)()")) == (True, "x")
    lua.eval("function f(x) return later(x) end")
    assert run(lua.call_async("f", 5)) == 5
    assert run(lua.get("f").call_async(6)) == 6


def test_futures_and_plain_functions(lua: Lua) -> None:
    async def main() -> Any:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        lua.define({"future": lambda: future, "plain": lambda: 2})
        asyncio.get_running_loop().call_later(0.001, future.set_result, 40)
        return await lua.eval_async("return future() + plain()")

    assert run(main()) == 42


def test_many_at_once(lua: Lua) -> None:
    order: list[int] = []

    async def main() -> list[Any]:
        answers: list[asyncio.Future[int]] = [asyncio.get_running_loop().create_future() for _ in range(5)]

        async def wait(number: int) -> int:
            answer = await answers[number]
            order.append(number)
            return answer

        lua.define("wait", wait)
        evaluations = [asyncio.ensure_future(lua.eval_async("return wait(...) + ...", number)) for number in range(5)]
        for number in reversed(range(5)):
            await asyncio.sleep(0)
            answers[number].set_result(number * 10)
            await evaluations[number]
        return [evaluation.result() for evaluation in evaluations]

    assert run(main()) == [0, 11, 22, 33, 44]
    assert order == [4, 3, 2, 1, 0]


def test_the_loop_runs_between_slices() -> None:
    with Lua(slice=10_000) as lua:

        async def main() -> int:
            ticks = 0

            async def tick() -> None:
                nonlocal ticks
                while True:
                    ticks += 1
                    await asyncio.sleep(0)

            ticking = asyncio.ensure_future(tick())
            await lua.eval_async("for i = 1, 1000000 do end")
            ticking.cancel()
            return ticks

        assert run(main()) > 20


def test_an_exception_is_the_same_object(lua: Lua) -> None:
    raised = KeyError("x")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise raised

    lua.define("fail", fail)
    with pytest.raises(KeyError) as caught:
        run(lua.eval_async("local ok, e = pcall(fail) error(e)"))
    assert caught.value is raised
    assert "stack traceback" in getattr(caught.value, "__notes__")[0]


def test_cancelling_ends_the_task(lua: Lua) -> None:
    lua.define("sleep", asyncio.sleep)

    async def main() -> None:
        source = "local guard <close> = setmetatable({}, {__close = function() closed = true end}) pcall(sleep, 60) went_on = true"
        task = asyncio.ensure_future(lua.eval_async(source))
        await asyncio.sleep(0.01)
        assert lua.tasks == []
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert lua.eval("return closed, went_on") == (True, None)
    assert lua.stats.tasks == 0


@pytest.mark.parametrize("source", ["while true do end", "while true do ask() end"])
def test_a_timeout_stops_an_endless_script(lua: Lua, source: str) -> None:
    lua.define("ask", lambda: 5)

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(lua.eval_async(source), 0.05)

    run(main())
    assert lua.stats.tasks == 0
    assert lua.eval("return 2 + 2") == 4


def test_a_synchronous_evaluation_says_what_to_do(lua: Lua) -> None:
    lua.define("later", later)
    with pytest.raises(LuaRefusedError, match="is asynchronous; await lua.eval_async"):
        lua.eval("later(1)")
    assert lua.eval("local ok, e = pcall(later, 1) return e.type") == "LuaRefusedError"
    assert lua.stats.tasks == 0


def test_one_that_never_answers_can_be_left(lua: Lua) -> None:
    async def never() -> None:
        await asyncio.get_running_loop().create_future()

    lua.define("never", never)

    async def main() -> None:
        waiting = asyncio.ensure_future(lua.eval_async("never()"))
        await asyncio.sleep(0.01)
        # The state serves others meanwhile.
        assert lua.eval("return 1") == 1
        assert await lua.eval_async("return 2") == 2
        waiting.cancel()

    run(main())
    assert lua.eval("return 2 + 2") == 4


def test_recursion_through_asynchronous_functions_ends(lua: Lua) -> None:
    async def again(n: int) -> Any:
        return await lua.eval_async("return again(...)", n + 1)

    lua.define("again", again)
    with pytest.raises(LuaRefusedError, match="nest deeper than 16"):
        run(lua.eval_async("return again(0)"))
    assert lua.stats.tasks == 0


def test_closing_or_restoring_under_a_waiting_evaluation(lua: Lua) -> None:
    lua.define("later", later)
    data = lua.snapshot()

    async def main(end: Any, words: str) -> None:
        waiting = asyncio.ensure_future(lua.eval_async("return later(1)"))
        await asyncio.sleep(0)
        end()
        with pytest.raises(LuaRefusedError, match=words):
            await waiting

    run(main(lambda: lua.restore(data), "a snapshot was restored"))
    assert lua.eval("return 2 + 2") == 4
    run(main(lua.close, "was closed"))


def test_limits_hold() -> None:
    with Lua(fuel=100_000, slice=10_000) as lua:
        with pytest.raises(LuaBudgetError):
            run(lua.eval_async("while true do end"))
        with pytest.raises(LuaRuntimeError):
            run(lua.eval_async("error('no')"))


def test_cancelling_after_the_state_was_closed(lua: Lua) -> None:
    async def never() -> None:
        await asyncio.get_running_loop().create_future()

    lua.define("never", never)

    async def main() -> None:
        waiting = asyncio.ensure_future(lua.eval_async("never()"))
        await asyncio.sleep(0)
        lua.close()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    run(main())
