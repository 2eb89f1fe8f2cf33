"""Wakes the parts of a worker for which something waits."""

from lethe.core.context import Context
from lethe.domain.jobs import QUEUES
from lethe.store.queue import waiting
from lethe.store.queue.fair_queue import RESERVE_OF
from lethe.store.queue.signals import JOB_QUEUED


async def wake(ctx: Context) -> None:
    """Wake the loops that have work, found by one query. Each takes its work in its own transaction, unless another
    worker was faster.

    A reserve is woken here alone, not by each new job: it has something to do only when others are busy.
    """
    async with ctx.db.system(durable=False) as conn:
        found = await waiting.channels(conn)
    reserves = {f"{JOB_QUEUED}{queue}": f"{JOB_QUEUED}{RESERVE_OF}{queue}" for queue in QUEUES}
    for channel in found:
        ctx.signals.wake(channel)
        if channel in reserves:
            ctx.signals.wake(reserves[channel])
