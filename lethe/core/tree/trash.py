"""The trash: deleting, restoring and erasing subtrees.

1. `delete` is one transaction, whatever the size. Once it commits, the subtree is invisible, and its open ingestions
   are revoked. Text and originals are kept.
2. `unindex`, run by a worker, removes its chunks from the indexes, and its names and metadata from waiting events.
3. `restore` makes everything deleted together visible again; a worker (core/ingestion/reindex.py) rebuilds the chunks
   from the stored text. Otherwise the sweeper erases everything when its retention time is over, or `erase` at once.
"""

from uuid import UUID, uuid4

from lethe.core import cursors
from lethe.core.context import Context
from lethe.core.deletion import erasure
from lethe.core.queue import callbacks
from lethe.core.queue.tasks import queue
from lethe.core.receipts.issue import prove
from lethe.core.tree import bounds
from lethe.core.tree.nodes import NOT_THERE, parent_place, require_room
from lethe.core.webhooks import events
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import Conflict, NotFound
from lethe.domain.jobs import INGEST, REINDEX, UNINDEX
from lethe.domain.records.bounds import whole
from lethe.domain.records.tasks import TaskKind, TaskStatus
from lethe.domain.records.tree import Node, TrashEntry
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.erasure import erasures
from lethe.store.queue import idempotency, tasks
from lethe.store.tree import life, nodes, reshaping, trash
from lethe.store.tree.trash import Trashed

NOT_IN_TRASH = "There is no node with this id in the trash."
_UNINDEX_BATCH = 100
"""Documents removed from the indexes in one transaction, under the tree lock."""


async def delete(ctx: Context, *, company_id: str, node_id: str, by: str) -> None:
    """Move a node and everything below it to the trash. `by` is who asked, for the later receipt.

    Invariant: hiding, revoking ingestions with their events, the task and its job are one transaction. Its number of
    statements does not depend on the size of the subtree.

    Raises:
        NotFound: there is no such node, or it is already in the trash.
    """
    async with ctx.db.pipelined(company_id) as tx:
        await nodes.lock(tx)
        place = await nodes.place(tx, node_id=node_id)
        if place is None:
            raise NotFound(NOT_THERE)
        await life.trash_subtree(
            tx,
            node_id=node_id,
            path=place.path,
            retention_days=ctx.retention_days,
            by=by,
        )
        revoked = await trash.revoke_ingestions(tx, path=place.path, error=erasure.OVERTAKEN)
        await queue(ctx, tx, job=UNINDEX, kind=TaskKind.TRASH, node_id=node_id)
        if told := await revoked():
            await callbacks.tell_revoked(tx, revoked=told, error=erasure.OVERTAKEN)
        await events.tell_trashed(tx, node_ids=[node_id])
        checkpoint("trash_before_commit")
    checkpoint("trash_after_commit")


async def unindex(db: Database, *, company_id: str, task_id: UUID) -> None:
    """Remove what a deletion moved to the trash from the indexes. Safe to run twice and after a crash."""
    async with db.transaction(company_id, durable=False) as tx:
        if not await tasks.start(tx, ids=[task_id]):
            return
        subject = await tasks.subject(tx, id=task_id)
    after: str | None = ""
    while subject is not None and after is not None:
        async with db.transaction(company_id) as tx:
            await nodes.lock(tx)
            after = await trash.unindex(tx, node_id=subject.node_id, after=after, limit=_UNINDEX_BATCH)
        checkpoint("unindex_between_batches")
    async with db.transaction(company_id) as tx:
        await tasks.finish(tx, id=task_id, status=TaskStatus.SUCCESS)


async def show(
    ctx: Context, *, company_id: str, cursor: str | None, limit: int
) -> tuple[list[TrashEntry], str | None]:
    """What is in the trash, latest deletion first, and the cursor of the next page if any.

    There is one entry per deletion that has not been restored. Raises InvalidRequest for an invalid cursor.
    """
    after = cursors.decode(cursor) if cursor else None
    found = await trash.page(ctx.db, company_id=company_id, after=after, limit=limit + 1)
    return cursors.page(found, limit, lambda last: cursors.encode(last.deleted_at, last.id))


async def entry(ctx: Context, *, company_id: str, node_id: str) -> TrashEntry:
    """What one deletion moved to the trash. Raises NotFound."""
    found = await trash.entry(ctx.db, company_id=company_id, node_id=node_id)
    if found is None:
        raise NotFound(NOT_IN_TRASH)
    return found


