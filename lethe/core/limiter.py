"""Waiting for one's turn, where more at once would not be done sooner. Companies take turns, not calls."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from lethe.domain.errors import Unavailable

PATIENCE_SECONDS = 30.0
"""How long a call waits for its turn."""


class Limiter:
    """Lets `slots` calls go on at a time. Of the companies that wait each gets one slot in turn, and its own calls go
    in their order: so a company with one call waits for as many others as companies wait, not calls.
    """

    def __init__(self, slots: int) -> None:
        self._free = self._slots = slots
        self._lines: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(
        self, company_id: str, what: str, place: AbstractAsyncContextManager[None]
    ) -> AsyncIterator[None]:
        """Hold one of the slots while the block runs. Raises Unavailable when too many wait; `what` they are.

        Args:
            place: what the call needs of its own company's share. It is had before a slot, by as many calls as there
                are slots: who waited for it with a slot would make everybody wait for what one company does.
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
        if self._free > 0:  # then nobody waits: a slot that becomes free goes to who waits at once
            self._free -= 1
            return
        called = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(company_id, deque()).append(called)
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():  # it was called in the same moment
                self._release()
            raise

    def _release(self) -> None:
        """Hand the slot to the next company, which then stands last."""
        while self._waiting:
            company_id, queue = self._waiting.popitem(last=False)
            called = queue.popleft()
            if queue:
                self._waiting[company_id] = queue
            if not called.done():  # else it waits no more
                called.set_result(None)
                return
        self._free += 1
