"""Wakes the parts of a worker for which something waits."""

from lethe.core.context import Context
from lethe.domain.jobs import QUEUES
from lethe.store.queue import waiting
from lethe.store.queue.fair_queue import RESERVE_OF
from lethe.store.queue.signals import JOB_QUEUED


async def wake(ctx: Context) -> None:
    """Look once for all of them. Each takes what waits for it in a transaction of its own, if nobody else does first.

    A reserve is woken by this look alone, not by each job: it has something to do only when others are busy.
    """
    async with ctx.db.system(durable=False) as conn:
        found = await waiting.channels(conn)
    reserves = {f"{JOB_QUEUED}{queue}": f"{JOB_QUEUED}{RESERVE_OF}{queue}" for queue in QUEUES}
    for channel in found:
        ctx.signals.wake(channel)
        if channel in reserves:
            ctx.signals.wake(reserves[channel])
