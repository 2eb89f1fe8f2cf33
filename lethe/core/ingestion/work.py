"""What a worker does with an ingestion: fetch, prepare, embed and store, in visible steps."""

import asyncio
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

import structlog

from lethe.adapters.children import ChildKilled, Children
from lethe.adapters.embedders import Embedder
from lethe.adapters.fetch.shown import shown
from lethe.core.context import Context
from lethe.core.ingestion.embedding import embed, read_vectors
from lethe.core.ingestion.obtain import keep_fetched, obtain
from lethe.core.ingestion.parsing import in_child
from lethe.core.ingestion.prepare import open_results, prepare, read_chunks, read_parts
from lethe.core.queue import callbacks
from lethe.core.queue.tasks import end_badly
from lethe.core.scrub.fingerprints import FingerprintHasher
from lethe.core.scrub.samples import FingerprintSampler
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import InputRejected, Revoked
from lethe.domain.json import Json
from lethe.domain.records.documents import Finished, Ingestion, Prepared, Source
from lethe.domain.records.tasks import IngestResult, Step, TaskFailure, TaskKind, TaskStatus
from lethe.store import document_contents
from lethe.store.database.transactions import Tx
from lethe.store.erasure import contents
from lethe.store.queue import ingestions, tasks
from lethe.store.tree import artifacts, life

log = structlog.get_logger()

_PROGRESS_SECONDS = 0.5
"""Progress within a step is written at most this often."""


@dataclass(frozen=True, slots=True)
class IngestDependencies:
    """What a worker needs besides the context: its own child processes, the embedder, and the hasher that fingerprints
    documents for `lethe scrub`."""

    children: Children
    embedder: Embedder
    marker: FingerprintHasher


async def ingest(ctx: Context, deps: IngestDependencies, *, company_id: str, task_id: UUID) -> None:
    """Do an ingestion's work, including the fetching if not yet done. Safe to run twice and after any crash.

    Raises:
        Revoked: the ingestion was overtaken; nothing was stored.
        InputRejected: the content cannot be ingested.
        Unavailable: an outside service is down; try again.
    """
    job = await _begin(ctx, company_id=company_id, task_id=task_id)
    if job is None:
        return
    with ctx.scratch.folder() as folder:
        original = folder / "original"
        await _progress(ctx, job, Step.VALIDATION, 0)
        job, source = await obtain(ctx, job, original)
        if await _unchanged(ctx, job):
            return
        await _progress(ctx, job, Step.PARSE, 0)
        prepared = await _prepare(ctx, deps, job, original, folder)
        await _progress(ctx, job, Step.STORAGE, 0, prepared.warnings)
        await _embed(ctx, deps, job, prepared, folder)
        samples = FingerprintSampler(deps.marker, chunks=prepared.chunks)
        await asyncio.to_thread(samples.original, original)
        await _store(ctx, job, source=source, prepared=prepared, samples=samples, folder=folder)


async def fetch(ctx: Context, *, company_id: str, task_id: UUID, priority: int) -> None:
    """Fetch an ingestion's original and queue the rest of its work. Safe to run twice; raises as `ingest`.

    Invariant: the original is recorded and the rest queued in one transaction, so that nothing is queued twice.
    """
    job = await _begin(ctx, company_id=company_id, task_id=task_id)
    if job is None or job.source is not None:
        return
    with ctx.scratch.folder() as folder:
        await _progress(ctx, job, Step.VALIDATION, 0)
        await keep_fetched(ctx, job, folder / "original", priority=priority)


async def fail(ctx: Context, *, company_id: str, task_id: UUID, failure: TaskFailure, error: str) -> None:
    """End an ingestion without a result. A document that never had content is removed without a trace.

    Invariant: status, event and the removal of the pending node are one transaction.
    """
    async with ctx.db.transaction(company_id) as tx:
        subject = await tasks.subject(tx, id=task_id)
        if subject is None:
            return
        # Lock the node before the task, in the same order as a new request for the node.
        await artifacts.lock(tx, node_id=subject.node_id)
        ended = await end_badly(tx, task_id=task_id, kind=TaskKind.INGEST, failure=failure, error=error)
        if ended:
            await artifacts.remove_pending(tx, node_id=subject.node_id, generation=subject.generation)


async def _begin(ctx: Context, *, company_id: str, task_id: UUID) -> Ingestion | None:
    async with ctx.db.transaction(company_id, durable=False) as tx:
        if not await tasks.start(tx, ids=[task_id]):
            return None
        return await ingestions.find(tx, task_id=task_id)


async def _unchanged(ctx: Context, job: Ingestion) -> bool:
    """End the task at once if the document already has the same input."""
    if not await ingestions.keeps_input(ctx.db, company_id=job.company_id, jobs=[job]):
        return False
    async with ctx.db.transaction(job.company_id) as tx:
        await _lock(tx, job)
        if not await ingestions.adopt(tx, job=job, source_uri=shown(job.uri)):
            return False
        await _succeed(tx, job, callbacks.ingest_answer([]), keep_source=False)
        return True


