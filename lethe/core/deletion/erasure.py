"""Erases documents for good, rows and files. The trash (core/tree/trash.py) ends here too.

1. `life.erase_artifacts`, in the request's transaction, marks the document deleted and raises its generation; its open
   ingestions are revoked. From this commit on nothing returns the document and nothing can store it.
2. `remove`, at once or by a worker, removes rows, then files, then writes the receipt. Each step is safe to repeat.
   A process killed in between leaves a deleted node that is due (`purge_at`), a key in `blob_removal`, or an `erasure`
   without a receipt; the sweeper continues from there.
"""

import asyncio
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

import structlog

from lethe.core.context import Context
from lethe.core.queue import callbacks
from lethe.core.queue.tasks import end_badly, queue, revoke_ingestions
from lethe.core.receipts.issue import prove
from lethe.core.tree import bounds
from lethe.domain import faults
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import LetheError, NotFound, Unavailable
from lethe.domain.jobs import REMOVE
from lethe.domain.records.bounds import whole
from lethe.domain.records.idempotency import Claim
from lethe.domain.records.tasks import Callback, Step, TaskFailure, TaskKind, TaskStatus
from lethe.store.database.transactions import Tx
from lethe.store.erasure import blob_removals, contents, erasures
from lethe.store.queue import attempts, batches, idempotency, outbox, tasks
from lethe.store.tree import artifacts, life

log = structlog.get_logger()

NOT_THERE = "Document not found in collection"
_FILES_AT_ONCE = 16
_REMOVED_AT_ONCE = 500
_HIDDEN_AT_ONCE = 100
"""How many documents `erase_all` hides and removes together."""
_FIRST_RETRY_SECONDS, _MOST_RETRY_SECONDS = 5, 600
FILE_LEFT = (
    "The document is no longer visible, but its stored file cannot be removed right now. The removal is retried until "
    "it succeeds; the receipt follows. Operators can see the file with 'lethe doctor'."
)
OVERTAKEN = "The document was deleted while it was being ingested."


async def erase(ctx: Context, *, company_id: str, collection: str, artifact: str, by: str) -> UUID:
    """Erase a document for good; when this returns, its text, chunks, vectors and file are gone.

    Args:
        by: who asked, for the receipt: the prefix of a token, or `operator`.

    Returns:
        The id of the receipt, which is already written unless a file of the document was being stored at that moment.

    Raises:
        NotFound: there is no such document, and no ingestion of it under way.
        BeyondBounds: the caller may only read the collection.
        Unavailable: the document can no longer be read, but its file cannot be removed yet.
    """
    (receipt_id,) = await erase_all(
        ctx, company_id=company_id, collection=collection, artifacts=[artifact], by=by
    )
    if receipt_id is None:
        raise NotFound(NOT_THERE)
    return receipt_id


