"""Resumes work after crashes and outages. Each step is idempotent and safe to run concurrently."""

import structlog

from lethe.core.context import Context
from lethe.core.deletion import erasure
from lethe.core.tree import trash
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import LetheError
from lethe.domain.jobs import INGEST, REINDEX, REMOVE, REMOVE_MANY, UNINDEX
from lethe.store.database.transactions import Tx
from lethe.store.erasure import blob_removals, pending
from lethe.store.erasure.pending import Overdue
from lethe.store.queue import idempotency, jobs, tasks
from lethe.store.tree import artifacts
from lethe.store.webhooks import deliveries

log = structlog.get_logger()

STALLED_SECONDS = 10.0
"""A worker silent for this long counts as dead, and its jobs are given to others."""

LOST_MINUTES = 1
"""An open task older than this and without a job has lost its job, since both are written in one transaction."""

TASKS_KEPT_DAYS = 30
"""How long a task can be looked up after its end."""

DELIVERIES_KEPT_DAYS = 30
"""How long a delivery to a webhook can be looked up, and sent again, after its end."""

_DELIVERIES_BATCH = 2_000
_KEYS_BATCH = 2_000
"""Expired Idempotency-Keys removed per round."""

_BATCH = 500
_PROVED_SECONDS = 5
"""An erasure without a receipt after this time is picked up: the process that ran it may be dead."""

_JOBS = {"ingest": INGEST, "delete": REMOVE, "trash": UNINDEX, "restore": REINDEX, "filter": REMOVE_MANY}
"""The job that does a task's work, by the task's kind."""


async def requeue_jobs(ctx: Context) -> None:
    """Requeue the jobs of dead workers, and queue jobs for open tasks that have none."""
    await ctx.jobs.requeue_stalled(seconds=STALLED_SECONDS)
    async with ctx.db.system() as conn:
        for company_id, task_id, kind in await jobs.without_job(conn, minutes=LOST_MINUTES, limit=_BATCH):
            await ctx.jobs.defer(Tx(conn, company_id), _JOBS[kind], task_id=task_id)


async def forget_old(ctx: Context) -> bool:
    """Delete tasks and deliveries that ended long ago, and expired Idempotency-Keys; True if there may be more."""
    async with ctx.db.system() as conn:
        await tasks.delete_ended(conn, days=TASKS_KEPT_DAYS)
        keys = await idempotency.delete_expired(conn, limit=_KEYS_BATCH)
        told = await deliveries.delete_ended(conn, days=DELIVERIES_KEPT_DAYS, limit=_DELIVERIES_BATCH)
    return keys == _KEYS_BATCH or told == _DELIVERIES_BATCH


async def remove_due_files(ctx: Context) -> bool:
    """Remove files whose rows are gone; True if there may be more."""
    async with ctx.db.system() as conn:
        due = await blob_removals.due(conn, limit=_BATCH)
    for company_id in {company for company, _ in due}:
        keys = [key for company, key in due if company == company_id]
        checkpoint("sweeper_before_files")
        try:
            await erasure.remove_files(ctx, company_id=company_id, keys=keys)
        except LetheError as exc:  # for example in its receipts: this must not delay other companies' files
            log.warning("a company's files cannot be removed", company_id=company_id, reason=str(exc))
    return len(due) == _BATCH


async def overdue_work(ctx: Context, *, company_id: str | None = None) -> list[Overdue]:
    """What is waiting to be purged, for all companies or for one, in one statement."""
    async with ctx.db.system() as conn:
        return await pending.pending_work(conn, seconds=_PROVED_SECONDS, company_id=company_id)


async def purge(ctx: Context, work: Overdue) -> bool:
    """Purge what `work` lists for a company: deleted nodes whose retention time is over, with their receipts, and
    collections that never contained anything.

    True if there may be more.
    """
    company_id, condemned, ids = work.company_id, 0, []
    if work.collections:
        async with ctx.db.transaction(company_id) as tx:
            await artifacts.remove_empty_pending_roots(tx)
    if work.deletions:
        condemned = await trash.schedule_due_erasures(ctx, company_id=company_id, limit=_BATCH)
    if work.deletions or work.documents:
        checkpoint("sweeper_before_purge")
        async with ctx.db.transaction(company_id) as tx:
            ids = await artifacts.to_purge(tx, limit=_BATCH)
        await erasure.remove(ctx, company_id=company_id, node_ids=ids)
    if work.deletions or work.folders:
        await trash.remove_folders(ctx, company_id=company_id)
    if work.erasures:
        await erasure.prove_open(ctx, company_id=company_id, seconds=_PROVED_SECONDS)
    return _BATCH in (condemned, len(ids))
