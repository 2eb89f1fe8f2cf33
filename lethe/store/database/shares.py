"""A company's share of the connections, so that no company can tie up all of them waiting for its own locks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from weakref import WeakValueDictionary

from lethe.domain.errors import Unavailable
from lethe.domain.records.access import SYSTEM
from lethe.store.database.failures import BUSY


@dataclass(slots=True)
class _Place:
    """A company's place in use; `done` once it has been given back."""

    of: "Shares"
    company_id: str
    done: bool = False


_place: ContextVar[_Place | None] = ContextVar("place", default=None)
"""The place held by this task, or by the task that started it."""


class Shares:
    """Lets at most `most` calls of a company have a connection at a time; SYSTEM is not limited.

    A call that waits longer than `seconds` is refused. Nested calls share the place of the outer one.
    """

    def __init__(self, most: int, *, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, company_id: str) -> AsyncIterator[None]:
        """Hold one of the company's places for the block. Raises Unavailable if none became free in time."""
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
