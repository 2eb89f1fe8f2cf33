"""Waiting for one's turn, where more at once would not be done sooner."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lethe.domain.errors import Unavailable

PATIENCE_SECONDS = 30.0
"""How long a call waits for its turn."""


@asynccontextmanager
async def turn(slots: asyncio.Semaphore, what: str) -> AsyncIterator[None]:
    """Hold one of the slots while the block runs. Raises Unavailable when too many wait; `what` they are."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await slots.acquire()
    except TimeoutError as exc:
        raise Unavailable(f"Too many {what} are waiting: try again later.", retry_after=5) from exc
    try:
        yield
    finally:
        slots.release()
