"""Turns: as many at once as there are slots, company by company."""

import asyncio
from contextlib import nullcontext

import pytest

from lethe.core.limiter import Limiter
from lethe.domain.errors import Unavailable


class Line:
    """Calls that hold a slot until they are told to end, and the order in which they began."""

    def __init__(self, slots: int) -> None:
        self.turns = Limiter(slots)
        self.began: list[str] = []
        self._ends: list[asyncio.Event] = []

    async def call(self, name: str) -> None:
        """A call of the company that the name begins with."""
        async with self.turns.turn(name[0], "calls", nullcontext()):
            self.began.append(name)
            self._ends.append(end := asyncio.Event())
            await end.wait()

    async def queue(self, *names: str) -> list[asyncio.Task[None]]:
        """Let these calls come, one after the other."""
        tasks = [asyncio.create_task(self.call(name)) for name in names]
        await asyncio.sleep(0)
        return tasks

    async def end(self, count: int) -> None:
        """End the oldest of those that run, one after the other."""
        for _ in range(count):
            self._ends.pop(0).set()
            for _ in range(4):
                await asyncio.sleep(0)


async def test_companies_take_turns_and_the_calls_of_each_keep_their_order() -> None:
    line = Line(2)
    calls = await line.queue("a1", "a2", "a3", "a4", "a5", "b1", "c1", "b2")
    await line.end(8)
    assert line.began == ["a1", "a2", "b1", "c1", "b2", "a3", "a4", "a5"]
    await asyncio.gather(*calls)


async def test_who_waits_for_its_own_companys_share_holds_no_slot() -> None:
    line, share = Line(1), asyncio.Lock()
    await share.acquire()

    async def call() -> None:
        async with line.turns.turn("a", "calls", share):
            line.began.append("a1")

    a1 = asyncio.create_task(call())
    await asyncio.sleep(0)
    (b1,) = await line.queue("b1")
    assert line.began == ["b1"]
    share.release()
    await line.end(1)
    await asyncio.gather(a1, b1)
    assert line.began == ["b1", "a1"]


async def test_who_waits_no_more_is_passed_over_and_no_slot_is_lost() -> None:
    line = Line(1)
    a1, a2, b1, a3 = await line.queue("a1", "a2", "b1", "a3")
    a2.cancel()
    await line.end(1)
    b1.cancel()
    await asyncio.gather(a1, a2, b1, return_exceptions=True)
    await line.end(1)
    await line.end(1)
    await a3
    assert line.began == ["a1", "b1", "a3"]
    again = await line.queue("c1")
    await line.end(1)
    await asyncio.gather(*again)


async def test_a_call_that_is_cancelled_as_its_turn_comes_gives_it_on() -> None:
    line = Line(1)
    a1, b1, c1 = await line.queue("a1", "b1", "c1")
    a1.cancel()
    await asyncio.sleep(0)
    b1.cancel()
    await asyncio.gather(a1, b1, return_exceptions=True)
    for _ in range(4):
        await asyncio.sleep(0)
    assert line.began[-1] == "c1"
    await line.end(len(line.began))
    await c1


async def test_a_turn_that_does_not_come_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lethe.core.limiter.PATIENCE_SECONDS", 0.01)
    line = Line(1)
    first = await line.queue("a1")
    with pytest.raises(Unavailable, match="Too many calls are waiting"):
        await line.call("b1")
    await line.end(1)
    await asyncio.gather(*first)
    assert not (await line.queue("c1"))[0].done()
    await line.end(1)
