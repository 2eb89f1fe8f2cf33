"""Tasks as callers see them: queue, look up, wait for the end, revoke when overtaken."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from lethe.core import cursors
from lethe.core.context import Context
from lethe.core.queue import callbacks
from lethe.domain.errors import NotFound
from lethe.domain.ids import given_uuid
from lethe.domain.jobs import BACKGROUND
from lethe.domain.records.bounds import BoundCompany, whole
from lethe.domain.records.queries import TaskQuery
from lethe.domain.records.tasks import (
    Callback,
    DeletionResult,
    ListedTask,
    Task,
    TaskFailure,
    TaskKind,
    TaskStatus,
)
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.queue import task_list, tasks
from lethe.store.queue.signals import TASK_ENDED, wait_at_most

_LOOK_AGAIN_SECONDS = 2.0
"""How often to poll in case a notification was lost."""

_LOOKED_THROUGH = 1_000
"""How many of a company's tasks are filtered for a token with bounds, at about 20 us each."""

_NOT_THERE = "Task with specified ID not found"


async def queue(
    ctx: Context,
    tx: Tx,
    *,
    job: str | None,
    kind: TaskKind,
    node_id: str | None,
    id: UUID | None = None,
    generation: int | None = None,
    callback: Callback | None = None,
    receipt_id: UUID | None = None,
    result: DeletionResult | None = None,
    priority: int = BACKGROUND,
) -> UUID:
    """Insert a pending task (see `store/queue/tasks.insert`) and the job that does its work; returns the task's id.

    Args:
        job: the kind of job; None if the caller's transaction also ends the task.

    Invariant: task and job are inserted in the caller's transaction, so no task is left without a job.
    """
    task_id = id or uuid4()
    await tasks.insert(
        tx,
        id=task_id,
        kind=kind,
        node_id=node_id,
        generation=generation,
        callback=callback,
        receipt_id=receipt_id,
        result=result,
    )
    if job is not None:
        await ctx.jobs.defer(tx, job, task_id=task_id, priority=priority)
    return task_id


async def find(db: Database, *, company_id: str, task_id: str, kind: TaskKind) -> Task:
    """The company's task of this kind.

    Raises:
        NotFound: the id is malformed, unknown, of another kind of task, or another company's.
    """
    id = given_uuid(task_id, missing=_NOT_THERE)
    task = await tasks.find(db, company_id=company_id, id=id, kind=kind)
    if task is None:
        raise NotFound(_NOT_THERE)
    return task


async def find_listed(db: Database, *, company_id: str, task_id: str) -> ListedTask:
    """The company's task of any kind, as lists show it. Raises NotFound, also for a malformed id."""
    task = await task_list.find(db, company_id=company_id, id=given_uuid(task_id, missing=_NOT_THERE))
    if task is None:
        raise NotFound(_NOT_THERE)
    return task


async def page(
    db: Database, *, company_id: str, wanted: TaskQuery, cursor: str | None, limit: int
) -> tuple[list[ListedTask], str | None]:
    """The company's tasks, newest first, and the cursor of the next page.

    Raises InvalidRequest for an invalid cursor.
    """
    after = cursors.decode_task(cursor) if cursor else None
    if isinstance(company_id, BoundCompany):
        found = await _page_within(db, company_id, wanted, after, limit + 1)
    else:
        found = await task_list.page(db, company_id=company_id, wanted=wanted, after=after, limit=limit + 1)
    return cursors.page(found, limit, lambda last: cursors.encode(last.created_at, str(last.id)))


async def _page_within(
    db: Database, company_id: BoundCompany, wanted: TaskQuery, after: task_list.Place | None, limit: int
) -> list[ListedTask]:
    """A page of the tasks that a token with bounds may see.

    Filters the company's next tasks. If that does not fill the page, the rest is found from the token's own tasks and
    nodes. So the time does not depend on other callers' tasks, and is short for a token that sees most of them.
    """
    last = await task_list.place(db, company_id=whole(company_id), after=after, number=_LOOKED_THROUGH)
    found = await task_list.page(db, company_id=company_id, wanted=wanted, after=after, to=last, limit=limit)
    if last is None or len(found) == limit:
        return found
    rest = limit - len(found)
    return found + await task_list.page_within(
        db, company_id=company_id, wanted=wanted, after=last, limit=rest
    )


async def end(db: Database, *, company_id: str, task_id: UUID) -> TaskStatus | None:
    """How an ingestion task has ended; a task that is gone counts as revoked. None while it is open."""
    task = await tasks.find(db, company_id=company_id, id=task_id, kind=TaskKind.INGEST)
    if task is None:
        return TaskStatus.REVOKED
    return None if task.status.is_open else task.status


async def wait(ctx: Context, *, company_id: str, task_id: UUID, kind: TaskKind) -> Task:
    """Wait for a task to end, without a time limit; cancel to stop waiting."""
    ended = asyncio.Event()
    async with ctx.signals.watch(TASK_ENDED, str(task_id), ended.set):
        while True:
            task = await find(ctx.db, company_id=company_id, task_id=str(task_id), kind=kind)
            if not task.status.is_open:
                return task
            await wait_at_most(_LOOK_AGAIN_SECONDS, ended)
            ended.clear()


async def revoke_ingestions(tx: Tx, *, node_ids: Sequence[str], why: str) -> None:
    """End the nodes' open ingestions as revoked, each with an error event.

    Invariant: runs in the transaction that raised the nodes' generations, so that a revoked ingestion cannot
    store anything, wherever it is running.
    """
    for task_id in await tasks.open_ingestions(tx, node_ids=node_ids):
        await end_badly(
            tx,
            task_id=task_id,
            kind=TaskKind.INGEST,
            failure=TaskFailure.REVOKED,
            error=why,
        )


async def end_badly(tx: Tx, *, task_id: UUID, kind: TaskKind, failure: TaskFailure, error: str) -> bool:
    """End a task as failed or revoked, with its error event. False if it had already ended.

    Invariant: status and event are written in one transaction.
    """
    status = TaskStatus.REVOKED if failure is TaskFailure.REVOKED else TaskStatus.FAILURE
    ended = await tasks.finish(tx, id=task_id, status=status, failure=failure, error=error)
    if ended:
        await callbacks.tell_error(tx, task_id=task_id, kind=kind, error=error)
    return ended
