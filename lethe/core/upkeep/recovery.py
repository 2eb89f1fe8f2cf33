"""Taking up what a killed process or an outage left lying. Each part is safe to repeat and beside itself."""

import structlog

from lethe.core import trash
from lethe.core.context import Context
from lethe.core.deletion import erasure
from lethe.domain.checkpoints import checkpoint
from lethe.domain.errors import LetheError
from lethe.domain.jobs import INGEST, REINDEX, REMOVE, REMOVE_MANY, UNINDEX
from lethe.store.erasure import blob_removals, pending
from lethe.store.erasure.pending import Overdue
from lethe.store.transactions import Tx
from lethe.store.tree import artifacts
from lethe.store.work import idempotency, jobs, tasks

log = structlog.get_logger()

STALLED_SECONDS = 10.0
"""A worker that has been silent for so long is dead, and its jobs are given to others."""

LOST_MINUTES = 1
"""An open task that is older and has no job has lost it: both are written in one transaction."""

TASKS_KEPT_DAYS = 30
"""For so long a task can be asked for after its end."""

_KEYS_BATCH = 2_000
"""Expired Idempotency-Keys that are removed in one round."""

_BATCH = 500
_PROVED_SECONDS = 5
"""An erasure that has no receipt after this time is looked at: whoever had it in hand may be gone."""

_JOBS = {"ingest": INGEST, "delete": REMOVE, "trash": UNINDEX, "restore": REINDEX, "filter": REMOVE_MANY}
"""The job that does a task's work, by the task's kind."""


async def requeue_jobs(ctx: Context) -> None:
    """Give the jobs of dead workers to others, and a job to open tasks that have none."""
    await ctx.jobs.requeue_stalled(seconds=STALLED_SECONDS)
    async with ctx.db.system() as conn:
        for company_id, task_id, kind in await jobs.without_job(conn, minutes=LOST_MINUTES, limit=_BATCH):
            await ctx.jobs.defer(Tx(conn, company_id), _JOBS[kind], task_id=task_id)


async def forget_old(ctx: Context) -> None:
    """Delete tasks that ended long ago, and Idempotency-Keys whose time is over."""
    async with ctx.db.system() as conn:
        await tasks.delete_ended(conn, days=TASKS_KEPT_DAYS)
        await idempotency.delete_expired(conn, limit=_KEYS_BATCH)


async def remove_due_files(ctx: Context) -> bool:
    """Remove files whose rows are gone; True when there may be more."""
    async with ctx.db.system() as conn:
        due = await blob_removals.due(conn, limit=_BATCH)
    for company_id in {company for company, _ in due}:
        keys = [key for company, key in due if company == company_id]
        checkpoint("sweeper_before_files")
        try:
            await erasure.remove_files(ctx, company_id=company_id, keys=keys)
        except LetheError as exc:  # as of one company's receipts: the others' files must not wait for it
            log.warning("a company's files cannot be removed", company_id=company_id, reason=str(exc))
    return len(due) == _BATCH


async def overdue_work(ctx: Context, *, company_id: str | None = None) -> list[Overdue]:
    """What waits to be purged, at all companies or at one of them: one statement."""
    async with ctx.db.system() as conn:
        return await pending.pending_work(conn, seconds=_PROVED_SECONDS, company_id=company_id)


async def purge(ctx: Context, work: Overdue) -> bool:
    """Erase a company's deleted nodes whose time is over, with their receipts, and its collections that never held
    anything: what waits by `work`.

    True when there may be more.
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