async def _prepare(
    ctx: Context, deps: IngestDependencies, job: Ingestion, original: Path, folder: Path
) -> Prepared:
    name = job.file_name or job.artifact
    limits = ctx.limits
    try:
        with original.open("rb") as file, open_results(folder) as results:
            prepared: Prepared = await in_child(
                deps.children, limits, prepare, file, results, job.file_name, limits, name
            )
    except ChildKilled as exc:
        raise InputRejected(f"'{name}' could not be parsed: {exc}.") from exc
    if prepared.chunks == 0:
        raise InputRejected(f"'{name}' has no text.")
    return prepared


async def _embed(
    ctx: Context, deps: IngestDependencies, job: Ingestion, prepared: Prepared, folder: Path
) -> None:
    """Embed the chunks, a few batches at a time on all cores; progress is the share of chunks done."""
    done, noted = 0, time.monotonic()
    async for count in embed(deps.embedder, folder, chunks=prepared.chunks):
        done += count
        if time.monotonic() - noted > _PROGRESS_SECONDS:
            noted = time.monotonic()
            # 100 means stored, not only embedded.
            await _progress(ctx, job, Step.STORAGE, min(99, 100 * done // prepared.chunks))


async def _store(
    ctx: Context,
    job: Ingestion,
    *,
    source: Source,
    prepared: Prepared,
    samples: FingerprintSampler,
    folder: Path,
) -> None:
    """Replace the document's content with the new one.

    Invariant: content, chunks, generation, task and event are one transaction, which commits only while the
    generation is the newest. The rows are written before the node is locked, so that a deletion never waits
    for them.
    """
    key = {"node_id": job.node_id}
    async with ctx.db.transaction(job.company_id, unhurried=True) as tx:
        await contents.remove_content(tx, node_ids=[job.node_id])
        await document_contents.insert_parts(tx, **key, parts=read_parts(folder))
        chunks = read_chunks(folder)
        for batch in read_vectors(folder):
            rows = samples.noting(islice(chunks, len(batch)), batch)
            await document_contents.insert_chunks(tx, **key, chunks=rows, vectors=batch)
        checkpoint("ingest_after_chunks_before_commit")
        await life.publish_collections(tx, node_ids=[job.node_id])
        await _lock(tx, job)
        (job,) = await ingestions.renewed(tx, jobs=[job])
        stored = finished(job, source=source, prepared=prepared, samples=samples)
        await life.publish(tx, titles={job.node_id: title_of(job)})
        await document_contents.upsert_documents(tx, documents=[stored])
        await _progress_event(tx, job, Step.STORAGE, 100)
        await _succeed(tx, job, answer_of(stored), keep_source=True)
    checkpoint("ingest_after_commit_before_job_end")


async def _lock(tx: Tx, job: Ingestion) -> None:
    if not await artifacts.lock_generation(tx, node_id=job.node_id, generation=job.generation):
        raise Revoked("The ingestion was overtaken.")


async def _succeed(tx: Tx, job: Ingestion, answer: IngestResult, *, keep_source: bool) -> None:
    if not await tasks.finish(
        tx,
        id=job.task_id,
        status=TaskStatus.SUCCESS,
        result=answer,
        keep_source=keep_source,
    ):
        raise Revoked("The ingestion was revoked.")
    await callbacks.tell_done(tx, task_id=job.task_id, kind=TaskKind.INGEST, data=answer)


async def _progress(
    ctx: Context, job: Ingestion, step: Step, percentage: int, warnings: tuple[str, ...] = ()
) -> None:
    async with ctx.db.transaction(job.company_id, durable=False) as tx:
        await _progress_event(tx, job, step, percentage, warnings)


async def _progress_event(
    tx: Tx, job: Ingestion, step: Step, percentage: int, warnings: tuple[str, ...] = ()
) -> None:
    ahead = await tasks.note_progress(tx, id=job.task_id, step=step, percentage=percentage)
    if ahead is None:
        raise Revoked("The ingestion was revoked.")
    if ahead:
        await callbacks.tell_progress(
            tx,
            task_id=job.task_id,
            kind=TaskKind.INGEST,
            step=step,
            percentage=percentage,
            warnings=warnings,
        )


def finished(job: Ingestion, *, source: Source, prepared: Prepared, samples: FingerprintSampler) -> Finished:
    """The result of an ingestion whose text, embeddings and original have been sampled."""
    metadata = _metadata(job, source, prepared)
    source_uri = shown(job.uri)
    samples.names([metadata | {"hash": None}, title_of(job), source_uri])
    return Finished(job, source, prepared, metadata, samples.stored, source_uri)


def answer_of(stored: Finished) -> IngestResult:
    """The task's result after an ingestion that stored a document."""
    return callbacks.ingest_answer([(stored.job.artifact, stored.metadata)], stored.prepared.warnings)


def _metadata(job: Ingestion, source: Source, prepared: Prepared) -> dict[str, Json]:
    """The doc_metadata of the Artifacts API: the metadata given, and what Lethe adds."""
    return {
        **job.metadata,
        "file_name": job.file_name or job.artifact,
        "collection": job.collection,
        "artifact_id": job.artifact,
        "file_type": prepared.file_type,
        "hash": source.hash,
    }


def title_of(job: Ingestion) -> str:
    """The title of a document: from its metadata, or else the name of its file."""
    title = job.metadata.get("title")
    return title if isinstance(title, str) and title.strip() else job.file_name or job.artifact
