"""Two workers do one ingestion, as the first stood still and counted as dead: each file stays known."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from lethe.adapters.children import Children
from lethe.adapters.embedders import Embedder, Vectors
from lethe.adapters.fetch import Fetched
from lethe.core.context import Context
from lethe.core.ingestion.submit import Request, Uri, submit
from lethe.core.ingestion.work import IngestDependencies, ingest
from lethe.core.scrub.fingerprints import FingerprintHasher
from lethe.domain.errors import Revoked, Unavailable
from lethe.store.erasure import blob_removals
from tests.store.conftest import COMPANY as A
from tests.store.planted import DIMENSION, vectors


class Worker:
    """Works on one task. It stands still before its fetch ends, and before it parses, until it may go on.

    In the place of the child processes and of the embedder it has itself.
    """

    model = "random"
    dimension = DIMENSION
    batch_size = 16

    def __init__(self, ctx: Context, text: str, task_id: UUID) -> None:
        self._text = text
        self.may_fetch = asyncio.Event()
        self.fetches = asyncio.Event()
        self.may_parse = asyncio.Event()
        self.parses = asyncio.Event()
        children, embedder = cast("Children", self), cast("Embedder", self)
        deps = IngestDependencies(children, embedder, FingerprintHasher(b"k" * 32))
        ctx = replace(ctx, fetch=self.fetch)
        self.work = asyncio.create_task(ingest(ctx, deps, company_id=A, task_id=task_id))

    async def fetch(self, _uri: str, target: Path) -> Fetched:
        self.fetches.set()
        await self.may_fetch.wait()
        target.write_text(self._text)
        return Fetched("a.md", "text/markdown", len(self._text))

    async def run(self, function: Callable[..., object], *args: object, **_limits: object) -> object:
        self.parses.set()
        await self.may_parse.wait()
        return function(*args)

    async def passages(self, texts: list[str]) -> Vectors:
        return vectors(len(texts), 1)

    async def fetch_and_store(self) -> None:
        """Go on until the original is there."""
        self.may_fetch.set()
        await self.parses.wait()

    async def end(self) -> None:
        """Go on to the end."""
        self.may_fetch.set()
        self.may_parse.set()
        await self.work


@pytest.fixture
async def both(ctx: Context) -> tuple[Worker, Worker]:
    """Two workers that have read the same job, of which nobody has fetched anything yet."""
    request = Request("c", "a", {}, None, Uri("https://example.com/a.md"))
    made = await submit(ctx, request, company_id=A, callback=None, waiting=False)
    assert made.task_id is not None
    first, second = (Worker(ctx, name, made.task_id) for name in ("first", "second"))
    await asyncio.gather(first.fetches.wait(), second.fetches.wait())
    return first, second


async def rows(ctx: Context, statement: str) -> list[tuple[Any, ...]]:
    async with ctx.db.transaction(A) as conn:
        return await (await conn.execute(cast("Any", statement))).fetchall()


async def stored_text(ctx: Context) -> str:
    """The document's text, once it is sure that each file is named, and that only the document's own stays."""
    keys = [key async for page in ctx.blobs.keys(A) for key in page]
    ((own, text),) = await rows(ctx, "SELECT blob_key, text FROM document JOIN document_part USING (node_id)")
    async with ctx.db.transaction(A) as conn:
        assert await blob_removals.unnamed_of(conn, keys=keys) == []
        due = [key for _, key in await blob_removals.due(conn.conn, limit=10)]
    assert sorted([own, *due]) == sorted(keys)
    return str(text).strip()


@pytest.mark.parametrize("ends_first", [0, 1])
async def test_the_first_original_that_is_named_is_the_documents_whoever_ends_first(
    ctx: Context, both: tuple[Worker, Worker], ends_first: int
) -> None:
    for worker in both:
        await worker.fetch_and_store()
    await both[ends_first].end()
    with pytest.raises(Revoked):
        await both[1 - ends_first].end()
    assert await stored_text(ctx) == "first"
    assert len([key async for page in ctx.blobs.keys(A) for key in page]) == 2


async def test_the_second_worker_ends_the_work_of_a_first_that_died(
    ctx: Context, both: tuple[Worker, Worker]
) -> None:
    first, second = both
    await first.fetch_and_store()
    first.work.cancel()
    await second.end()
    assert await stored_text(ctx) == "first"


async def test_a_worker_that_comes_back_when_all_is_done_keeps_nothing(
    ctx: Context, both: tuple[Worker, Worker]
) -> None:
    first, second = both
    await second.end()
    with pytest.raises(Revoked):
        await first.end()
    assert await stored_text(ctx) == "second"


async def test_work_of_an_older_generation_stores_nothing_even_while_its_task_is_open(
    ctx: Context, both: tuple[Worker, Worker]
) -> None:
    worker, _ = both
    await worker.fetch_and_store()
    async with ctx.db.transaction(A) as tx:
        await tx.execute("UPDATE node SET generation = generation + 1 WHERE kind = 'document'")
    with pytest.raises(Revoked):
        await worker.end()
    assert await rows(ctx, "SELECT FROM document") == []
    assert await rows(ctx, "SELECT status::text FROM task") == [("started",)]


async def test_an_original_that_was_swept_meanwhile_is_not_named_and_the_job_tried_again(
    ctx: Context, both: tuple[Worker, Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lethe.core.ingestion.originals.UPLOAD_SECONDS", 0)
    for worker in both:
        with pytest.raises(Unavailable, match="swept"):
            await worker.end()
    assert await rows(ctx, "SELECT blob_key FROM ingestion") == [(None,)]
