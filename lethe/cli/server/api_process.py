"""The life of a process that serves the HTTP API."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from socket import socket

from lethe.api import app
from lethe.cli.server.http_server import HttpServer
from lethe.console import app as console
from lethe.core.context import Context
from lethe.core.upkeep.readiness import missing
from lethe.settings import Settings
from lethe.wiring.context import open_context


async def run(
    settings: Settings,
    conninfo: str,
    bound: socket,
    stop: asyncio.Event,
    announce: Callable[[Context, str], Awaitable[None]],
) -> None:
    """Serve on a bound socket until `stop` is set; call `announce` with the address once the port is open.

    Raises OperatorError when the address cannot be listened on.
    """
    async with open_context(settings, conninfo) as ctx:
        pages = console.build(ctx, stop, root_path=settings.root_path) if settings.console else None
        application = app.build(
            ctx,
            partial(missing, ctx.db),
            metrics=settings.shows_metrics,
            root_path=settings.root_path,
            origins=settings.origins,
            console=pages,
        )
        server = HttpServer(application, bound)
        await server.run_until(stop, lambda: announce(ctx, server.address))
