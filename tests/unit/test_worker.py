"""A worker is whole: none of its parts is missing while it says that it is alive."""

import asyncio

import pytest

from lethe.workers.run import until_the_worker_ends


async def test_a_part_that_somebody_else_cancelled_ends_the_worker() -> None:
    async def part() -> None:
        waited_for = asyncio.get_running_loop().create_future()
        waited_for.cancel()
        await waited_for

    with pytest.raises(RuntimeError, match="relay has ended"):
        await until_the_worker_ends("relay", part())


async def test_a_worker_that_is_told_to_end_ends_without_an_error() -> None:
    running = asyncio.create_task(until_the_worker_ends("relay", asyncio.sleep(60)))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
