"""Runs the sweeper: every few seconds it resumes work that a crash or an outage interrupted."""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

import structlog
from procrastinate.exceptions import ConnectorException

from lethe.core.context import Context
from lethe.core.upkeep import recovery
from lethe.domain.errors import LetheError

log = structlog.get_logger()

T = TypeVar("T")

INTERVAL_SECONDS = 2.0

LOOKING_SHARE = 0.1
"""The largest share of time spent looking through all companies: with thousands the interval grows."""


async def run_sweeper(ctx: Context) -> None:
    """Sweep until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_sweep(ctx))
        group.create_task(_purge(ctx))


async def _sweep(ctx: Context) -> None:
    while True:
        for part in (recovery.requeue_jobs, recovery.remove_due_files, recovery.forget_old):
            await _guarded(part(ctx))
        await asyncio.sleep(INTERVAL_SECONDS)


async def _purge(ctx: Context) -> None:
    while True:
        start = time.monotonic()
        work = await _guarded(recovery.overdue_work(ctx))
        looked = time.monotonic() - start
        for of_company in work or ():
            await _guarded(recovery.purge(ctx, of_company))
        await asyncio.sleep(max(INTERVAL_SECONDS, looked / LOOKING_SHARE))


async def _guarded(part: Awaitable[T]) -> T | None:
    """The result of a part; None if it fails, so that it stops no other part or company."""
    try:
        return await part
    except (LetheError, ConnectorException) as exc:
        log.warning("the sweeper cannot work", reason=str(exc))
    except Exception:  # the edge of the loop: a fault in one part must not end the worker
        log.exception("a part of the sweeper failed")
    return None
