"""The MCP server at /mcp, for AI assistants (Model Context Protocol, streamable HTTP).

Each request is authenticated, counted and answered by itself; no session is kept in this process. So any API process
answers any request, and what was deleted is gone from the next call on.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from lethe.api import framework
from lethe.api.knowledge import errors
from lethe.api.rate_headers import RateHeaders
from lethe.api.request.auth import Anyone
from lethe.api.request.bodies import BodyLimit
from lethe.core.context import Context

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH = "/mcp"


def build(context: Context) -> FastAPI:
    """The application with one route, in which every request needs a token."""
    app = framework.make(context, title="Lethe: MCP", description="For AI assistants.", responses={})
    app.add_middleware(BodyLimit, limits={}, room=context.bodies)
    app.add_middleware(RateHeaders)
    errors.install(app)
    exchange = Exchange(context)

    # Without sessions there is nothing to get or delete; the protocol allows a 405 for both.
    @app.post(PATH, include_in_schema=False)
    async def mcp(_request: Request, _caller: Anyone) -> Response:
        return _Delegated(exchange)

    return app


class Exchange:
    """The protocol's side of a request. Loads the protocol's library when it is first needed: about 20 MB and 1 s."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._manager: StreamableHTTPSessionManager | None = None
        self._starting = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        async with self._starting:
            manager = self._manager or await self._start()
        await manager.handle_request(scope, receive, send)

    async def _start(self) -> "StreamableHTTPSessionManager":
        manager = await asyncio.to_thread(_manager, self._context)
        ready = asyncio.Event()

        async def run() -> None:
            with suppress(asyncio.CancelledError):  # it ends with the process
                async with manager.run():
                    ready.set()
                    await asyncio.Event().wait()

        self._running = asyncio.create_task(run(), name="mcp")
        await ready.wait()
        self._manager = manager
        return manager


def _manager(context: Context) -> "StreamableHTTPSessionManager":
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: PLC0415

    from lethe.api.mcp.server import make  # noqa: PLC0415

    return StreamableHTTPSessionManager(make(context), stateless=True)


class _Delegated(Response):
    """An answer that the protocol's library sends itself."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self._exchange = exchange

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._exchange(scope, receive, send)
