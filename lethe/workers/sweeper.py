"""Runs the sweeper: every few seconds it resumes work that a crash or an outage interrupted."""

import asyncio
import time

from lethe.core.context import Context
from lethe.core.upkeep import recovery
from lethe.workers.guarded import guarded

_NAME = "the sweeper"

INTERVAL_SECONDS = 2.0

PURGE_SECONDS = 4.0
"""Purging may be slow: nodes are due after a minute, missing receipts after some seconds."""

FORGET_SECONDS = 10.0
"""Records kept for days need no exact end."""

LOOKING_SHARE = 0.1
"""The largest share of time spent looking through all companies; with thousands of them, the interval grows."""


async def run_sweeper(ctx: Context) -> None:
    """Sweep until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_sweep(ctx))
        group.create_task(_purge(ctx))
        group.create_task(_forget(ctx))


async def _sweep(ctx: Context) -> None:
    while True:
        for part in (recovery.requeue_jobs, recovery.remove_due_files):
            await guarded(_NAME, part(ctx))
        await asyncio.sleep(INTERVAL_SECONDS)


async def _forget(ctx: Context) -> None:
    while True:
        more = await guarded(_NAME, recovery.forget_old(ctx))
        await asyncio.sleep(INTERVAL_SECONDS if more else FORGET_SECONDS)


async def _purge(ctx: Context) -> None:
    while True:
        start = time.monotonic()
        work = await guarded(_NAME, recovery.overdue_work(ctx))
        looked = time.monotonic() - start
        for of_company in work or ():
            await guarded(_NAME, recovery.purge(ctx, of_company))
        await asyncio.sleep(max(PURGE_SECONDS, looked / LOOKING_SHARE))
