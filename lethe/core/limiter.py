"""Limits concurrent calls where more at once would not be faster. Waiting companies take turns, however many calls
each has."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from lethe.domain.errors import Unavailable

PATIENCE_SECONDS = 30.0
"""How long a call waits for a slot."""


class Limiter:
    """Runs at most `slots` calls at a time. Free slots go to the waiting companies in turn, and within a company to its
    calls in order. So a company's first call waits for one call of each other waiting company, not for all of them.
    """

    def __init__(self, slots: int) -> None:
        self._free = self._slots = slots
        self._lines: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(
        self, company_id: str, what: str, place: AbstractAsyncContextManager[None]
    ) -> AsyncIterator[None]:
        """Hold a slot while the block runs. Raises Unavailable if none is free in time.

        Args:
            what: names the calls in that error.
            place: the company's own quota. It is entered before taking a slot, by at most `slots` calls of the
                company: waiting for it while holding a slot would let one company delay all others.
        """
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await held.enter_async_context(self._line(company_id))
                    await held.enter_async_context(place)
                    await self._acquire(company_id)
            except TimeoutError as exc:
                raise Unavailable(f"Too many {what} are waiting: try again later.", retry_after=5) from exc
            held.callback(self._release)
            yield

    def _line(self, company_id: str) -> asyncio.Semaphore:
        return self._lines.setdefault(company_id, asyncio.Semaphore(self._slots))

    async def _acquire(self, company_id: str) -> None:
        if self._free > 0:  # so nobody is waiting: released slots go straight to waiters
            self._free -= 1
            return
        called = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(company_id, deque()).append(called)
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():  # the slot arrived at the same moment
                self._release()
            raise

    def _release(self) -> None:
        """Hand the slot to the next company, which then moves to the end of the line."""
        while self._waiting:
            company_id, queue = self._waiting.popitem(last=False)
            called = queue.popleft()
            if queue:
                self._waiting[company_id] = queue
            if not called.done():  # otherwise it has stopped waiting
                called.set_result(None)
                return
        self._free += 1
