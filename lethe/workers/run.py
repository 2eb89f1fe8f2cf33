"""A worker process: jobs, relay, webhooks, sweeper, reconciler, upkeep and a pulse, concurrently."""

import asyncio
from collections.abc import Awaitable

import structlog

from lethe.adapters.amqp import Publisher
from lethe.core.context import Context
from lethe.core.ingestion.work import IngestDependencies
from lethe.core.webhooks.sending import Patience, Post
from lethe.workers.in_hand import InHand
from lethe.workers.jobs import register, run_worker
from lethe.workers.pulse import run_pulse
from lethe.workers.reconciler import run_reconciler
from lethe.workers.relay import run_relay
from lethe.workers.search_upkeep import run_index_upkeep, run_search_upkeep, run_statistics_upkeep
from lethe.workers.sweeper import run_sweeper
from lethe.workers.webhooks import run_webhooks

log = structlog.get_logger()


async def run(
    ctx: Context,
    deps: IngestDependencies,
    publisher: Publisher | None,
    post: Post,
    patience: Patience,
    *,
    concurrency: int,
) -> None:
    """Work until cancelled; running jobs are then finished or given back within about 10 s."""
    register(ctx, deps)
    in_hand = InHand()
    parts = {
        "pulse": run_pulse(ctx, in_hand),
        "sweeper": run_sweeper(ctx),
        "reconciler": run_reconciler(ctx),
        "search upkeep": run_search_upkeep(ctx.db),
        "index upkeep": run_index_upkeep(ctx.db),
        "statistics upkeep": run_statistics_upkeep(ctx.db),
        "jobs": run_worker(ctx, in_hand, concurrency=concurrency),
        "webhooks": run_webhooks(ctx, post, patience),
    }
    if publisher is not None:
        parts["relay"] = run_relay(ctx.db, ctx.signals, publisher)
    async with asyncio.TaskGroup() as group:
        for name, part in parts.items():
            group.create_task(until_the_worker_ends(name, part), name=name)


async def until_the_worker_ends(name: str, part: Awaitable[None]) -> None:
    """Run a part of a worker. If it ends by itself, raise, so that the whole worker ends and is restarted.

    A task group alone would not notice if a library cancelled what the part waits for.
    """
    try:
        await part
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
    raise RuntimeError(f"{name} has ended")