async def restore(
    ctx: Context,
    *,
    company_id: str,
    node_id: str,
    title: str | None = None,
    move: bool = False,
    parent_id: str | None = None,
) -> Node:
    """Restore a node and everything below it that was deleted with it, in the old order.

    Args:
        title: a new title for the node.
        move: restore into the folder `parent_id` (None: the root) instead of the original place.

    Invariant: visibility, the tasks and their jobs are one transaction.

    Raises:
        NotFound: the node is not in the trash, or the target folder does not exist.
        Conflict: the original folder is deleted, or the name is taken; the message says what to do.
    """
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        found = await trash.find(tx, node_id=node_id)
        if found is None:
            raise NotFound(NOT_IN_TRASH)
        if move:
            await _move(tx, found, parent_id=parent_id)
        elif not found.parent_live:
            raise Conflict(
                "The folder that contained it is deleted: restore that folder, or give another one as parent_id "
                "(--parent)."
            )
        if title is not None and title != found.title:
            await reshaping.rename(tx, node_id=node_id, title=title)
        await _revive(tx, found)
        await _resume(ctx, tx, node_id)
        await events.tell_restored(tx, node_id=node_id)
        node = await nodes.get(tx, node_id=node_id)
        checkpoint("restore_before_commit")
    checkpoint("restore_after_commit")
    return node


async def _move(tx: Tx, found: Trashed, *, parent_id: str | None) -> None:
    """Move a trashed subtree to the folder that it will be restored into."""
    bounds.require_change(tx, path=found.path)
    parent = await parent_place(tx, parent_id=parent_id)
    await require_room(tx, path=found.path, parent=parent)
    await reshaping.move(tx, node_id=found.id, path=found.path, title=found.title, parent=parent)


async def _revive(tx: Tx, found: Trashed) -> None:
    """Make a trashed subtree visible. Raises Conflict, with what to do, if a name is taken."""
    try:
        await life.revive(tx, node_id=found.id, deleted_with=found.deleted_with)
    except Conflict as exc:
        other = "title (--title) or parent_id (--parent)"
        if found.kind == "document":  # its artifact is taken, and a new title does not change that
            other = "parent_id (--parent)"
        raise Conflict(f"{exc} To restore it, give another {other}.") from exc


async def _resume(ctx: Context, tx: Tx, node_id: str) -> None:
    """Queue the ingestions that the deletion interrupted, and the rebuilding of the chunks that it removed."""
    kept = await trash.kept_ingestions(tx, node_id=node_id)
    async with tx.pipeline():
        for old, document_id, generation in kept:
            new = await queue(
                ctx, tx, job=INGEST, kind=TaskKind.INGEST, node_id=document_id, generation=generation
            )
            await trash.hand_on_ingestion(tx, old=old, new=new)
        await _queue_reindex(ctx, tx, node_id)


async def erase(ctx: Context, *, company_id: str, node_id: str, by: str) -> UUID:
    """Erase a trashed node and everything below it: when this returns, rows and files are gone.

    Args:
        by: who asked, for the receipt: the prefix of a token, or `operator`.

    Returns:
        The id of the receipt, which is already written unless a file was being stored at that moment.

    Raises NotFound if the node is not in the trash, BeyondBounds if the caller may only read it.
    """
    receipt_id = uuid4()
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        found = await trash.find(tx, node_id=node_id)
        if found is None:
            raise NotFound(NOT_IN_TRASH)
        await bounds.go_on_below(tx, path=found.path)
        await erasures.begin_of_trashed(tx, id=receipt_id, node_id=node_id, by=by)
        documents = await life.end_retention(
            tx, node_id=node_id, path=found.path, erasure_id=receipt_id, at_once=True
        )
    checkpoint("trash_erase_after_condemn_before_remove")
    await erasure.remove_many(ctx, company_id=whole(company_id), node_ids=documents)
    await remove_folders(ctx, company_id=whole(company_id))
    return receipt_id


async def schedule_due_erasures(ctx: Context, *, company_id: str, limit: int) -> int:
    """Begin the erasure of up to `limit` deletions whose retention time is over; returns how many.

    Invariant: each deletion belongs to at most one erasure, and from then on it cannot be restored.
    """
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        due = await erasures.due_without_one(tx, limit=limit)
        for node_id, path in due:
            erasure_id = uuid4()
            await erasures.begin_of_trashed(tx, id=erasure_id, node_id=node_id, by=None)
            await life.end_retention(tx, node_id=node_id, path=path, erasure_id=erasure_id, at_once=False)
    return len(due)


async def remove_folders(ctx: Context, *, company_id: str) -> None:
    """Remove empty folders whose retention time is over.

    Invariant: the receipt of an erasure that waited only for these folders is written in the same transaction.
    """
    key = await ctx.keys.in_use()
    async with ctx.db.transaction(company_id) as tx:
        await nodes.lock(tx)
        gone, erasure_ids = await trash.remove_folders(tx)
        await idempotency.forget(tx, node_ids=gone)
        await prove(tx, key, erasure_ids=erasure_ids)


async def index_left_out(ctx: Context, *, company_id: str) -> None:
    """Queue the indexing of live documents that no task will index, for example after a failed ingestion."""
    async with ctx.db.transaction(company_id) as tx, tx.pipeline():
        await _queue_reindex(ctx, tx, None)


async def _queue_reindex(ctx: Context, tx: Tx, node_id: str | None) -> None:
    await queue(ctx, tx, job=REINDEX, kind=TaskKind.RESTORE, node_id=node_id)
