"""Answers that may be large, sent piece by piece. They end when the client disconnects."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from lethe.adapters.spool import Spool
from lethe.api.addresses import HEADERS_ONLY

_JSON = "application/json"
_BEGUN = 3

T = TypeVar("T")


async def unless_the_client_leaves(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, for a request whose body has been read. Cancels it and raises ClientDisconnect when the
    client closes the connection."""
    working = asyncio.create_task(work, name="work for a request")
    leaving = asyncio.create_task(client_leaves(request), name="wait for a disconnect")
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        leaving.cancel()
        working.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def client_leaves(request: Request) -> None:
    """Return when the client closes the connection of a request whose body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def streamed(pieces: AsyncGenerator[bytes]) -> Response:
    """A JSON answer that is generated while it is sent.

    Errors in the first pieces still get a proper status, and an answer that ends within them is sent whole.
    """
    begun: list[bytes] = []
    while len(begun) < _BEGUN and (piece := await anext(pieces, None)) is not None:
        begun.append(piece)
    return Response(b"".join(begun), media_type=_JSON) if len(begun) < _BEGUN else _Streamed(begun, pieces)


class _Streamed(StreamingResponse):
    def __init__(self, begun: list[bytes], more: AsyncGenerator[bytes]) -> None:
        self._more = more
        super().__init__(self._all(begun), media_type=_JSON)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._more.aclose()

    async def _all(self, begun: list[bytes]) -> AsyncIterator[bytes]:
        for piece in begun:
            yield piece
        async for piece in self._more:
            yield piece


class Closing(StreamingResponse):
    """An answer of known length. Its source is closed once it is sent or the client has disconnected."""

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        close: Callable[[], None],
        *,
        headers: Mapping[str, str],
        status_code: int = 200,
    ) -> None:
        self._close = close
        super().__init__(pieces, status_code, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; for a HEAD request, nothing is read from its source."""
        try:
            if scope.get(HEADERS_ONLY):
                await Response(status_code=self.status_code, headers=self.headers)(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)
        finally:
            self._close()


class Spooled(Closing):
    """A finished JSON answer, whose spool is deleted afterwards."""

    def __init__(self, spool: Spool) -> None:
        headers = {"content-type": _JSON, "content-length": str(spool.size)}
        super().__init__(spool.pieces(), spool.close, headers=headers)
