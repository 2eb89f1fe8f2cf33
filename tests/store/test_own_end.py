"""A worker may be told that a task has ended before the commit by which it ended it returns."""

import asyncio
from uuid import UUID

from lethe.core.context import Context
from lethe.core.ingestion.submit import Request, Uri, submit
from lethe.workers import jobs
from tests.store.conftest import COMPANY
from tests.store.test_two_workers import Worker


async def test_a_worker_is_not_revoked_by_its_own_end(ctx: Context) -> None:
    request = Request("c", "a", {}, None, Uri("https://example.com/a.md"))
    made = await submit(ctx, request, company_id=COMPANY, callback=None, waiting=False)
    assert made.task_id is not None

    async def doing(*, company_id: str, task_id: UUID) -> None:
        assert company_id == COMPANY
        await Worker(ctx, "The stone.", task_id).end()
        await asyncio.sleep(1)  # it is told meanwhile

    async with ctx.signals.listening():
        assert await jobs.run_ingestion(ctx, doing, COMPANY, made.task_id, attempt=1)
