"""The reconciler finds inconsistencies, counts them by kind, and repairs those that are safe to repair.

core/upkeep/recovery.py handles the known leftovers of crashes within seconds. The reconciler trusts nothing: it
compares the tables with each other and with the blob store, and so finds what a bug in Lethe, a restored backup or a
manual change of the database has left. docs/operations.md explains each kind.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from lethe.core.context import Context
from lethe.core.deletion import erasure
from lethe.core.tree import trash
from lethe.core.upkeep import recovery
from lethe.domain.errors import LetheError
from lethe.domain.records.access import SYSTEM
from lethe.domain.records.orphans import FACTS, Counts, Orphan, ReconciliationReport
from lethe.store import access
from lethe.store.database.connections import Connection
from lethe.store.database.transactions import Tx
from lethe.store.erasure import blob_removals
from lethe.store.queue import jobs, outbox
from lethe.store.upkeep import orphans, reconciliation

log = structlog.get_logger()

LATE_MINUTES = 15
"""Work that is normally picked up within seconds counts as stuck after this time."""

_DEAD_SECONDS = 30.0
"""Jobs of a worker silent for longer count as abandoned; see also recovery.STALLED_SECONDS."""
_DOCUMENTS = 500
"""Documents whose content is checked in one statement."""
_STATEMENT_SECONDS = 60
_LOCK_SECONDS = 5
_OPEN_SECONDS = 60
_STUBBORN_NAMED = 10
"""How many of the files that could not be removed are reported by name."""
_NAMES = 500
"""Rows whose files are checked at a time."""

_CONTENT = frozenset({Orphan.CHUNK_WITHOUT_DOCUMENT, Orphan.TEXT_WITHOUT_DOCUMENT})
_CHUNKS = frozenset({Orphan.CHUNK_MISSING, Orphan.CHUNK_UNEVEN})
_JOBS = frozenset({Orphan.TASK_WITHOUT_JOB, Orphan.JOB_WITHOUT_WORKER})

REPAIRABLE = frozenset(kind for kind in Orphan if FACTS[kind].repairable)


async def look(ctx: Context, *, repair: Collection[Orphan] = ()) -> ReconciliationReport:
    """Check everything, company by company.

    Args:
        repair: kinds to repair where found. The returned counts are those before the repair.

    Nothing is locked for longer than a batch, and work under way is never counted. A company that cannot be checked,
    for example because a statement took too long, is skipped and counted as skipped.

    Raises:
        Unavailable: the database or the blob store is down.
    """
    start = time.monotonic()
    await ctx.blobs.ready()
    found: Counter[Orphan] = Counter(dict.fromkeys(Orphan, 0))
    skipped = 0
    async with ctx.db.system() as conn:
        await _bound(conn)
        left_open = await reconciliation.long_transactions(conn, seconds=_OPEN_SECONDS)
        companies = await access.company_ids(conn)
        found.update(await _system(conn))
        stubborn = await blob_removals.stubborn(conn, limit=_STUBBORN_NAMED)
    for company_id in companies:
        try:
            counts = await _company(ctx, company_id)
            await _repair(ctx, company_id, {kind for kind in repair if counts.get(kind)})
        except LetheError as exc:
            skipped += 1
            log.warning("the reconciler skips a company", company_id=company_id, reason=str(exc))
            async with _bounded(ctx, SYSTEM):  # raises if the database is down for all companies
                pass
        else:
            found.update(counts)
    await _repair_system(ctx, {kind for kind in repair if found[kind]})
    return ReconciliationReport(
        found, skipped, time.monotonic() - start, datetime.now(UTC), stubborn, left_open
    )


async def record(ctx: Context, result: ReconciliationReport) -> None:
    """Store what a round found, for /metrics and the next round."""
    async with ctx.db.system() as conn:
        await reconciliation.record(
            conn, counts=result.counts, skipped=result.skipped, seconds=result.seconds
        )


async def claim_round(ctx: Context, *, seconds: float) -> bool:
    """Claim the due round for `seconds` or until it is put off. False if no round is due or another process has it."""
    async with ctx.db.system() as conn:
        return await reconciliation.claim(conn, seconds=seconds)


async def put_off_round(ctx: Context, *, seconds: float) -> None:
    """Make the next round due in `seconds`, because this one is still under way or has ended."""
    async with ctx.db.system() as conn:
        await reconciliation.set_due(conn, seconds=seconds)


async def last_round(ctx: Context) -> ReconciliationReport | None:
    """What the last round found; None before the first one."""
    async with ctx.db.system() as conn:
        return await reconciliation.last_round(conn)


async def _system(conn: Connection) -> Counts:
    tasks, stray = await jobs.count_lost(conn, minutes=recovery.LOST_MINUTES, silent_seconds=_DEAD_SECONDS)
    return {
        Orphan.TASK_WITHOUT_JOB: tasks,
        Orphan.JOB_WITHOUT_WORKER: stray,
        Orphan.EVENT_NOT_SENT: await outbox.count_late(conn, minutes=LATE_MINUTES),
        Orphan.FILE_NOT_REMOVED: await blob_removals.count_overdue(conn, minutes=LATE_MINUTES),
    }


async def _company(ctx: Context, company_id: str) -> Counter[Orphan]:
    async with _bounded(ctx, company_id) as tx:
        found = Counter(await orphans.count_nodes(tx, minutes=LATE_MINUTES))
    async for after, upto in _windows(ctx, company_id):
        async with _bounded(ctx, company_id) as tx:
            found.update(await orphans.count_content(tx, after=after, upto=upto))
    async for keys in _unnamed_files(ctx, company_id):
        found[Orphan.FILE_WITHOUT_ROW] += len(keys)
    found[Orphan.ROW_WITHOUT_FILE] = await _missing_files(ctx, company_id)
    return found


async def _windows(ctx: Context, company_id: str) -> AsyncIterator[tuple[str, str]]:
    """A company's node ids as intervals, each with a bounded number of documents."""
    after = ""
    while after != orphans.LAST:
        async with _bounded(ctx, company_id) as tx:
            upto = await orphans.window_end(tx, after=after, documents=_DOCUMENTS)
        yield after, upto
        after = upto


