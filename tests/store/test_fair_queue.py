"""Whose job a worker takes next."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from lethe.adapters.fetch import Fetched
from lethe.core.context import Context
from lethe.core.ingestion import work
from lethe.core.ingestion.submit import Request, Uri, submit
from lethe.domain.jobs import BACKGROUND, FETCH, INGEST, SYNCHRONOUS
from lethe.store.queue.fair_queue import RESERVE_OF
from lethe.store.queue.jobs import Jobs
from tests.store.conftest import COMPANY

A, B, C = ("a" * 24, "b" * 24, "c" * 24)


async def queue(ctx: Context, company: str, count: int = 1, priority: int = BACKGROUND) -> None:
    """Queue ingestions of a company."""
    async with ctx.db.transaction(company) as tx, tx.pipeline():
        for _ in range(count):
            await ctx.jobs.defer(tx, INGEST, task_id=uuid4(), priority=priority)


class Taker:
    """Takes jobs as a worker does."""

    def __init__(self, jobs: Jobs, worker_id: int, queue: str) -> None:
        self._jobs = jobs
        self._queue = queue
        self.worker_id = worker_id

    async def take(self, count: int) -> str:
        """The companies, by their letters, of the next jobs; '-' for none."""
        taken = [await self._jobs.fair.fetch_job([self._queue], self.worker_id) for _ in range(count)]
        return "".join(str(job.task_kwargs["company_id"])[0] if job else "-" for job in taken)

    async def end(self, letters: str) -> None:
        """End one job of each of these companies."""
        for letter in letters:
            await self._jobs.app.connector.execute_query_async(
                "DELETE FROM procrastinate_jobs WHERE id = (SELECT min(id) FROM procrastinate_jobs"
                " WHERE status = 'doing' AND args ->> 'company_id' = %(company)s)",
                company=letter * 24,
            )


async def taker(ctx: Context, *, reserve: bool = False) -> Taker:
    """A worker; with `reserve` one for companies that have nothing under way."""
    queue = f"{RESERVE_OF}{INGEST}" if reserve else INGEST
    return Taker(ctx.jobs, await ctx.jobs.fair.register_worker(), queue)


async def jobs_of(ctx: Context, name: str) -> Sequence[int]:
    """The priorities of the waiting jobs of this name."""
    rows = await ctx.jobs.app.connector.execute_query_all_async(
        "SELECT priority FROM procrastinate_jobs WHERE task_name = %(name)s AND status = 'todo'", name=name
    )
    return [row["priority"] for row in rows]


async def test_thousands_of_one_company_delay_another_by_the_jobs_under_way_alone(ctx: Context) -> None:
    await queue(ctx, A, 1_000)
    worker = await taker(ctx)
    assert await worker.take(3) == "aaa"
    await queue(ctx, B, 2)
    await queue(ctx, C)
    assert await worker.take(4) == "bcba"
    await worker.end("bc")
    await queue(ctx, C)
    assert await worker.take(2) == "ca"


async def test_with_one_slot_companies_take_turns(ctx: Context) -> None:
    worker = await taker(ctx)
    await queue(ctx, A, 5)
    await queue(ctx, B, 2)
    order = ""
    for _ in range(7):
        order += await worker.take(1)
        await worker.end(order[-1])
    assert order == "ababaaa"
    assert await worker.take(1) == "-"


async def test_of_a_companys_jobs_the_one_that_is_waited_for_is_first(ctx: Context) -> None:
    await queue(ctx, A, 2)
    await queue(ctx, B)
    await queue(ctx, B, priority=SYNCHRONOUS)
    worker = await taker(ctx)
    assert await worker.take(1) == "b"
    assert await jobs_of(ctx, INGEST) == [BACKGROUND] * 3


async def test_the_reserve_is_for_companies_that_have_nothing_under_way(ctx: Context) -> None:
    worker, reserve = await taker(ctx), await taker(ctx, reserve=True)
    await queue(ctx, A, 10)
    assert await reserve.take(1) == "-"
    assert await worker.take(2) == "aa"
    assert await reserve.take(1) == "-"
    await queue(ctx, B, 2)
    assert await reserve.take(2) == "b-"


async def test_workers_at_once_take_different_jobs(ctx: Context) -> None:
    await queue(ctx, A, 6)
    workers = [await taker(ctx) for _ in range(3)]
    assert await asyncio.gather(*(worker.take(2) for worker in workers)) == ["aa"] * 3


async def test_an_address_is_fetched_in_a_queue_of_its_own_and_the_rest_is_queued_once(
    ctx: Context,
) -> None:
    async def fetch(_uri: str, target: Path) -> Fetched:
        target.write_text("text")
        return Fetched("a.md", "text/markdown", 4)

    request = Request("c", "a", {}, None, Uri("https://example.com/a.md"))
    made = await submit(ctx, request, company_id=COMPANY, callback=None, waiting=True)
    assert made.task_id is not None
    assert await jobs_of(ctx, FETCH) == [SYNCHRONOUS]
    assert await jobs_of(ctx, INGEST) == []
    ctx = replace(ctx, fetch=fetch)
    for _ in range(2):  # as after a crash before the job's end
        await work.fetch(ctx, company_id=COMPANY, task_id=made.task_id, priority=SYNCHRONOUS)
    assert await jobs_of(ctx, INGEST) == [SYNCHRONOUS]
