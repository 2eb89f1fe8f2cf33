"""Bounds how many bytes of large requests or answers a process holds at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from lethe.domain.errors import Unavailable

PATIENCE_SECONDS = 5.0
"""How long a request waits for room."""
_LOOK_SECONDS = 0.05


class Room:
    """At most `most` bytes in all, and half of them per company. A request that is alone always fits."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """One request's share: empty at first, released after the block."""
        share = Share(self)
        try:
            yield share
        finally:
            share.release()

    def fits(self, company_id: str, size: int, *, beside: int) -> bool:
        """Whether `size` bytes fit, of which the company already holds `beside`."""
        own, everybody = self._taken[company_id] - beside, self._taken.total() - beside
        return (own <= 0 or own + size <= self._most // 2) and (
            everybody <= 0 or everybody + size <= self._most
        )

    def change(self, company_id: str, by: int) -> None:
        """Count bytes taken (or, if negative, given back)."""
        self._taken[company_id] += by
        if not self._taken[company_id]:
            del self._taken[company_id]


class Share:
    """The bytes that one request holds."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._company_id = ""
        self._size = 0

    async def take(self, company_id: str, size: int) -> None:
        """Grow to at least `size` bytes. Raises Unavailable if there is no room in time."""
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
        """Give all bytes back."""
        if self._size:
            self._room.change(self._company_id, -self._size)
            self._size = 0
