"""What waits for a worker is found by a look too, as notifications may be lost; here nobody hears any."""

import asyncio
from uuid import uuid4

import pytest
from procrastinate.jobs import Notification

from lethe.core.context import Context
from lethe.core.queue import waiting
from lethe.core.upkeep import readiness
from lethe.core.upkeep.recovery import STALLED_SECONDS
from lethe.domain.jobs import FETCH, INGEST, REMOVE
from lethe.store.queue.fair_queue import RESERVE_OF
from tests.store.conftest import COMPANY

RESERVES = [f"{RESERVE_OF}{queue}" for queue in (INGEST, FETCH)]


async def told_of(ctx: Context) -> set[str]:
    """The queues, and reserves of queues, whose workers are told by a look."""
    told: set[str] = set()

    async def listen(queue: str) -> None:
        async def hear(*, channel: str, notification: Notification) -> None:
            told.add(queue)

        await ctx.jobs.fair.listen_for_jobs(on_notification=hear, queues=[queue])

    tasks = [asyncio.create_task(listen(queue)) for queue in (INGEST, FETCH, REMOVE, *RESERVES)]
    await asyncio.sleep(0)  # now all of them listen
    await waiting.wake(ctx)
    for _ in range(3):  # the event is seen, the listener told
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return told


async def run(ctx: Context, statement: str) -> None:
    """Change something of the company."""
    async with ctx.db.transaction(COMPANY) as tx:
        await tx.execute(statement.encode())


async def test_a_job_wakes_its_queue_and_the_reserve_of_it(ctx: Context) -> None:
    async with ctx.db.transaction(COMPANY) as tx:
        await ctx.jobs.defer(tx, INGEST, task_id=uuid4())
    assert await told_of(ctx) == {INGEST, f"{RESERVE_OF}{INGEST}"}


async def test_a_job_wakes_nobody_before_its_time(ctx: Context) -> None:
    async with ctx.db.transaction(COMPANY) as tx:
        await ctx.jobs.defer(tx, INGEST, task_id=uuid4())
        await ctx.jobs.defer(tx, REMOVE, task_id=uuid4())
    await run(
        ctx,
        f"UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day' WHERE queue_name = '{INGEST}'",
    )
    assert await told_of(ctx) == {REMOVE}
    await run(ctx, "UPDATE procrastinate_jobs SET scheduled_at = now()")
    assert await told_of(ctx) == {INGEST, REMOVE, f"{RESERVE_OF}{INGEST}"}


@pytest.mark.parametrize("others", [0, 3])
async def test_all_workers_of_a_process_count_as_alive_by_its_pulse(ctx: Context, others: int) -> None:
    ids = [await ctx.jobs.fair.register_worker() for _ in range(5)]
    for id in ids:
        async with ctx.db.transaction(COMPANY) as tx:
            await ctx.jobs.defer(tx, INGEST, task_id=uuid4())
        assert await ctx.jobs.fair.fetch_job([INGEST], id)
    await run(ctx, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    silent = set(ids[:others])
    await readiness.say_alive(ctx.db, worker_id=uuid4(), takers=set(ids) - silent)
    stalled = await ctx.jobs.fair.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
    assert {job.worker_id for job in stalled} == silent
