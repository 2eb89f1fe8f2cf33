"""The sweeper: takes up, now and then, what a killed process or an outage left lying."""

import asyncio

import structlog
from procrastinate.exceptions import ConnectorException

from lethe.core import deletion, trash
from lethe.core.context import Context
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import LetheError
from lethe.domain.records import SYSTEM
from lethe.store import access, blob_removals, nodes, reindexing, tasks
from lethe.store import jobs as job_store
from lethe.store import trash as trash_store
from lethe.store.jobs import INGEST, REINDEX, REMOVE, UNINDEX
from lethe.workers.jobs import STALLED_SECONDS

log = structlog.get_logger()

INTERVAL_SECONDS = 2.0
TASKS_KEPT_DAYS = 30
"""For so long a task can be asked for after its end."""

_BATCH = 500
_AGAIN_MINUTES = 10
"""After this time a live document that could not be put into the indexes is tried again."""

_JOBS = {"ingest": INGEST, "delete": REMOVE, "trash": UNINDEX, "restore": REINDEX}
"""The job that does a task's work, by the task's kind."""


async def run_sweeper(ctx: Context) -> None:
    """Sweep every few seconds until cancelled."""
    while True:
        try:
            await sweep(ctx)
        except (LetheError, ConnectorException) as exc:
            log.warning("the sweeper cannot work", reason=str(exc))
        await asyncio.sleep(INTERVAL_SECONDS)


async def sweep(ctx: Context) -> None:
    """One round. Each part is safe to repeat and safe beside another sweeper."""
    await ctx.jobs.requeue_stalled(seconds=STALLED_SECONDS)
    await _requeue_lost(ctx)
    await _remove_files(ctx)
    async with ctx.db.transaction(SYSTEM) as conn:
        companies = await access.company_ids(conn)
        await tasks.delete_ended(conn, days=TASKS_KEPT_DAYS)
    for company_id in companies:
        await _purge(ctx, company_id)


async def _requeue_lost(ctx: Context) -> None:
    """Give a job to open tasks that have none."""
    async with ctx.db.transaction(SYSTEM) as conn:
        for company_id, task_id, kind in await job_store.without_job(conn, minutes=1, limit=_BATCH):
            name = _JOBS[kind]
            await ctx.jobs.defer(conn, name, company_id=company_id, task_id=task_id)


async def _remove_files(ctx: Context) -> None:
    async with ctx.db.transaction(SYSTEM) as conn:
        due = await blob_removals.due(conn, limit=_BATCH)
    for company_id in {company for company, _ in due}:
        keys = [key for company, key in due if company == company_id]
        checkpoint("sweeper_before_files")
        await deletion.remove_files(ctx.db, ctx.blobs, company_id=company_id, keys=keys)


async def _purge(ctx: Context, company_id: str) -> None:
    async with ctx.db.transaction(company_id) as conn:
        await nodes.remove_empty_pending_roots(conn, company_id=company_id)
        overdue = await nodes.to_purge(conn, company_id=company_id, limit=_BATCH)
        folders = await trash_store.has_due_folders(conn, company_id=company_id)
        left_out = await reindexing.has_left_out(conn, company_id=company_id, minutes=_AGAIN_MINUTES)
    if overdue:
        checkpoint("sweeper_before_purge")
        await deletion.remove(ctx.db, ctx.blobs, company_id=company_id, node_ids=overdue)
    if folders:
        await trash.remove_folders(ctx.db, company_id=company_id)
    if left_out:
        await trash.index_left_out(ctx, company_id=company_id)
