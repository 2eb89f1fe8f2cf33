"""What a worker does with small documents of a batch: one child, one embedding and one transaction for all of them.

Only the usual case is handled together. In any other (a reader crashes, a document is locked or already stored), the
document gets a job of its own, and `work.ingest` handles it like any other document.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from uuid import UUID

import numpy as np
import structlog

from lethe.adapters.children import ChildKilled
from lethe.core.context import Context
from lethe.core.ingestion import work
from lethe.core.ingestion.embedding import embed, read_vectors
from lethe.core.ingestion.parsing import in_child
from lethe.core.ingestion.prepare import (
    PartLine,
    PreparedChunk,
    open_results,
    prepare_all,
    read_chunks,
    read_parts,
)
from lethe.core.ingestion.work import IngestDependencies, answer_of, finished, title_of
from lethe.core.queue import callbacks
from lethe.core.scrub.samples import FingerprintSampler
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import InputRejected
from lethe.domain.jobs import INGEST
from lethe.domain.records.batches import Share
from lethe.domain.records.documents import Ingestion, Prepared, Source
from lethe.domain.records.tasks import Step, TaskFailure
from lethe.store import document_contents
from lethe.store.database.transactions import Tx
from lethe.store.database.vectors import Vectors
from lethe.store.erasure import contents
from lethe.store.queue import batches, ingestions, tasks
from lethe.store.tree import artifacts, life

log = structlog.get_logger()

SMALL_BYTES = 64 * 1024
"""The largest original that shares a job with others."""
SHARE_DOCUMENTS = 64
"""The most documents in a share: their chunks fill a few batches of the embedder, and a child can get as many files."""
_MOST_CHARACTERS = 4 * 1024 * 1024
"""The most text of a share, which is held in memory; small files may unpack to more."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A document that was read."""

    job: Ingestion
    prepared: Prepared
    parts: list[PartLine]
    chunks: list[PreparedChunk]


@dataclass(frozen=True, slots=True)
class _Ready(_Read):
    """A document that is ready to be stored."""

    vectors: Vectors
    samples: FingerprintSampler


class _Passed(Exception):
    """Some documents could not be stored, so none was; `could_be` has the node ids of the others. Caught here."""

    def __init__(self, could_be: set[str]) -> None:
        self.could_be = could_be


async def ingest_share(ctx: Context, deps: IngestDependencies, share: Share) -> None:
    """Ingest the documents of a share whose tasks have not ended. Safe to run twice and after any crash.

    A document that is deleted meanwhile is left out when the others are stored; until then its text stays in this
    process's scratch folder.

    Raises:
        Unavailable: an outside service is down; try again.
    """
    company_id = share.company_id
    jobs = await _begin(ctx, share)
    if not jobs:
        return
    there = await ingestions.keeps_input(ctx.db, company_id=company_id, jobs=jobs)
    await separate(ctx, company_id=company_id, task_ids=[job.task_id for job in jobs if job.node_id in there])
    jobs = await _progress(ctx, company_id, [job for job in jobs if job.node_id not in there], Step.PARSE)
    if not jobs:
        return
    with ctx.scratch.folder() as folder:
        try:
            read = await _prepare(ctx, deps, jobs, folder)
        except (ChildKilled, InputRejected) as exc:
            log.info("documents of a batch are read one by one", company_id=company_id, reason=str(exc))
            await separate(ctx, company_id=company_id, task_ids=[job.task_id for job in jobs])
            return
        await _progress(ctx, company_id, [document.job for document in read], Step.STORAGE)
        await _store_all(ctx, company_id, await _embed(deps, read, folder))


async def separate(ctx: Context, *, company_id: str, task_ids: Sequence[UUID]) -> None:
    """Give each of these documents a job of its own, unless its task has ended.

    Invariant: they leave the share in the transaction that queues their jobs, so a repeated share does not find them.
    """
    if not task_ids:
        return
    async with ctx.db.transaction(company_id) as tx:
        alone = await batches.separate(tx, task_ids=task_ids)
        await ctx.jobs.defer_all(tx, INGEST, jobs=[{"task_id": str(id)} for id in alone])


