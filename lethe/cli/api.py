"""`lethe api`: the HTTP API, to be run on several machines against one database."""

import asyncio
from functools import partial

from lethe.api import app as http
from lethe.cli import running
from lethe.cli.database import database
from lethe.cli.flags import Flags
from lethe.cli.http_server import HttpServer
from lethe.core.readiness import missing
from lethe.settings import Settings
from lethe.wiring.context import open_context


def api(*, settings: Flags | None = None) -> None:
    """Run the HTTP API alone."""
    settings = settings or Settings()
    with database(settings) as conninfo:
        running.run(partial(_api, settings, conninfo))


async def _api(settings: Settings, conninfo: str, stop: asyncio.Event) -> None:
    async with open_context(settings, conninfo) as ctx:
        server = HttpServer(http.build(ctx, partial(missing, ctx.db), metrics=settings.metrics), settings)

        async def announce() -> None:
            print(f"Lethe's API listens on {server.address}", flush=True)  # noqa: T201

        await server.run_until(stop, announce)
