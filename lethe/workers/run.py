"""A worker process: jobs, relay, sweeper, reconciler, upkeep and a heartbeat, side by side."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from uuid import UUID, uuid4

import structlog

from lethe.adapters.amqp import Publisher
from lethe.core.context import Context
from lethe.core.ingestion.work import IngestDependencies
from lethe.core.upkeep import readiness
from lethe.domain.errors import Unavailable
from lethe.workers.jobs import register, run_worker
from lethe.workers.reconciler import run_reconciler
from lethe.workers.relay import run_relay
from lethe.workers.search_upkeep import run_index_upkeep, run_search_upkeep
from lethe.workers.sweeper import run_sweeper

log = structlog.get_logger()

ALIVE_SECONDS = 1.0
"""How often a worker says that it is alive; the API believes it for a few of these intervals."""


async def run(
    ctx: Context, deps: IngestDependencies, publisher: Publisher | None, *, concurrency: int
) -> None:
    """Work until cancelled; then what runs is finished or given back within about 10 s."""
    id = uuid4()
    register(ctx, deps)
    parts = {
        "alive": _say_alive(ctx, id),
        "sweeper": run_sweeper(ctx),
        "reconciler": run_reconciler(ctx),
        "search upkeep": run_search_upkeep(ctx.db),
        "index upkeep": run_index_upkeep(ctx.db),
        "jobs": run_worker(ctx, concurrency=concurrency),
    }
    if publisher is not None:
        parts["relay"] = run_relay(ctx.db, ctx.signals, publisher)
    async with asyncio.TaskGroup() as group:
        for name, part in parts.items():
            group.create_task(until_the_worker_ends(name, part), name=name)


async def until_the_worker_ends(name: str, part: Awaitable[None]) -> None:
    """Run a part of a worker. If it ends by itself, the worker ends too, and is restarted whole.

    A task group alone would not notice a part that ends because a library cancelled what it waits for.
    """
    try:
        await part
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
    raise RuntimeError(f"{name} has ended")


async def _say_alive(ctx: Context, id: UUID) -> None:
    try:
        while True:
            with suppress(Unavailable):
                await readiness.say_alive(ctx.db, worker_id=id)
            await asyncio.sleep(ALIVE_SECONDS)
    finally:
        with suppress(Unavailable):
            await readiness.say_gone(ctx.db, worker_id=id)