async def separate_share(ctx: Context, share: Share) -> None:
    """Like `separate`, for all documents of a share."""
    async with ctx.db.transaction(share.company_id, durable=False) as tx:
        ids = await batches.open_of_share(tx, batch_id=share.batch_id, share=share.number)
    await separate(ctx, company_id=share.company_id, task_ids=ids)


async def _begin(ctx: Context, share: Share) -> list[Ingestion]:
    async with ctx.db.transaction(share.company_id, durable=False) as tx:
        ids = await batches.open_of_share(tx, batch_id=share.batch_id, share=share.number)
        # The batch's task last, since whatever ends a member also locks it last.
        if not await tasks.start(tx, ids=ids) or not await tasks.start(tx, ids=[share.batch_id]):
            return []
        return await ingestions.find_all(tx, task_ids=ids)


async def _progress(
    ctx: Context, company_id: str, jobs: Sequence[Ingestion], step: Step, percentage: int = 0
) -> list[Ingestion]:
    """Note the progress of the jobs; returns those that have not ended."""
    async with ctx.db.transaction(company_id, durable=False) as tx:
        return await _note(tx, jobs, step, percentage)


async def _note(tx: Tx, jobs: Sequence[Ingestion], step: Step, percentage: int) -> list[Ingestion]:
    ids = [job.task_id for job in jobs]
    going = await tasks.note_progress_of(tx, ids=ids, step=step, percentage=percentage)
    ahead = [id for id, further in going.items() if further]
    await callbacks.tell_progress_of_all(tx, task_ids=ahead, step=step, percentage=percentage)
    return [job for job in jobs if job.task_id in going]


async def _prepare(
    ctx: Context, deps: IngestDependencies, jobs: Sequence[Ingestion], folder: Path
) -> list[_Read]:
    """Read the originals in one child, and fail the tasks of those that it rejects.

    Raises ChildKilled or InputRejected if the originals have to be read one by one.
    """
    await asyncio.gather(*(ctx.blobs.download(_source(job).blob_key, _file(folder, job)) for job in jobs))
    with ExitStack() as stack:
        results = stack.enter_context(open_results(folder))
        prepared: list[Prepared | str] = await in_child(
            deps.children,
            ctx.limits,
            prepare_all,
            [stack.enter_context(_file(folder, job).open("rb")) for job in jobs],
            results,
            [(job.file_name, job.file_name or job.artifact) for job in jobs],
            ctx.limits,
        )
    found = [one for one in prepared if isinstance(one, Prepared)]
    if len(prepared) != len(jobs) or sum(one.characters for one in found) > _MOST_CHARACTERS:
        raise InputRejected("they have too much text together")
    parts, chunks = _by_document(read_parts(folder)), read_chunks(folder)
    read = []
    for job, one in zip(jobs, prepared, strict=True):
        told = one if isinstance(one, str) else _taken(job, one, next(parts, []), chunks)
        if isinstance(told, _Read):
            read.append(told)
        else:
            await work.fail(
                ctx, company_id=job.company_id, task_id=job.task_id, failure=TaskFailure.REJECTED, error=told
            )
    return read


def _taken(
    job: Ingestion, prepared: Prepared, parts: list[PartLine], chunks: Iterator[PreparedChunk]
) -> _Read | str:
    """A document with the next chunks, or the message with which it is rejected. Raises InputRejected if parts and
    chunks do not match, since the child is not trusted."""
    if prepared.chunks == 0:
        return f"'{job.file_name or job.artifact}' has no text."
    own = list(islice(chunks, prepared.chunks))
    if len(own) != prepared.chunks or not parts:
        raise InputRejected("their reader wrote no results")
    return _Read(job, prepared, parts, own)


