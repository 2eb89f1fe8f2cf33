"""The HTTP server of the long-running commands."""

import asyncio
import resource
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn
from fastapi import FastAPI

from lethe.cli.server.port import listen
from lethe.cli.server.protocol import BoundedProtocol

MOST_FILES = 16_384
SHUTDOWN_SECONDS = 5
"""How long open requests may continue after a stop signal."""


def _room_for_connections() -> int:
    """Raise the limit on open files, and return the maximum number of connections: half of it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return wanted // 2


class HttpServer(uvicorn.Server):
    """uvicorn on a bound socket, stopped by an event. The command handles the signals."""

    def __init__(self, app: FastAPI, bound: socket) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                http=BoundedProtocol,
                ws="none",  # even if a websocket library is installed
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
                limit_concurrency=_room_for_connections(),
                server_header=False,
            )
        )
        self._up = asyncio.Event()
        self._socket = bound

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Open the port, and then set the event `_up`."""
        await super().startup(sockets)
        self._up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do not handle signals."""
        yield

    @property
    def address(self) -> str:
        """The address that the server listens on."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def run_until(self, stop: asyncio.Event, on_start: Callable[[], Awaitable[None]]) -> None:
        """Serve until `stop` is set; `on_start` is awaited once the port is open.

        Raises OperatorError when the address cannot be listened on.
        """
        listen(self._socket)
        serving = asyncio.create_task(self.serve([self._socket]), name="http")
        starting = asyncio.create_task(self._up.wait(), name="start")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait({serving, starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await on_start()
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.should_exit = True
            starting.cancel()
            stopping.cancel()
            await serving