async def erase_all(
    ctx: Context, *, company_id: str, collection: str, artifacts: Sequence[str], by: str
) -> list[UUID | None]:
    """Like `erase`, for several documents, in groups of _HIDDEN_AT_ONCE.

    Returns:
        The ids of their receipts in the order of `artifacts`; None where there was no such document.

    Invariant: a group is hidden in one transaction, nodes before the tasks of their ingestions.
    """
    receipts: dict[str, UUID] = {}
    left = 0
    names = sorted(artifacts)
    for start in range(0, len(names), _HIDDEN_AT_ONCE):
        # Durable: from this commit on, others are told that the documents do not exist.
        async with ctx.db.transaction(company_id, by_keys=True) as tx:
            if not await bounds.go_on_in(tx, collection=collection):
                break
            found, node_ids = await _hide(
                tx, collection=collection, artifacts=names[start : start + _HIDDEN_AT_ONCE], by=by
            )
        checkpoint("erase_after_hide_before_remove")
        if node_ids:
            left += await remove(ctx, company_id=whole(company_id), node_ids=node_ids)
        receipts |= found
    if left:
        raise Unavailable(FILE_LEFT)
    return [receipts.get(artifact) for artifact in artifacts]


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
    """Hide a document now, and queue a task that removes it; returns the task's id.

    Args:
        claim: the request's Idempotency-Key; if an earlier attempt created a task, that one is returned.

    Invariant: hiding, revoking ingestions, the task, its job and the events are one transaction. If there is no such
    document, the task is created as failed.
    """
    if claim is not None and claim.task_id is not None:
        return claim.task_id
    async with ctx.db.transaction(company_id, by_keys=True) as tx:
        receipts, node_ids = dict[str, UUID](), list[str]()
        if await bounds.go_on_in(tx, collection=collection):
            receipts, node_ids = await _hide(tx, collection=collection, artifacts=[artifact], by=by)
        task_id = await queue(
            ctx,
            tx,
            job=REMOVE if node_ids else None,
            kind=TaskKind.DELETE,
            node_id=next(iter(node_ids), None),
            callback=callback,
            receipt_id=receipts.get(artifact),
        )
        await idempotency.bind(tx, claim=claim, task_id=task_id)
        if not node_ids:
            await end_badly(
                tx,
                task_id=task_id,
                kind=TaskKind.DELETE,
                failure=TaskFailure.NOT_FOUND,
                error=NOT_THERE,
            )
        checkpoint("erasure_request_before_commit")
    checkpoint("erasure_request_after_commit")
    return task_id


async def run(ctx: Context, *, company_id: str, task_id: UUID) -> None:
    """Do the work of a deletion task. Safe to run twice and after a crash at any point."""
    async with ctx.db.transaction(company_id, durable=False) as tx:
        if not await tasks.start(tx, ids=[task_id]):
            return
        subject = await tasks.subject(tx, id=task_id)
        if await tasks.note_progress(tx, id=task_id, step=Step.REMOVAL, percentage=None):
            await callbacks.tell_progress(
                tx,
                task_id=task_id,
                kind=TaskKind.DELETE,
                step=Step.REMOVAL,
                percentage=None,
            )
    files_left = 0
    if subject is not None:
        files_left = await remove(ctx, company_id=company_id, node_ids=[subject.node_id])
    checkpoint("erasure_after_removal_before_task_end")
    async with ctx.db.transaction(company_id) as tx:
        if files_left:
            await end_badly(
                tx,
                task_id=task_id,
                kind=TaskKind.DELETE,
                failure=TaskFailure.UNAVAILABLE,
                error=FILE_LEFT,
            )
            return
        if await tasks.finish(tx, id=task_id, status=TaskStatus.SUCCESS):
            await callbacks.tell_done(tx, task_id=task_id, kind=TaskKind.DELETE, data=None)


async def remove(ctx: Context, *, company_id: str, node_ids: Sequence[str]) -> int:
    """Remove everything stored of deleted documents: their rows in one transaction, then their files.

    Returns how many files could not be removed; see `remove_files`.

    Invariant: from the removal of the rows to that of the files, `blob_removal` has the files' keys, so a crash leaves
    no unknown files. The removal of rows need not be durable: rows that a crash of PostgreSQL brings back are hidden
    and due, and the receipt's commit follows in the write-ahead log.
    """
    async with (
        ctx.db.transaction(company_id, durable=False, by_keys=True, unhurried=True) as tx,
        tx.pipeline(),
    ):
        failed = await attempts.named_before(tx, node_ids=node_ids)
        await contents.remove_documents(tx, node_ids=node_ids)
        await artifacts.remove_deleted(tx, node_ids=node_ids)
        await forget_told(tx, node_ids=[*node_ids, *failed])
        keys, erasure_ids = await erasures.to_finish(tx, node_ids=node_ids)
    checkpoint("remove_after_rows_before_files")
    return await remove_files(ctx, company_id=company_id, keys=keys, erasure_ids=erasure_ids)


