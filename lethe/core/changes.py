"""Hearing that something of a company has changed, so that whoever looks at it can look again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from lethe.core.context import Context
from lethe.store.queue.signals import CHANGED

TOPICS = ("tree", "tasks", "receipts", "tokens")
"""What may change: see the triggers in store/migrations/0027_console.sql."""


class Changes:
    """The topics in which something has changed since they were last taken."""

    def __init__(self) -> None:
        self._topics: set[str] = set()
        self._any = asyncio.Event()

    def note(self, topic: str) -> None:
        """Something has changed."""
        self._topics.add(topic)
        self._any.set()

    async def take(self) -> list[str]:
        """The topics, once there are any."""
        await self._any.wait()
        self._any.clear()
        found, self._topics = sorted(self._topics), set()
        return found


@asynccontextmanager
async def following(ctx: Context, *, company_id: str) -> AsyncIterator[Changes]:
    """Follow the company's changes during the block. Some may be missed while the database is away; when it is back,
    all topics count as changed."""
    changes = Changes()
    async with AsyncExitStack() as stack:
        for topic in TOPICS:
            wake = partial(changes.note, topic)
            await stack.enter_async_context(ctx.signals.watch(CHANGED, f"{company_id} {topic}", wake))
        yield changes
