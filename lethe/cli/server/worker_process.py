"""The life of a worker process."""

import asyncio
import os
import sys
from functools import partial

from lethe.adapters.children import Children
from lethe.cli.database import database
from lethe.cli.server import running
from lethe.settings import Settings
from lethe.wiring.worker import open_worker
from lethe.workers import run as workers

_END_SECONDS = 20
"""How long a worker may take to end before it is killed."""


def run(settings: Settings, children: Children, *, until_stdin_closes: bool) -> None:
    """Work until SIGTERM or SIGINT, or until standard input closes."""
    with database(settings) as conninfo:
        running.run(partial(_work, settings, children, until_stdin_closes, conninfo))


async def _work(
    settings: Settings, children: Children, until_stdin_closes: bool, conninfo: str, stop: asyncio.Event
) -> None:
    begin = asyncio.Event()
    ends = [
        asyncio.create_task(_open_and_work(settings, children, conninfo, begin)),
        asyncio.create_task(stop.wait()),
    ]
    if until_stdin_closes:
        ends.append(asyncio.create_task(_stdin_closed(begin)))
    else:
        begin.set()
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # The parent may be dead, so no other process would kill this one.
        asyncio.get_running_loop().call_later(_END_SECONDS, os._exit, 1)
        for end in ends:
            end.cancel()
        results = await asyncio.gather(*ends, return_exceptions=True)
    if isinstance(results[0], Exception):
        raise results[0]


async def _open_and_work(settings: Settings, children: Children, conninfo: str, begin: asyncio.Event) -> None:
    await begin.wait()
    async with open_worker(settings, conninfo, children) as worker:
        await workers.run(
            worker.context,
            worker.dependencies,
            worker.publisher,
            worker.post,
            worker.patience,
            concurrency=worker.concurrency,
        )


async def _stdin_closed(begin: asyncio.Event) -> None:
    """Return when standard input closes; a line from it sets `begin`."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        begin.set()
