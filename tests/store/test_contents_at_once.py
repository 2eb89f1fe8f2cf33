"""Much content is made in threads, by few at a time, and holds up nobody else."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

import pytest

from lethe.adapters.scratch import Scratch
from lethe.core.content import reading as content
from lethe.core.content.reading import ContextFilter
from lethe.core.context import Context
from lethe.core.limiter import Limiter
from lethe.domain.errors import Unavailable
from lethe.domain.limits import Limits
from lethe.store.database.pool import Database
from tests.store.planted import plant, texts
from tests.waiting import PATIENCE_SECONDS, until

A = "a" * 24
CONNECTIONS = 3
"""All that the database of a test gives out."""


async def read(db: Database, slots: Limiter, making: "Making") -> int:
    """How many documents there are, by way of their content."""
    with TemporaryDirectory() as folder, closing(Scratch(Path(folder))) as scratch:
        ctx = cast("Context", SimpleNamespace(db=db, content_limiter=slots, limits=Limits(), scratch=scratch))
        spool = await content.read_content(
            ctx,
            company_id=A,
            context=ContextFilter("c", None, []),
            nodes=None,
            as_tree=True,
            encode=making.encode,
        )
        return spool.size


class Making:
    """Answers that are made until `enough` is set; how many at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.enough = threading.Event()
        self._lock = threading.Lock()

    def encode(self, contents: Iterator[tuple[str, Iterator[bytes]]]) -> Iterator[bytes]:
        """A byte for each document."""
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.enough.wait(PATIENCE_SECONDS)
        with self._lock:
            self.now -= 1
        yield from (b"." for _ in contents)


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few nodes be many."""
    monkeypatch.setattr(content, "SMALL_NODES", 1)


@pytest.mark.usefixtures("everything_is_large")
async def test_large_contents_leave_the_loop_and_the_connections_to_others(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lethe.core.limiter.PATIENCE_SECONDS", PATIENCE_SECONDS)
    await plant(db, A, texts(5))
    making, slots = Making(), Limiter(2)
    reading = [asyncio.create_task(read(db, slots, making)) for _ in range(5)]
    together = asyncio.Barrier(CONNECTIONS)

    async def hold_one() -> None:
        async with db.system(), together:
            pass

    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.to_thread(until, lambda: making.now == 2)
        await asyncio.gather(*(hold_one() for _ in range(CONNECTIONS)))
    assert not any(task.done() for task in reading)
    making.enough.set()
    assert await asyncio.gather(*reading) == [5] * 5
    assert making.most == 2


async def test_small_content_waits_for_no_turn(db: Database) -> None:
    await plant(db, A, texts(5))
    making = Making()
    making.enough.set()
    assert await read(db, Limiter(0), making) == 5


@pytest.mark.usefixtures("everything_is_large")
async def test_large_content_whose_turn_does_not_come_is_put_off(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(db, A, texts(5))
    monkeypatch.setattr("lethe.core.limiter.PATIENCE_SECONDS", 0.05)
    with pytest.raises(Unavailable, match="Too many large contents are waiting: try again"):
        await read(db, Limiter(0), Making())
