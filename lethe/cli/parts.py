"""The parts of a server, to be run on several machines against one database."""

import asyncio
import os
import sys
from functools import partial

from lethe.api import app as http
from lethe.cli import running
from lethe.cli.database import database
from lethe.cli.flags import Flags
from lethe.core.readiness import missing
from lethe.settings import Settings
from lethe.store import migrate as migrations
from lethe.wiring.context import open_context
from lethe.wiring.worker import open_worker
from lethe.workers import run as workers

_END_SECONDS = 20
"""How long a worker may take to end."""


def api(*, settings: Flags | None = None) -> None:
    """Run the HTTP API alone."""
    settings = settings or Settings()
    with database(settings) as conninfo:
        running.run(partial(_api, settings, conninfo))


def worker(*, settings: Flags | None = None, until_stdin_closes: bool = False) -> None:
    """Run a worker alone: ingestion, deletion, callbacks, sweeping.

    Parameters
    ----------
    until_stdin_closes
        End also when standard input closes, as it does when the process that started this one dies.
    """
    settings = settings or Settings()
    with database(settings) as conninfo:
        running.run(partial(_worker, settings, conninfo, until_stdin_closes))


def migrate(*, settings: Flags | None = None) -> None:
    """Bring the database to this version."""
    settings = settings or Settings()
    with database(settings) as conninfo:
        applied = asyncio.run(migrations.migrate(conninfo))
    print("\n".join(f"applied {name}" for name in applied) or "nothing to do")  # noqa: T201


async def _api(settings: Settings, conninfo: str, stop: asyncio.Event) -> None:
    async with open_context(settings, conninfo) as ctx:
        server = running.HttpServer(
            http.build(ctx, partial(missing, ctx.db), metrics=settings.metrics), settings
        )

        async def announce() -> None:
            print(f"Lethe's API listens on {server.address}", flush=True)  # noqa: T201

        await server.run_until(stop, announce)


async def _worker(settings: Settings, conninfo: str, until_stdin_closes: bool, stop: asyncio.Event) -> None:
    async with open_worker(settings, conninfo) as worker:
        working = asyncio.create_task(
            workers.run(worker.context, worker.workshop, worker.publisher, concurrency=worker.concurrency)
        )
        ends = [working, asyncio.create_task(stop.wait())]
        if until_stdin_closes:
            ends.append(asyncio.create_task(_stdin_closed()))
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Who started this process may be dead: nobody else would end it.
            asyncio.get_running_loop().call_later(_END_SECONDS, os._exit, 1)
            for end in ends:
                end.cancel()
            results = await asyncio.gather(*ends, return_exceptions=True)
    if isinstance(results[0], Exception):
        raise results[0]


async def _stdin_closed() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass
