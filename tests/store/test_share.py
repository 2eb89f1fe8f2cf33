"""Documents of a batch are worked on together: what happens to some of them meanwhile is theirs alone."""

from collections.abc import Awaitable, Callable
from typing import Any, cast
from uuid import UUID

import pytest

from lethe.adapters.children import ChildKilled, Children
from lethe.adapters.embedders import Embedder, Vectors
from lethe.core.context import Context
from lethe.core.deletion import erasure
from lethe.core.ingestion import batch
from lethe.core.ingestion.prepare import prepare
from lethe.core.ingestion.submit import Request
from lethe.core.ingestion.work import IngestDependencies, ingest
from lethe.core.scrub.fingerprints import FingerprintHasher
from lethe.core.tree import nodes
from lethe.domain.errors import Unavailable
from lethe.domain.records.batches import Share
from lethe.store.database.pool import Database
from lethe.workers.jobs import INGEST_TRIES, run_share
from tests.store.conftest import COMPANY
from tests.store.planted import DIMENSION, vectors

Then = Callable[[], Awaitable[object]]


class Worker:
    """Works in the place of the child processes and of the embedder; something happens when it has read, or embeds."""

    model = "random"
    dimension = DIMENSION
    batch_size = 16

    def __init__(self, *, reading: Then | None = None, embedding: Then | None = None) -> None:
        self.embedded: list[int] = []
        self._reading = reading
        self._embedding = embedding
        self.deps = IngestDependencies(
            cast("Children", self), cast("Embedder", self), FingerprintHasher(b"k" * 32)
        )

    async def run(self, function: Callable[..., object], *args: object, **_limits: object) -> object:
        if self._reading is not None and function is not prepare:
            await self._reading()
        return function(*args)

    async def passages(self, texts: list[str]) -> Vectors:
        self.embedded.append(len(texts))
        if self._embedding is not None:
            await self._embedding()
        return vectors(len(texts), 1)


async def submitted(ctx: Context, *names: str) -> Share:
    """A batch of these documents, all in one share."""
    requests = [Request("c", name, {}, f"{name}.md", f"The stone keeps {name}.".encode()) for name in names]
    return Share(COMPANY, await batch.submit_batch(ctx, requests, company_id=COMPANY), 0)


async def standing(ctx: Context, share: Share) -> dict[str | None, str]:
    """Status by name."""
    _, members = await batch.show(ctx, company_id=COMPANY, task_id=str(share.batch_id))
    return {member.artifact: member.status.value for member in members}


async def values(db: Database, statement: str) -> list[Any]:
    async with db.transaction(COMPANY) as tx:
        return sorted(await tx.values(cast("Any", statement), {}))


STORED = "SELECT artifact FROM live_document WHERE company_id = %(company_id)s"


async def test_they_are_embedded_together_and_stored_together(ctx: Context) -> None:
    share = await submitted(ctx, "a", "b", "c")
    worker = Worker()
    await run_share(ctx, worker.deps, share, attempt=1)
    assert worker.embedded == [3]
    assert await standing(ctx, share) == dict.fromkeys("abc", "success")
    moments = "SELECT DISTINCT xmin::text FROM document WHERE company_id = %(company_id)s"
    assert len(await values(ctx.db, moments)) == 1


async def test_an_unchanged_document_tells_of_what_comes_after_it(ctx: Context) -> None:
    share = await submitted(ctx, "a")
    await run_share(ctx, Worker().deps, share, attempt=1)
    again = await submitted(ctx, "a")
    _, (member,) = await batch.show(ctx, company_id=COMPANY, task_id=str(again.batch_id))
    assert (member.unchanged, member.node_id is not None) == (True, True)
    newer = Request("c", "a", {}, "a.md", b"The river carries.")
    await batch.submit_batch(ctx, [newer], company_id=COMPANY)
    _, details = await nodes.show(ctx, company_id=COMPANY, node_id=str(member.node_id), with_text=False)
    assert details.status == "pending"


async def test_a_share_that_is_done_twice_changes_nothing(ctx: Context) -> None:
    share = await submitted(ctx, "a", "b")
    worker = Worker()
    for _ in range(2):
        await run_share(ctx, worker.deps, share, attempt=1)
    assert worker.embedded == [2]
    assert await standing(ctx, share) == dict.fromkeys("ab", "success")


@pytest.mark.parametrize("moment", ["reading", "embedding"])
async def test_a_document_that_is_deleted_meanwhile_leaves_nothing_and_the_others_are_stored(
    ctx: Context, moment: str
) -> None:
    deleted: list[UUID] = []

    async def delete() -> None:
        if not deleted:
            deleted.append(
                await erasure.erase(ctx, company_id=COMPANY, collection="c", artifact="b", by="me")
            )

    share = await submitted(ctx, "a", "b", "c")
    await run_share(ctx, Worker(**{moment: delete}).deps, share, attempt=1)
    assert await standing(ctx, share) == {"a": "success", None: "revoked", "c": "success"}
    assert await values(ctx.db, STORED) == ["a", "c"]
    for table in ("document", "document_part", "chunk_text", "chunk_lex", "chunk_vec"):
        nodes = f"SELECT DISTINCT node_id FROM {table} WHERE company_id = %(company_id)s"
        assert len(await values(ctx.db, nodes)) == 2, table
    assert len([key async for page in ctx.blobs.keys(COMPANY) for key in page]) == 2


async def test_a_document_that_another_transaction_holds_is_left_to_a_job_of_its_own(
    ctx: Context, db: Database
) -> None:
    share = await submitted(ctx, "a", "b")
    worker = Worker()
    beside = Database(db.conninfo, max_size=1)
    await beside.open()
    async with beside.transaction(COMPANY) as tx:
        await tx.execute("SELECT FROM node WHERE artifact = 'b' FOR UPDATE")
        await run_share(ctx, worker.deps, share, attempt=1)
    await beside.close()
    assert await standing(ctx, share) == {"a": "success", "b": "started"}
    ((alone,),) = [await jobs(ctx, "ingest")]
    await ingest(ctx, worker.deps, company_id=COMPANY, task_id=UUID(alone))
    assert await standing(ctx, share) == {"a": "success", "b": "success"}


async def jobs(ctx: Context, name: str) -> list[str]:
    """The tasks for which there are jobs of this name."""
    found = (
        f"SELECT args ->> 'task_id' FROM procrastinate_jobs WHERE task_name = '{name}' AND status = 'todo'"
    )
    return await values(ctx.db, found)


async def crash() -> None:
    raise ChildKilled("crash")


async def fail() -> None:
    raise RuntimeError("a fault")


async def be_away() -> None:
    raise Unavailable("away")


@pytest.mark.parametrize("what", [crash, fail])
async def test_a_reader_or_a_worker_that_fails_leaves_each_document_to_a_job_of_its_own(
    ctx: Context, what: Then
) -> None:
    share = await submitted(ctx, "a", "b")
    worker = Worker(reading=what)
    for _ in range(2):
        await run_share(ctx, worker.deps, share, attempt=1)
    alone = await jobs(ctx, "ingest")
    assert len(alone) == 2
    for task in alone:
        await ingest(ctx, worker.deps, company_id=COMPANY, task_id=UUID(task))
    assert await standing(ctx, share) == dict.fromkeys("ab", "success")


async def test_while_the_embedder_is_away_a_share_is_tried_again_and_at_last_each_alone(ctx: Context) -> None:
    share = await submitted(ctx, "a", "b")
    worker = Worker(embedding=be_away)
    with pytest.raises(Unavailable):
        await run_share(ctx, worker.deps, share, attempt=1)
    assert await jobs(ctx, "ingest") == []
    await run_share(ctx, worker.deps, share, attempt=INGEST_TRIES)
    assert len(await jobs(ctx, "ingest")) == 2


async def test_a_share_whose_worker_died_each_time_is_separated(ctx: Context) -> None:
    share = await submitted(ctx, "a", "b")
    await run_share(ctx, Worker().deps, share, attempt=INGEST_TRIES + 1)
    assert len(await jobs(ctx, "ingest")) == 2
    assert await standing(ctx, share) == dict.fromkeys("ab", "pending")