async def remove_many(ctx: Context, *, company_id: str, node_ids: Sequence[str]) -> None:
    """Like `remove`, for any number of documents, in groups. Files that cannot be removed are retried later."""
    for start in range(0, len(node_ids), _REMOVED_AT_ONCE):
        await remove(ctx, company_id=company_id, node_ids=node_ids[start : start + _REMOVED_AT_ONCE])


async def remove_files(
    ctx: Context, *, company_id: str, keys: Sequence[str], erasure_ids: Iterable[UUID] = ()
) -> int:
    """Delete files whose rows are gone, check that they are gone, and forget their keys.

    Args:
        erasure_ids: erasures that this may complete, besides those that the files belong to.

    Returns:
        How many files could not be removed. Each is retried separately with growing pauses, and delays only the
        receipt of its own erasure.

    Invariant: the receipt of an erasure is written in the transaction that forgets its last file, or later.
    """
    gate = asyncio.Semaphore(_FILES_AT_ONCE)

    async def is_gone(key: str) -> bool:
        async with gate:
            try:
                await ctx.blobs.delete(key)
                reason = "it still exists after its deletion" if await ctx.blobs.exists(key) else None
            except LetheError as exc:
                reason = str(exc)
            except OSError as exc:
                reason = str(faults.redacted_os_error(exc))
        if reason is not None:
            log.warning("cannot remove a file", company_id=company_id, key=key, reason=reason)
        return reason is None

    gone = dict(zip(keys, await asyncio.gather(*map(is_gone, keys)), strict=True))
    left = [key for key in keys if not gone[key]]
    checkpoint("remove_after_files_before_keys_forgotten")
    key = await ctx.keys.in_use()
    async with ctx.db.transaction(company_id, by_keys=True) as tx:
        removed = [key for key in keys if gone[key]]
        waiting = await blob_removals.forget(tx, keys=removed)
        if left:
            await blob_removals.put_off(
                tx,
                keys=left,
                first_seconds=_FIRST_RETRY_SECONDS,
                most_seconds=_MOST_RETRY_SECONDS,
            )
        await prove(tx, key, erasure_ids={*waiting, *erasure_ids})
    return len(left)


async def prove_open(ctx: Context, *, company_id: str, seconds: float) -> None:
    """Write the missing receipts of erasures that are at least `seconds` old and have nothing left to remove."""
    key = await ctx.keys.in_use()
    async with ctx.db.transaction(company_id) as tx:
        for id in await erasures.open_ones(tx, seconds=seconds):
            await prove(tx, key, erasure_ids=[id])


async def _hide(
    tx: Tx, *, collection: str, artifacts: Sequence[str], by: str
) -> tuple[dict[str, UUID], list[str]]:
    """Hide the documents that exist; returns the ids that their receipts will have, by name, and their node ids.

    Failed attempts to ingest them are erased as well, since their error messages name their files.
    """
    hidden = await life.erase_artifacts(
        tx, collection=collection, erasures={artifact: uuid4() for artifact in artifacts}, by=by
    )
    receipts = {one.artifact: one.erasure_id for one in hidden}
    node_ids = [one.node_id for one in hidden]
    await revoke_ingestions(tx, node_ids=node_ids, why=OVERTAKEN)
    failed = await attempts.named(tx, collection=collection, artifacts=artifacts)
    for artifact, attempted in failed.items():
        id = receipts.setdefault(artifact, uuid4())
        await erasures.take_attempts(
            tx, id=id, node_ids=attempted, collection=collection, artifact=artifact, by=by
        )
        await forget_told(tx, node_ids=attempted)
        node_ids += attempted
    return receipts, node_ids


async def forget_told(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Forget what was reported about these nodes: results and errors of ingestions, names in batches, waiting events,
    stored answers."""
    await tasks.forget_results(tx, node_ids=node_ids)
    await batches.forget_names(tx, node_ids=node_ids)
    await outbox.forget_data(tx, node_ids=node_ids)
    await idempotency.forget(tx, node_ids=node_ids)
