"""Erasing: a document is gone for good, rows and files. For the trash see core/trash.py, which ends here too.

1. `hide`, in the request's transaction: the document is marked deleted, its generation is raised and its open
   ingestions are revoked. From this commit on nothing returns it and nothing can store it.
2. `remove`, at once or by a worker: rows, then files, each step safe to repeat. Whoever is killed in between
   leaves a deleted node that is due (`purge_at`), or a key in `blob_removal`; the sweeper takes it up.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from lethe.adapters.blobs import Blobs
from lethe.core import callbacks
from lethe.core.context import Context
from lethe.core.tasks import end_badly, revoke_ingestions
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import LetheError, NotFound
from lethe.domain.records import Callback, Step, TaskFailure, TaskKind, TaskStatus
from lethe.store import blob_removals, contents, nodes, outbox, tasks
from lethe.store.database import Connection, Database
from lethe.store.jobs import REMOVE

NOT_THERE = "Document not found in collection"
_FILES_AT_ONCE = 16
_OVERTAKEN = "The document was deleted while it was being ingested."


async def erase(ctx: Context, *, company_id: str, collection: str, artifact: str) -> None:
    """Erase a document for good; when this returns, its text, chunks, vectors and file are gone.

    Raises:
        NotFound: there is no such document, and no ingestion of it under way.
    """
    # Not waited for on disk: the commit that removes the rows comes behind it in the log, and is.
    async with ctx.db.transaction(company_id, durable=False) as conn:
        node_id = await _hide(conn, company_id=company_id, collection=collection, artifact=artifact)
        if node_id is None:
            raise NotFound(NOT_THERE)
    checkpoint("erase_after_hide_before_remove")
    await remove(ctx.db, ctx.blobs, company_id=company_id, node_ids=[node_id])


async def request_erasure(
    ctx: Context, *, company_id: str, collection: str, artifact: str, callback: Callback | None
) -> UUID:
    """Make a document invisible now and have it removed by a task, whose id is returned.

    Invariant: invisibility, revoked ingestions, the task, its job and the events are one transaction. A
    document that is not there gives a task that has failed.
    """
    task_id = uuid4()
    async with ctx.db.transaction(company_id) as conn:
        node_id = await _hide(conn, company_id=company_id, collection=collection, artifact=artifact)
        await tasks.insert(
            conn,
            company_id=company_id,
            id=task_id,
            kind=TaskKind.DELETE,
            node_id=node_id,
            generation=None,
            callback=callback,
        )
        if node_id is None:
            await end_badly(
                conn,
                company_id=company_id,
                task_id=task_id,
                kind=TaskKind.DELETE,
                failure=TaskFailure.NOT_FOUND,
                error=NOT_THERE,
            )
        else:
            await ctx.jobs.defer(conn, REMOVE, company_id=company_id, task_id=task_id)
        checkpoint("erasure_request_before_commit")
    checkpoint("erasure_request_after_commit")
    return task_id


async def run(db: Database, blobs: Blobs, *, company_id: str, task_id: UUID) -> None:
    """The work of a deletion's task. May be run twice, or again after a crash at any point."""
    async with db.transaction(company_id, durable=False) as conn:
        if not await tasks.start(conn, company_id=company_id, id=task_id):
            return
        subject = await tasks.subject(conn, company_id=company_id, id=task_id)
        if await tasks.note_progress(
            conn, company_id=company_id, id=task_id, step=Step.REMOVAL, percentage=None
        ):
            await callbacks.tell_progress(
                conn,
                company_id=company_id,
                task_id=task_id,
                kind=TaskKind.DELETE,
                step=Step.REMOVAL,
                percentage=None,
            )
    if subject is not None:
        await remove(db, blobs, company_id=company_id, node_ids=[subject.node_id])
    checkpoint("erasure_after_removal_before_task_end")
    async with db.transaction(company_id) as conn:
        if await tasks.finish(conn, company_id=company_id, id=task_id, status=TaskStatus.SUCCESS):
            await callbacks.tell_done(
                conn, company_id=company_id, task_id=task_id, kind=TaskKind.DELETE, data=None
            )


async def remove(db: Database, blobs: Blobs, *, company_id: str, node_ids: Sequence[str]) -> None:
    """Remove all that is stored of deleted documents: rows in one transaction, then their files.

    Invariant: the keys of the files are in `blob_removal` from the moment the rows are gone until the files
    are, so a crash leaves nothing that nobody knows of.
    """
    async with db.transaction(company_id) as conn, conn.pipeline():
        await contents.remove_documents(conn, company_id=company_id, node_ids=node_ids)
        await tasks.forget_results(conn, company_id=company_id, node_ids=node_ids)
        await outbox.forget_data(conn, company_id=company_id, node_ids=node_ids)
        await nodes.remove_deleted(conn, company_id=company_id, node_ids=node_ids)
        keys = await blob_removals.of_nodes(conn, company_id=company_id, node_ids=node_ids)
    checkpoint("remove_after_rows_before_files")
    await remove_files(db, blobs, company_id=company_id, keys=keys)


async def remove_files(db: Database, blobs: Blobs, *, company_id: str, keys: list[str]) -> None:
    """Delete files whose rows are gone, see that they are gone, and forget their keys."""
    if not keys:
        return
    gate = asyncio.Semaphore(_FILES_AT_ONCE)

    async def delete(key: str) -> None:
        async with gate:
            await blobs.delete(key)
            if await blobs.exists(key):
                raise LetheError(f"The blob store still has {key} after its deletion.")

    await asyncio.gather(*(delete(key) for key in keys))
    checkpoint("remove_after_files_before_keys_forgotten")
    async with db.transaction(company_id, durable=False) as conn:
        await blob_removals.forget(conn, company_id=company_id, keys=keys)


async def _hide(conn: Connection, *, company_id: str, collection: str, artifact: str) -> str | None:
    node_id = await nodes.hide(conn, company_id=company_id, collection=collection, artifact=artifact)
    if node_id is not None:
        await revoke_ingestions(conn, company_id=company_id, node_id=node_id, why=_OVERTAKEN)
    return node_id
