"""The pulse of a worker process: each second it records that it is alive, and looks once for work.

Two loops, since a locked table may hold up the query, and a worker that waits for it is still alive: unless the lock
holds up all connections of the process.
"""

import asyncio
from contextlib import suppress
from uuid import uuid4

from lethe.core.context import Context
from lethe.core.queue import waiting
from lethe.core.upkeep import readiness
from lethe.domain.errors import Unavailable
from lethe.workers.guarded import guarded
from lethe.workers.in_hand import InHand

ALIVE_SECONDS = 1.0
"""The API counts a worker as alive for a few of these."""

LOOK_SECONDS = 1.0
"""How often to look, and so the longest wait of work whose notification was lost."""


async def run_pulse(ctx: Context, in_hand: InHand) -> None:
    """Until cancelled, record that this process is alive, and wake those of its parts that have work."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_say_alive(ctx, in_hand))
        group.create_task(_look(ctx))


async def _say_alive(ctx: Context, in_hand: InHand) -> None:
    id = uuid4()
    try:
        while True:
            with suppress(Unavailable):
                await readiness.say_alive(ctx.db, worker_id=id, takers=in_hand.worker_ids)
            await asyncio.sleep(ALIVE_SECONDS)
    finally:
        with suppress(Unavailable):
            await readiness.say_gone(ctx.db, worker_id=id)


async def _look(ctx: Context) -> None:
    while True:
        await guarded("the look for work", waiting.wake(ctx))
        await asyncio.sleep(LOOK_SECONDS)
