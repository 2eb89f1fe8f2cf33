"""A company's share of a process's connections, so that none can keep all of them waiting for its own locks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from weakref import WeakValueDictionary

from lethe.domain.errors import Unavailable
from lethe.domain.records import SYSTEM
from lethe.store.failures import BUSY


@dataclass(slots=True)
class _Place:
    """A place of a company that is in use; `done` once it was given back."""

    of: "Shares"
    company_id: str
    done: bool = False


_place: ContextVar[_Place | None] = ContextVar("place", default=None)
"""What this task, or the one that started it, has."""


class Shares:
    """Lets at most `most` of a company's calls have a connection at a time; SYSTEM has no share.

    Who waits for its turn longer than `seconds` is refused. Who has a place needs no other one for what it does within.
    """

    def __init__(self, most: int, *, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, company_id: str) -> AsyncIterator[None]:
        """Hold one of the company's places for the block. Raises Unavailable when none was to be had."""
        outer = _place.get()
        within = outer is not None and outer.of is self and outer.company_id == company_id and not outer.done
        if company_id == SYSTEM or within:
            yield
            return
        turns = self._turns.get(company_id)
        if turns is None:
            turns = self._turns[company_id] = asyncio.Semaphore(self._most)
        try:
            async with asyncio.timeout(self._seconds):
                await turns.acquire()
        except TimeoutError:
            raise Unavailable(BUSY, retry_after=2) from None
        place = _Place(self, company_id)
        before = _place.set(place)
        try:
            yield
        finally:
            place.done = True
            _place.reset(before)
            turns.release()
