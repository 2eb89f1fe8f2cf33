"""Deletes all documents that match a filter, in one commit: to the trash or for good."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import cast
from uuid import UUID, uuid4

from lethe.core.context import Context
from lethe.core.deletion import erasure
from lethe.core.queue import callbacks
from lethe.core.queue.tasks import queue
from lethe.core.receipts.receipt import canonical
from lethe.core.webhooks import events
from lethe.domain.errors import NotFound
from lethe.domain.ids import given_uuid, object_id
from lethe.domain.jobs import REMOVE_MANY
from lethe.domain.records.idempotency import Claim
from lethe.domain.records.queries import DocumentFilter
from lethe.domain.records.tasks import DeletionResult, Step, Task, TaskFailure, TaskKind, TaskStatus
from lethe.store.database.transactions import Tx
from lethe.store.erasure import by_filter, erasures
from lethe.store.erasure.by_filter import Preview
from lethe.store.queue import attempts, idempotency, tasks
from lethe.store.tree import nodes, trash

NOT_THERE = "There is no deletion with this id."
_BATCH = 200
"""Documents removed per transaction."""


class DeletionMode(StrEnum):
    """Whether the documents go to the trash or are erased."""

    TRASH = "trash"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Requested:
    """A deletion that has begun. `receipt_id` is the id that its receipt will have; None for the trash.

    `in_trash`: how many matching documents were already in the trash, where they stay; None if not counted.
    """

    task_id: UUID
    documents: int
    in_trash: int | None
    receipt_id: UUID | None


async def preview(ctx: Context, wanted: DocumentFilter, *, company_id: str, limit: int) -> Preview:
    """How many documents match, and a sample of them by title. Changes nothing."""
    return await by_filter.preview(ctx.db, company_id=company_id, wanted=wanted, limit=limit)


async def request(
    ctx: Context,
    wanted: DocumentFilter,
    *,
    company_id: str,
    mode: DeletionMode,
    by: str,
    claim: Claim | None = None,
) -> Requested:
    """Hide all matching documents now, and queue a task to do the rest.

    Args:
        by: who asked, for the receipt.
        claim: the request's Idempotency-Key; if an earlier attempt began a deletion, that one is returned.

    Invariant: hiding, revoking ingestions with their events, the erasure, the task and its job are one transaction.
    Its number of statements does not depend on the number of documents.
    """
    if claim is not None and claim.task_id is not None:
        return await _requested_before(ctx, company_id=company_id, task_id=claim.task_id)
    task_id = uuid4()
    receipt_id = uuid4() if mode is DeletionMode.ERASE else None
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        in_trash = await by_filter.count_in_trash(tx, wanted=wanted)
        ids = await by_filter.hide(
            tx,
            wanted=wanted,
            deletion_id=task_id,
            erasure_id=receipt_id,
            retention_days=ctx.retention_days,
            by=by,
        )
        if receipt_id is not None and ids:
            await erasures.begin(
                tx, id=receipt_id, kind="filter", subject_id=object_id(), name=_as_text(wanted), by=by
            )
        await _revoke_ingestions(tx, wanted, deletion_id=task_id)
        if receipt_id is None and ids:
            await events.tell_trashed(tx, node_ids=ids)
        requested = Requested(task_id, len(ids), in_trash, receipt_id if ids else None)
        await queue(
            ctx,
            tx,
            job=REMOVE_MANY,
            id=task_id,
            kind=TaskKind.FILTER,
            node_id=None,
            receipt_id=requested.receipt_id,
            result={"mode": mode, "documents": requested.documents, "in_trash": in_trash},
        )
        await idempotency.bind(tx, claim=claim, task_id=task_id)
    return requested


async def _requested_before(ctx: Context, *, company_id: str, task_id: UUID) -> Requested:
    """The deletion that an earlier attempt at the same request began."""
    task = await find(ctx, company_id=company_id, task_id=str(task_id))
    result = result_of(task)
    return Requested(task.id, result["documents"], result.get("in_trash"), task.receipt_id)


async def _revoke_ingestions(tx: Tx, wanted: DocumentFilter, *, deletion_id: UUID) -> None:
    """Revoke the hidden documents' ingestions. If a whole collection is deleted, forget its failed ones as well."""
    revoked = await trash.revoke_ingestions_of(tx, deletion_id=deletion_id, error=erasure.OVERTAKEN)
    await callbacks.tell_revoked(tx, revoked=revoked, error=erasure.OVERTAKEN)
    if wanted.collection and not wanted.node_ids and not wanted.metadata:
        failed = await attempts.in_collection(tx, collection=wanted.collection)
        if failed:
            await erasure.forget_told(tx, node_ids=failed)


async def find(ctx: Context, *, company_id: str, task_id: str) -> Task:
    """The task of a deletion. Raises NotFound."""
    id = given_uuid(task_id, missing=NOT_THERE)
    task = await tasks.find(ctx.db, company_id=company_id, id=id, kind=TaskKind.FILTER)
    if task is None:
        raise NotFound(NOT_THERE)
    return task


def result_of(task: Task) -> DeletionResult:
    """The mode and the numbers of documents of a deletion's task."""
    return cast("DeletionResult", task.result)


async def run(ctx: Context, *, company_id: str, task_id: UUID) -> None:
    """Do the work of a deletion task. Safe to run twice and after a crash at any point.

    Invariant: a batch is one transaction. Finished work is either not found again, or repeating it has no effect.
    """
    task = await tasks.find(ctx.db, company_id=company_id, id=task_id, kind=TaskKind.FILTER)
    async with ctx.db.transaction(company_id, durable=False) as tx:
        if task is None or not await tasks.start(tx, ids=[task_id]):
            return
    total, done, after = result_of(task)["documents"], 0, ""
    files_left = 0
    while True:
        ids, left = await _batch(ctx, company_id, task, after)
        if not ids:
            break
        files_left += left
        done, after = done + len(ids), ids[-1]
        async with ctx.db.transaction(company_id, durable=False) as tx:
            await tasks.note_progress(
                tx,
                id=task_id,
                step=Step.REMOVAL,
                percentage=min(99, 100 * done // max(1, total)),
            )
    async with ctx.db.transaction(company_id) as tx:
        if files_left:
            await tasks.finish(
                tx,
                id=task_id,
                status=TaskStatus.FAILURE,
                failure=TaskFailure.UNAVAILABLE,
                error=erasure.FILE_LEFT,
            )
        else:
            await tasks.finish(tx, id=task_id, status=TaskStatus.SUCCESS)


async def _batch(ctx: Context, company_id: str, task: Task, after: str) -> tuple[list[str], int]:
    """Remove the next documents; returns their ids, and how many of their files could not be removed."""
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        ids = await by_filter.next_ones(tx, deletion_id=task.id, after=after, limit=_BATCH)
        mode = result_of(task)["mode"]
        if ids and mode == DeletionMode.TRASH:
            await trash.take_out(tx, node_ids=ids)
    left = 0
    if ids and mode == DeletionMode.ERASE:
        left = await erasure.remove(ctx, company_id=company_id, node_ids=ids)
    return ids, left


def _as_text(wanted: DocumentFilter) -> str:
    return canonical({**asdict(wanted), "metadata": [asdict(c) for c in wanted.metadata]}).decode()