async def _unnamed_files(ctx: Context, company_id: str) -> AsyncIterator[list[str]]:
    """Keys of files that no row names. Lists files, looks up rows, then checks the files again: see `unnamed_of`."""
    async for keys in ctx.blobs.keys(company_id):
        async with _bounded(ctx, company_id) as tx:
            unnamed = await blob_removals.unnamed_of(tx, keys=keys)
        if still := [key for key in unnamed if await ctx.blobs.holds(key)]:
            yield still


async def _missing_files(ctx: Context, company_id: str) -> int:
    """How many rows name a missing file. Rows are checked twice, since a deletion removes both."""
    count, after = 0, ""
    while True:
        async with _bounded(ctx, company_id) as tx:
            keys = await blob_removals.named(tx, after=after, limit=_NAMES)
        if not keys:
            return count
        if missing := await ctx.blobs.missing(keys):
            async with _bounded(ctx, company_id) as tx:
                count += len(await blob_removals.named_of(tx, keys=missing))
        after = keys[-1]


async def _repair(ctx: Context, company_id: str, kinds: set[Orphan]) -> None:
    """Repair what was found for a company. Each step is a transaction of its own, so this may be interrupted."""
    if kinds & (_CONTENT | _CHUNKS):
        await _repair_content(ctx, company_id, kinds)
    if kinds & (_CHUNKS | {Orphan.DOCUMENT_NOT_INDEXED}):
        await trash.index_left_out(ctx, company_id=company_id)
    if Orphan.WORK_WITHOUT_TASK in kinds:
        async with _bounded(ctx, company_id) as tx:
            await orphans.remove_ended_work(tx)
    if Orphan.NODE_PENDING in kinds:
        async with _bounded(ctx, company_id) as tx:
            await orphans.remove_pending(tx)
    if kinds & {Orphan.NODE_PENDING, Orphan.NODE_NOT_PURGED}:
        for work in await recovery.overdue_work(ctx, company_id=company_id):
            while await recovery.purge(ctx, work):
                pass
    if Orphan.ERASURE_NOT_PROVED in kinds:
        await erasure.prove_open(ctx, company_id=company_id, seconds=60 * LATE_MINUTES)
    if Orphan.FILE_WITHOUT_ROW in kinds:
        await _remove_unnamed_files(ctx, company_id)


async def _repair_content(ctx: Context, company_id: str, kinds: set[Orphan]) -> None:
    async for after, upto in _windows(ctx, company_id):
        window = {"after": after, "upto": upto}
        async with _bounded(ctx, company_id) as tx:
            if kinds & _CONTENT:
                await orphans.remove_strays(tx, **window)
            if kinds & _CHUNKS:
                await orphans.take_out_broken(tx, **window)


async def _remove_unnamed_files(ctx: Context, company_id: str) -> None:
    async for keys in _unnamed_files(ctx, company_id):
        async with _bounded(ctx, company_id) as tx:
            await blob_removals.schedule(tx, keys=keys)
        await erasure.remove_files(ctx, company_id=company_id, keys=keys)


async def _repair_system(ctx: Context, kinds: set[Orphan]) -> None:
    if kinds & _JOBS:
        async with ctx.db.system() as conn:
            await _bound(conn)
            await jobs.remove_untaken(conn)
        await recovery.requeue_jobs(ctx)
    if Orphan.FILE_NOT_REMOVED in kinds:
        while await recovery.remove_due_files(ctx):
            pass


@asynccontextmanager
async def _bounded(ctx: Context, company_id: str) -> AsyncIterator[Tx]:
    """A transaction with time limits for statements and lock waits."""
    async with ctx.db.transaction(company_id) as tx:
        await _bound(tx.conn)
        yield tx


async def _bound(conn: Connection) -> None:
    await reconciliation.bound(conn, statement_seconds=_STATEMENT_SECONDS, lock_seconds=_LOCK_SECONDS)
