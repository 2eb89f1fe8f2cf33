"""Erasing: a document is gone for good, rows and files. For the trash see core/trash.py, which ends here too.

1. `hide`, in the request's transaction: the document is marked deleted, its generation is raised and its open
   ingestions are revoked. From this commit on nothing returns it and nothing can store it.
2. `remove`, at once or by a worker: rows, then files, then the receipt, each step safe to repeat. Whoever is
   killed in between leaves a deleted node that is due (`purge_at`), a key in `blob_removal`, or an `erasure`
   without a receipt; the sweeper takes it up.
"""

import asyncio
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from lethe.core import callbacks
from lethe.core.context import Context
from lethe.core.receipts.issue import prove
from lethe.core.tasks import end_badly, revoke_ingestions
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import LetheError, NotFound
from lethe.domain.records import Callback, Step, TaskFailure, TaskKind, TaskStatus
from lethe.store import blob_removals, contents, erasures, idempotency, nodes, outbox, tasks
from lethe.store.database import Connection
from lethe.store.idempotency import Claim
from lethe.store.jobs import REMOVE

NOT_THERE = "Document not found in collection"
_FILES_AT_ONCE = 16
OVERTAKEN = "The document was deleted while it was being ingested."


async def erase(ctx: Context, *, company_id: str, collection: str, artifact: str, by: str) -> UUID:
    """Erase a document for good; when this returns, its text, chunks, vectors and file are gone.

    Args:
        by: who asks for it, for the receipt: the prefix of a token, or `operator`.

    Returns:
        The id of the receipt. It is written by now, unless a file of the document was just being stored.

    Raises:
        NotFound: there is no such document, and no ingestion of it under way.
    """
    # Not waited for on disk: the commit that removes the rows comes behind it in the log, and is.
    async with ctx.db.transaction(company_id, durable=False, by_keys=True) as conn:
        receipt_id, node_id = await _hide(
            conn, company_id=company_id, collection=collection, artifact=artifact, by=by
        )
        if node_id is None:
            raise NotFound(NOT_THERE)
    checkpoint("erase_after_hide_before_remove")
    await remove(ctx, company_id=company_id, node_ids=[node_id])
    return receipt_id


async def request_erasure(
    ctx: Context,
    *,
    company_id: str,
    collection: str,
    artifact: str,
    callback: Callback | None,
    by: str,
    claim: Claim | None = None,
) -> UUID:
    """Make a document invisible now and have it removed by a task, whose id is returned.

    Args:
        claim: that of the request. What an earlier attempt has made of it is returned again.

    Invariant: invisibility, revoked ingestions, the task, its job and the events are one transaction. A
    document that is not there gives a task that has failed.
    """
    if claim is not None and claim.task_id is not None:
        return claim.task_id
    task_id = uuid4()
    async with ctx.db.transaction(company_id, by_keys=True) as conn:
        receipt_id, node_id = await _hide(
            conn, company_id=company_id, collection=collection, artifact=artifact, by=by
        )
        await tasks.insert(
            conn,
            company_id=company_id,
            id=task_id,
            kind=TaskKind.DELETE,
            node_id=node_id,
            generation=None,
            callback=callback,
            receipt_id=receipt_id if node_id else None,
        )
        if claim is not None:
            await idempotency.bind(conn, claim=claim, task_id=task_id)
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


async def run(ctx: Context, *, company_id: str, task_id: UUID) -> None:
    """The work of a deletion's task. May be run twice, or again after a crash at any point."""
    async with ctx.db.transaction(company_id, durable=False) as conn:
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
        await remove(ctx, company_id=company_id, node_ids=[subject.node_id])
    checkpoint("erasure_after_removal_before_task_end")
    async with ctx.db.transaction(company_id) as conn:
        if await tasks.finish(conn, company_id=company_id, id=task_id, status=TaskStatus.SUCCESS):
            await callbacks.tell_done(
                conn, company_id=company_id, task_id=task_id, kind=TaskKind.DELETE, data=None
            )


async def remove(ctx: Context, *, company_id: str, node_ids: Sequence[str]) -> None:
    """Remove all that is stored of deleted documents: rows in one transaction, then their files.

    Invariant: the keys of the files are in `blob_removal` from the moment the rows are gone until the files
    are, so a crash leaves nothing that nobody knows of.
    """
    async with ctx.db.transaction(company_id, by_keys=True) as conn, conn.pipeline():
        await contents.remove_documents(conn, company_id=company_id, node_ids=node_ids)
        await tasks.forget_results(conn, company_id=company_id, node_ids=node_ids)
        await outbox.forget_data(conn, company_id=company_id, node_ids=node_ids)
        await nodes.remove_deleted(conn, company_id=company_id, node_ids=node_ids)
        await idempotency.forget(conn, company_id=company_id, node_ids=node_ids)
        keys, erasure_ids = await erasures.to_finish(conn, company_id=company_id, node_ids=node_ids)
    checkpoint("remove_after_rows_before_files")
    await remove_files(ctx, company_id=company_id, keys=keys, erasure_ids=erasure_ids)


async def remove_files(
    ctx: Context, *, company_id: str, keys: Sequence[str], erasure_ids: Iterable[UUID] = ()
) -> None:
    """Delete files whose rows are gone, see that they are gone, and forget their keys.

    Args:
        erasure_ids: erasures that may be complete with this, besides those of the files.

    Invariant: the receipt of an erasure is written in the transaction that forgets its last file, or later.
    """
    gate = asyncio.Semaphore(_FILES_AT_ONCE)

    async def delete(key: str) -> None:
        async with gate:
            await ctx.blobs.delete(key)
            if await ctx.blobs.exists(key):
                raise LetheError(f"The blob store still has {key} after its deletion.")

    await asyncio.gather(*(delete(key) for key in keys))
    checkpoint("remove_after_files_before_keys_forgotten")
    key = await ctx.keys.in_use()
    async with ctx.db.transaction(company_id, by_keys=True) as conn:
        waiting = await blob_removals.forget(conn, company_id=company_id, keys=keys)
        await prove(conn, key, company_id=company_id, erasure_ids={*waiting, *erasure_ids})


async def prove_open(ctx: Context, *, company_id: str, seconds: float) -> None:
    """Write the receipts that are due: of erasures at least `seconds` old of which nothing is left."""
    key = await ctx.keys.in_use()
    async with ctx.db.transaction(company_id) as conn:
        for id in await erasures.open_ones(conn, company_id=company_id, seconds=seconds):
            await prove(conn, key, company_id=company_id, erasure_ids=[id])


async def _hide(
    conn: Connection, *, company_id: str, collection: str, artifact: str, by: str
) -> tuple[UUID, str | None]:
    """The id of the receipt to come, and the node's, which is None when there is no such document."""
    receipt_id = uuid4()
    node_id = await nodes.hide(
        conn, company_id=company_id, collection=collection, artifact=artifact, erasure_id=receipt_id, by=by
    )
    if node_id is not None:
        await revoke_ingestions(conn, company_id=company_id, node_id=node_id, why=OVERTAKEN)
    return receipt_id, node_id
