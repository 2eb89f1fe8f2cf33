"""Opening an original beside a deletion, without a server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from lethe.adapters.blobs import Blobs
from lethe.core.content.original import open_original
from lethe.core.context import Context
from lethe.core.tree import trash
from lethe.domain.errors import NotFound, Unavailable
from lethe.store.database.pool import Database
from lethe.store.queue.jobs import Jobs
from lethe.store.queue.signals import Signals
from tests.store.planted import plant

A, DOCUMENT, KEY = "a" * 24, "a" + "0" * 23, f"{'a' * 24}/{'0' * 24}"


class Slow(Blobs):
    """A store in which something happens once a file is open."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def open(self, key: str, span: tuple[int, int] | None = None) -> AsyncIterator[bytes]:
        pieces = await super().open(key, span)
        if self.meanwhile is not None:
            await self.meanwhile()
        return pieces


@pytest.fixture
async def ctx(db: Database, tmp_path: Path) -> Context:
    """A context with a company that has a document and its file."""
    await plant(db, A, ["text"])
    blobs = Slow((tmp_path / "blobs").as_uri())
    await blobs.put(KEY, b"text")
    jobs = Jobs(db, Signals(db.conninfo))
    await jobs.open()
    return cast("Context", SimpleNamespace(db=db, blobs=blobs, jobs=jobs, retention_days=30))


async def opened(ctx: Context) -> bytes:
    """The original, read to its end."""
    original = await open_original(ctx, company_id=A, node_id=DOCUMENT, choose=lambda _tag, _size: None)
    return b"".join([piece async for piece in original.pieces])


async def test_no_original_is_given_after_a_deletion_that_commits_while_its_file_is_opened(
    ctx: Context,
) -> None:
    assert await opened(ctx) == b"text"

    async def delete() -> None:
        await trash.delete(ctx, company_id=A, node_id=DOCUMENT, by="me")

    cast("Slow", ctx.blobs).meanwhile = delete
    with pytest.raises(NotFound):
        await opened(ctx)


async def test_a_file_that_is_lost_is_told_without_its_key(ctx: Context) -> None:
    await ctx.blobs.delete(KEY)
    with pytest.raises(Unavailable, match="missing") as caught:
        await opened(ctx)
    assert KEY not in str(caught.value)
