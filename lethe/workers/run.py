"""A worker process: jobs, relay, sweeper, reconciler, upkeep and a sign of life, side by side."""

import asyncio
from contextlib import suppress
from uuid import UUID, uuid4

import structlog

from lethe.adapters.amqp import Publisher
from lethe.core.context import Context
from lethe.core.ingestion.work import Workshop
from lethe.domain.errors import Unavailable
from lethe.domain.records import SYSTEM
from lethe.store import installation
from lethe.workers.jobs import register, run_worker
from lethe.workers.reconciler import run_reconciler
from lethe.workers.relay import run_relay
from lethe.workers.search_upkeep import run_index_upkeep, run_search_upkeep
from lethe.workers.sweeper import run_sweeper

log = structlog.get_logger()

ALIVE_SECONDS = 1.0
"""How often a worker says that it is alive; the API believes it for a few times as long."""


async def run(ctx: Context, shop: Workshop, publisher: Publisher | None, *, concurrency: int) -> None:
    """Work until cancelled; then what runs is finished or given back within about 10 s."""
    id = uuid4()
    register(ctx, shop)
    async with asyncio.TaskGroup() as group:
        group.create_task(_say_alive(ctx, id), name="alive")
        group.create_task(run_sweeper(ctx), name="sweeper")
        group.create_task(run_reconciler(ctx), name="reconciler")
        group.create_task(run_search_upkeep(ctx.db), name="search upkeep")
        group.create_task(run_index_upkeep(ctx.db), name="index upkeep")
        if publisher is not None:
            group.create_task(run_relay(ctx.db, ctx.signals, publisher), name="relay")
        group.create_task(run_worker(ctx, concurrency=concurrency), name="jobs")


async def _say_alive(ctx: Context, id: UUID) -> None:
    try:
        while True:
            with suppress(Unavailable):
                async with ctx.db.transaction(SYSTEM) as conn:
                    await installation.note_worker(conn, id=id)
            await asyncio.sleep(ALIVE_SECONDS)
    finally:
        with suppress(Unavailable):
            async with ctx.db.transaction(SYSTEM) as conn:
                await installation.forget_worker(conn, id=id)
