"""`lethe api`: runs the HTTP API alone. Any number of them can share a database."""

import asyncio
from functools import partial
from socket import socket

from lethe.cli import terminal
from lethe.cli.database import database
from lethe.cli.server import api_process, port, running
from lethe.cli.terminal import Flags
from lethe.core.context import Context
from lethe.settings import Settings


def api(*, settings: Flags | None = None) -> None:
    """Run the HTTP API alone."""
    settings = settings or Settings()
    with port.taken(settings) as bound, database(settings) as conninfo:
        running.run(partial(_api, settings, conninfo, bound))


async def _api(settings: Settings, conninfo: str, bound: socket, stop: asyncio.Event) -> None:
    await api_process.run(settings, conninfo, bound, stop, _announce)


async def _announce(_ctx: Context, address: str) -> None:
    terminal.line(f"Lethe's API listens on {address}")