def _by_document(parts: Iterable[PartLine]) -> Iterator[list[PartLine]]:
    """The parts of each document, which begin with part number 0."""
    own: list[PartLine] = []
    for part in parts:
        if part.number == 0 and own:
            yield own
            own = []
        own.append(part)
    if own:
        yield own


async def _embed(deps: IngestDependencies, read: Sequence[_Read], folder: Path) -> list[_Ready]:
    """Embed the chunks of all documents together, and sample each as `work.ingest` does."""
    count = sum(document.prepared.chunks for document in read)
    async for _ in embed(deps.embedder, folder, chunks=count):
        pass
    return await asyncio.to_thread(_sampled, deps, read, folder)


def _sampled(deps: IngestDependencies, read: Sequence[_Read], folder: Path) -> list[_Ready]:
    if not read:
        return []
    vectors, start, ready = np.concatenate([*read_vectors(folder)]), 0, []
    for document in read:
        count = document.prepared.chunks
        own, start = vectors[start : start + count], start + count
        samples = FingerprintSampler(deps.marker, chunks=count)
        samples.original(_file(folder, document.job))
        for _ in samples.noting(document.chunks, own):
            pass
        ready.append(_Ready(document.job, document.prepared, document.parts, document.chunks, own, samples))
    return ready


async def _store_all(ctx: Context, company_id: str, ready: Sequence[_Ready]) -> None:
    """Store the documents that can be stored together; each of the others gets its own job, unless its task ended."""
    while ready:
        try:
            async with ctx.db.transaction(company_id, unhurried=True) as tx:
                await _store(tx, ready)
                checkpoint("share_before_commit")
        except _Passed as exc:
            others = [one.job.task_id for one in ready if one.job.node_id not in exc.could_be]
            await separate(ctx, company_id=company_id, task_ids=others)
            ready = [one for one in ready if one.job.node_id in exc.could_be]
        else:
            checkpoint("share_after_commit_before_job_end")
            return


async def _store(tx: Tx, ready: Sequence[_Ready]) -> None:
    """Replace the documents' contents with the new ones.

    Invariant: that of `work._store`, in one transaction for all documents, which commits only while each generation is
    the newest. It never waits for a node while it holds others, so it cannot deadlock. Raises _Passed.
    """
    nodes = {one.job.node_id: one.job.generation for one in ready}
    await contents.remove_content(tx, node_ids=[*nodes])
    await document_contents.insert_short_parts(
        tx, parts=[(one.job.node_id, *part) for one in ready for part in one.parts]
    )
    await document_contents.insert_chunks(
        tx,
        node_id=[one.job.node_id for one in ready for _ in one.chunks],
        chunks=chain.from_iterable(one.chunks for one in ready),
        vectors=np.concatenate([one.vectors for one in ready]),
    )
    await life.publish_collections(tx, node_ids=[*nodes])
    locked = await artifacts.lock_generations(tx, generations=nodes)
    if len(locked) < len(nodes):
        raise _Passed(locked)
    jobs = await ingestions.renewed(tx, jobs=[one.job for one in ready])
    stored = [
        finished(job, source=_source(job), prepared=one.prepared, samples=one.samples)
        for job, one in zip(jobs, ready, strict=True)
    ]
    await life.publish(tx, titles={job.node_id: title_of(job) for job in jobs})
    await document_contents.upsert_documents(tx, documents=stored)
    await _note(tx, jobs, Step.STORAGE, 100)
    results = {document.job.task_id: answer_of(document) for document in stored}
    ended = await tasks.succeed_all(tx, results=results)
    if len(ended) < len(jobs):
        raise _Passed({job.node_id for job in jobs if job.task_id in ended})
    await callbacks.tell_all_done(tx, task_ids=[*ended])


def _source(job: Ingestion) -> Source:
    assert job.source is not None  # noqa: S101 a share has no documents that must be fetched
    return job.source


def _file(folder: Path, job: Ingestion) -> Path:
    return folder / str(job.task_id)
