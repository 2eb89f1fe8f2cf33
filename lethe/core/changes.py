"""Hearing that something of a company has changed, so that whoever looks at it can look again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from lethe.core.context import Context
from lethe.store.queue.signals import CHANGED, TREE_CHANGED

TREE = "tree"
TOPICS = (TREE, "tasks", "receipts", "tokens", "assistants")


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
async def following(
    ctx: Context, *, company_id: str, topics: Sequence[str] = TOPICS
) -> AsyncIterator[Changes]:
    """Follow a company's changes during the block. When the database was away, all topics count as changed."""
    changes = Changes()
    async with AsyncExitStack() as stack:
        for topic in topics:
            channel = (TREE_CHANGED, company_id) if topic == TREE else (CHANGED, f"{company_id} {topic}")
            await stack.enter_async_context(ctx.signals.watch(*channel, partial(changes.note, topic)))
        yield changes
