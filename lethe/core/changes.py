"""Notifies those who look at a company's data that something has changed, so that they can refresh."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from lethe.core.context import Context
from lethe.domain.records.bounds import roots_of
from lethe.store.queue.signals import CHANGED, TREE_CHANGED
from lethe.store.tree import browsing

TREE = "tree"
TOPICS = (TREE, "tasks", "receipts", "tokens", "assistants")


class Changes:
    """Collects the topics that have changed since the last `take`.

    Args:
        look: summarises what a bound caller can see; None for a caller who sees the whole company. A bound caller must
            not learn of changes elsewhere, so only a different summary counts as a change.
    """

    def __init__(self, look: Callable[[], Awaitable[object]] | None = None) -> None:
        self._topics: set[str] = set()
        self._any = asyncio.Event()
        self._look = look
        self._seen: object = None

    async def begin(self) -> None:
        """Remember what the caller sees now."""
        if self._look is not None:
            self._seen = await self._look()

    def note(self, topic: str) -> None:
        """Record a change in a topic."""
        self._topics.add(topic)
        self._any.set()

    async def take(self) -> list[str]:
        """Wait for changes; returns their topics, sorted."""
        while True:
            await self._any.wait()
            self._any.clear()
            found, self._topics = sorted(self._topics), set()
            if await self._is_seen():
                return found

    async def _is_seen(self) -> bool:
        before = self._seen
        await self.begin()
        return self._look is None or self._seen != before


@asynccontextmanager
async def following(
    ctx: Context, *, company_id: str, topics: Sequence[str] = TOPICS
) -> AsyncIterator[Changes]:
    """Follow a company's changes during the block. After the database was unreachable, all topics count as changed.

    A bound caller is told only of changes to the tree, and only within its bounds.
    """
    roots = roots_of(company_id)
    changes = Changes()
    if roots is not None:
        topics = [topic for topic in topics if topic == TREE]
        changes = Changes(partial(browsing.state, ctx.db, company_id=company_id, roots=roots))
    async with AsyncExitStack() as stack:
        for topic in topics:
            await stack.enter_async_context(
                ctx.signals.watch(*_channel(company_id, topic), partial(changes.note, topic))
            )
        await changes.begin()
        yield changes


def position(ctx: Context, *, company_id: str) -> str | None:
    """A text that changes whenever something in the company may have changed.

    To miss no change, take it before reading, and compare it after `following` has begun. None for a caller with
    bounds, who must not learn of changes elsewhere: for them, assume a change.
    """
    if roots_of(company_id) is not None:
        return None
    return ctx.signals.position(_channel(company_id, topic) for topic in TOPICS)


def _channel(company_id: str, topic: str) -> tuple[str, str]:
    return (TREE_CHANGED, company_id) if topic == TREE else (CHANGED, f"{company_id} {topic}")
