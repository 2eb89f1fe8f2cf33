"""Room for large requests: how many bytes of them a process has under way at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from lethe.domain.errors import Unavailable

PATIENCE_SECONDS = 5.0
"""How long a request waits for room, before the bytes that it is for are read."""
_LOOK_SECONDS = 0.05


class Room:
    """`most` bytes in all, half of them for one company. A request that is alone has room, however large it is."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """What one request has of it: nothing at first, and nothing after the block."""
        share = Share(self)
        try:
            yield share
        finally:
            share.release()

    def fits(self, company_id: str, size: int, *, beside: int) -> bool:
        """Whether there is room for `size` bytes, of which the company has taken `beside` already."""
        own, everybody = self._taken[company_id] - beside, self._taken.total() - beside
        return (own <= 0 or own + size <= self._most // 2) and (
            everybody <= 0 or everybody + size <= self._most
        )

    def change(self, company_id: str, by: int) -> None:
        """Count bytes that are taken, or given back."""
        self._taken[company_id] += by
        if not self._taken[company_id]:
            del self._taken[company_id]


class Share:
    """The bytes that one request has."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._company_id = ""
        self._size = 0

    async def take(self, company_id: str, size: int) -> None:
        """Have at least `size` bytes. Raises Unavailable when there is no room for them soon."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self._room.fits(company_id, size, beside=self._size):
            if time.monotonic() > end:
                raise Unavailable(
                    "Too many large requests are under way: try again in a moment.", retry_after=5
                )
            await asyncio.sleep(_LOOK_SECONDS)
        if size > self._size:
            self._room.change(company_id, size - self._size)
            self._company_id, self._size = company_id, size

    def release(self) -> None:
        """Give all of it back; what comes of the request holds its body no more."""
        if self._size:
            self._room.change(self._company_id, -self._size)
            self._size = 0
