"""Tasks as their callers see them: queue one, look one up, wait for its end, revoke what is overtaken."""

import asyncio
from uuid import UUID

from lethe.core import callbacks, cursors
from lethe.core.context import Context
from lethe.domain.errors import NotFound
from lethe.domain.jobs import BACKGROUND
from lethe.domain.queries import TaskQuery
from lethe.domain.records import Json
from lethe.domain.tasks import Callback, ListedTask, Task, TaskFailure, TaskKind, TaskStatus
from lethe.store.database import Database
from lethe.store.transactions import Tx
from lethe.store.work import tasks
from lethe.store.work.signals import TASK_ENDED

_LOOK_AGAIN_SECONDS = 2.0
"""How long to trust that no notification was lost."""

_OPEN = (TaskStatus.PENDING, TaskStatus.STARTED)


async def queue(
    ctx: Context,
    tx: Tx,
    *,
    job: str,
    id: UUID,
    kind: TaskKind,
    node_id: str | None,
    generation: int | None = None,
    callback: Callback | None = None,
    receipt_id: UUID | None = None,
    result: Json = None,
    priority: int = BACKGROUND,
) -> None:
    """A pending task (see `store/work/tasks.insert`) with the job that works for it.

    Invariant: both are in the caller's transaction, so there is no task that nobody takes up.
    """
    await tasks.insert(
        tx,
        id=id,
        kind=kind,
        node_id=node_id,
        generation=generation,
        callback=callback,
        receipt_id=receipt_id,
        result=result,
    )
    await ctx.jobs.defer(tx, job, task_id=id, priority=priority)


async def find(db: Database, *, company_id: str, task_id: str, kind: TaskKind) -> Task:
    """The company's task of this kind.

    Raises:
        NotFound: there is none: unknown, of the other kind, of another company, or no task id at all.
    """
    try:
        task = await tasks.find(db, company_id=company_id, id=UUID(task_id), kind=kind)
    except ValueError:
        task = None
    if task is None:
        raise NotFound("Task with specified ID not found")
    return task


async def page(
    db: Database, *, company_id: str, wanted: TaskQuery, cursor: str | None, limit: int
) -> tuple[list[ListedTask], str | None]:
    """The company's tasks, the newest first, and the cursor of the next page.

    Raises InvalidRequest for a cursor that this server did not give.
    """
    after = cursors.decode_task(cursor) if cursor else None
    found = await tasks.page(db, company_id=company_id, wanted=wanted, after=after, limit=limit + 1)
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], cursors.encode(last.created_at, str(last.id))


async def is_open(db: Database, *, company_id: str, task_id: UUID) -> bool:
    """True while the ingestion's task has not ended."""
    task = await tasks.find(db, company_id=company_id, id=task_id, kind=TaskKind.INGEST)
    return task is not None and task.status in _OPEN


async def wait(ctx: Context, *, company_id: str, task_id: UUID, kind: TaskKind) -> Task:
    """The task once it has ended. Waits as long as it takes; cancel it to stop waiting."""
    ended = asyncio.Event()
    async with ctx.signals.watch(TASK_ENDED, str(task_id), ended.set):
        while True:
            task = await find(ctx.db, company_id=company_id, task_id=str(task_id), kind=kind)
            if task.status not in _OPEN:
                return task
            try:
                await asyncio.wait_for(ended.wait(), _LOOK_AGAIN_SECONDS)
            except TimeoutError:
                continue
            ended.clear()


async def revoke_ingestions(tx: Tx, *, node_id: str, why: str) -> None:
    """End the node's open ingestions as revoked, each with its error event.

    Invariant: this is in the transaction that raised the node's generation, so that a revoked ingestion can
    store nothing, wherever it runs.
    """
    for task_id in await tasks.open_ingestions(tx, node_id=node_id):
        await end_badly(
            tx,
            task_id=task_id,
            kind=TaskKind.INGEST,
            failure=TaskFailure.REVOKED,
            error=why,
        )


async def end_badly(tx: Tx, *, task_id: UUID, kind: TaskKind, failure: TaskFailure, error: str) -> bool:
    """End a task as failed or revoked, with its error event. False when it had ended before.

    Invariant: state and event are one transaction.
    """
    status = TaskStatus.REVOKED if failure is TaskFailure.REVOKED else TaskStatus.FAILURE
    ended = await tasks.finish(tx, id=task_id, status=status, failure=failure, error=error)
    if ended:
        await callbacks.tell_error(tx, task_id=task_id, kind=kind, error=error)
    return ended
