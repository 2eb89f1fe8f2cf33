"""Runs the reconciler: in one worker at a time, some minutes after the last round."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from lethe.core.context import Context
from lethe.core.upkeep import reconciliation
from lethe.core.upkeep.reconciliation import REPAIRABLE
from lethe.domain.errors import LetheError
from lethe.workers.guarded import guarded

log = structlog.get_logger()

ASK_SECONDS = 10.0
LEASE_SECONDS = 120.0
"""How long until another worker may take over the round of a worker that died."""

INTERVAL_SECONDS = 300.0
"""The interval between rounds."""
SOON_SECONDS = 60.0
"""The interval after a round that found something new, which the next round repairs."""
LONGEST_SHARE = 0.05
"""The largest share of time spent on rounds; in large installations the intervals grow."""


async def run_reconciler(ctx: Context) -> None:
    """Run rounds until cancelled; while the database is unavailable, try again."""
    while True:
        if await guarded("the reconciler", reconciliation.claim_round(ctx, seconds=LEASE_SECONDS)):
            await guarded("the reconciler", run_round(ctx))
        await asyncio.sleep(ASK_SECONDS)


async def run_round(ctx: Context) -> None:
    """Run one round. Repairs the repairable kinds that the previous round also found, and then counts again."""
    before = await reconciliation.last_round(ctx)
    seen = {kind for kind, n in before.counts.items() if n} if before else set()
    async with _kept(ctx):
        result = await reconciliation.look(ctx, repair=REPAIRABLE & seen)
        repaired = {kind.value: result.counts[kind] for kind in REPAIRABLE & seen if result.counts[kind]}
        if repaired:
            log.warning("repaired orphans", **repaired)
            result = await reconciliation.look(ctx)
    if result.found:
        log.warning(
            "found orphans: run 'lethe doctor' for details",
            **{kind.value: n for kind, n in result.counts.items() if n},
        )
    await reconciliation.record(ctx, result)
    new = any(result.counts[kind] for kind in REPAIRABLE - seen)
    pause = SOON_SECONDS if new else INTERVAL_SECONDS
    await reconciliation.put_off_round(ctx, seconds=max(pause, result.seconds / LONGEST_SHARE))


@asynccontextmanager
async def _kept(ctx: Context) -> AsyncIterator[None]:
    """Renew the lease of the round while the block runs."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 4)
            with suppress(LetheError):
                await reconciliation.put_off_round(ctx, seconds=LEASE_SECONDS)

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
