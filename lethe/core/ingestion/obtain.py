"""Gets the original of an ingestion as a local file, from the blob store or from an address."""

import asyncio
from dataclasses import replace
from pathlib import Path

from lethe.core.context import Context
from lethe.core.ingestion import originals
from lethe.domain.errors import InputRejected, Revoked
from lethe.domain.jobs import INGEST
from lethe.domain.records.documents import Ingestion, Source
from lethe.store.erasure import blob_removals
from lethe.store.queue import ingestions


async def obtain(ctx: Context, job: Ingestion, target: Path) -> tuple[Ingestion, Source]:
    """Get the original as a local file. Fetched content is first stored as the original.

    Two workers may do the job at the same time if one was wrongly taken for dead. The first to store an original wins:
    both continue with that original, and whichever ends the job keeps the file that the job names.
    """
    if job.source is not None:
        await ctx.blobs.download(job.source.blob_key, target)
        return job, job.source
    fetched = await keep_fetched(ctx, job, target)
    if fetched is not None:
        return fetched
    async with ctx.db.transaction(job.company_id) as tx:
        found = await ingestions.find(tx, task_id=job.task_id)
    if found is None:
        raise Revoked("The ingestion was revoked while its content was being fetched.")
    return await obtain(ctx, found, target)


async def keep_fetched(
    ctx: Context, job: Ingestion, target: Path, *, priority: int | None = None
) -> tuple[Ingestion, Source] | None:
    """Fetch the address and store the result as the job's original; given a `priority`, queue the rest of the work too.

    None if another worker has already stored an original, or the job is gone.
    """
    fetched = await ctx.fetch(str(job.uri), target)
    if fetched.size == 0:
        raise InputRejected(f"The address of '{job.artifact}' returned an empty document.")
    file_name = job.file_name or fetched.file_name
    content_hash = await asyncio.to_thread(originals.sha256, target)
    source = await originals.store(
        ctx,
        company_id=job.company_id,
        content=target,
        hash=content_hash,
        size=fetched.size,
        node_id=job.node_id,
    )
    input_hash = originals.hash_input(content_hash, job.metadata, file_name)
    async with (
        originals.referring(ctx, company_id=job.company_id, sources=[source]),
        ctx.db.transaction(job.company_id) as tx,
    ):
        if not await ingestions.set_source(
            tx,
            task_id=job.task_id,
            source=source,
            file_name=file_name,
            input_hash=input_hash,
        ):
            await blob_removals.give_up(tx, keys=[source.blob_key])
            return None
        await originals.settle(tx, sources=[source])
        if priority is not None:
            await ctx.jobs.defer(tx, INGEST, task_id=job.task_id, priority=priority)
    return replace(job, file_name=file_name, source=source, input_hash=input_hash), source
