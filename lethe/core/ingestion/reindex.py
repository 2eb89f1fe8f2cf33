"""Rebuilds the chunks of documents restored from the trash, from their stored text."""

import asyncio
from itertools import islice
from uuid import UUID

import structlog

from lethe.adapters.children import ChildKilled
from lethe.core.context import Context
from lethe.core.ingestion.embedding import embed, read_vectors
from lethe.core.ingestion.parsing import in_child
from lethe.core.ingestion.prepare import open_results, prepare_again, read_chunks, write_parts
from lethe.core.ingestion.work import IngestDependencies
from lethe.core.scrub.samples import FingerprintSampler
from lethe.domain.checkpoints import checkpoint
from lethe.domain.records.tasks import TaskStatus
from lethe.store import document_contents, documents
from lethe.store.queue import reindexing, tasks
from lethe.store.queue.reindexing import LeftOut
from lethe.store.tree import artifacts

log = structlog.get_logger()

_AT_ONCE = 4
"""Documents indexed at the same time; a single small document does not keep all cores busy."""


async def reindex(ctx: Context, deps: IngestDependencies, *, company_id: str, task_id: UUID) -> None:
    """Index the company's live documents that are not in the indexes. Safe to run twice and after a crash."""
    async with ctx.db.transaction(company_id, durable=False) as tx:
        if not await tasks.start(tx, ids=[task_id]):
            return
    after = ""
    while True:
        async with ctx.db.transaction(company_id, durable=False) as tx:
            found = await reindexing.left_out(tx, after=after, limit=_AT_ONCE)
        if not found:
            break
        async with asyncio.TaskGroup() as group:
            for document in found:
                group.create_task(_index(ctx, deps, company_id, document))
        after = found[-1].node_id
    async with ctx.db.transaction(company_id) as tx:
        await tasks.finish(tx, id=task_id, status=TaskStatus.SUCCESS)


async def _index(ctx: Context, deps: IngestDependencies, company_id: str, document: LeftOut) -> None:
    """Store one document's chunks.

    Invariant: the chunks are stored under the document's lock, and only while it is live in the generation that was
    read, so a deletion or replacement comes entirely before or after.
    """
    key = {"node_id": document.node_id}
    with ctx.scratch.folder() as folder:
        async with ctx.db.snapshot(company_id) as tx:
            parts = await documents.parts(tx, node_ids=[document.node_id])
        await asyncio.to_thread(write_parts, folder, ((p.part, p.start, p.text, p.blocks) for p in parts))
        try:
            with open_results(folder, parts="rb") as results:
                count, language = await in_child(
                    deps.children, ctx.limits, prepare_again, results, ctx.limits
                )
        except ChildKilled as exc:
            log.error("a restored document could not be indexed", node_id=document.node_id, reason=str(exc))
            return
        async for _ in embed(deps.embedder, folder, chunks=count):
            pass
        samples = FingerprintSampler(deps.marker, chunks=count)
        async with ctx.db.transaction(company_id) as tx:
            if not await artifacts.lock_generation(
                tx, **key, generation=document.generation
            ) or not await reindexing.mark_indexed(tx, **key, chunks=count, language=language):
                return
            chunks = read_chunks(folder)
            for batch in read_vectors(folder):
                rows = samples.noting(islice(chunks, len(batch)), batch)
                await document_contents.insert_chunks(tx, **key, chunks=rows, vectors=batch)
            samples.keep(document.fingerprints)
            await reindexing.set_fingerprints(tx, **key, fingerprints=samples.stored)
            checkpoint("reindex_before_commit")
