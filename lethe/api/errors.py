"""The status of each error, for all APIs. Each API renders errors in its own shape."""

import asyncio
from collections.abc import Callable, Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.datastructures import MutableHeaders as MessageHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lethe.api.request.credentials import CHALLENGE
from lethe.domain.errors import (
    BeyondBounds,
    Conflict,
    InputRejected,
    InsufficientScope,
    InvalidRequest,
    LetheError,
    LimitExceeded,
    MachineFailed,
    MalformedCredentials,
    NotFound,
    RateLimited,
    Revoked,
    Unauthenticated,
    Unavailable,
)

log = structlog.get_logger()

_STATUS: dict[type[LetheError], int] = {
    Unauthenticated: 401,
    MalformedCredentials: 401,
    InsufficientScope: 403,
    BeyondBounds: 403,
    RateLimited: 429,
    InputRejected: 400,
    NotFound: 404,
    Conflict: 409,
    Revoked: 409,
    LimitExceeded: 413,
    Unavailable: 503,
}

_STOPPING = "The server is stopping. Accepted work continues after its restart: try again then."

_EVENTS = "text/event-stream"

Headers = Mapping[str, str]
Tell = Callable[[int, LetheError, Headers | None], Response]
"""Renders an error with this status and these headers in an API's shape."""


def install(app: FastAPI, *, invalid: int, tell: Tell, tell_fault: Callable[[str], Response]) -> None:
    """Translate the errors of an API's routes.

    Args:
        invalid: the API's status for InvalidRequest.
        tell: renders an error that the caller can correct or that is temporary.
        tell_fault: renders a fault of the server, with status 500.
    """

    app.add_middleware(EndsInOrder, tell=tell)

    @app.exception_handler(LetheError)
    async def lethe_error(_request: Request, exc: LetheError) -> Response:
        kind = Unavailable if isinstance(exc, Unavailable) else type(exc)
        status = invalid if kind is InvalidRequest else _STATUS.get(kind)
        if status is None:
            log.error("a request failed", error=str(exc))
            return tell_fault("The server is misconfigured: see its log.")
        return tell(status, exc, _headers(exc))

    @app.exception_handler(OSError)
    async def machine_failed(request: Request, exc: OSError) -> Response:
        log.error("an operating system call failed", exc_info=exc)
        return await lethe_error(request, MachineFailed(exc))

    @app.exception_handler(ClientDisconnect)
    async def client_left(_request: Request, _exc: ClientDisconnect) -> Response:
        # Not a fault, and nobody reads the answer. Proxies log this as 499.
        return Response(status_code=499)

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, _exc: Exception) -> Response:
        # Starlette re-raises the exception after this answer, and the server logs it.
        return tell_fault("An internal error occurred: see the server's log.")


class EndsInOrder:
    """ASGI middleware: answers 503 to a request that the server's shutdown cuts short."""

    def __init__(self, app: ASGIApp, tell: Tell) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Only the HTTP server cancels requests. An answer that has begun breaks off with its connection; a stream of
        events ends as if it were complete, as its client reconnects anyway.
        """
        begun: Message | None = None

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            if begun and MessageHeaders(scope=begun).get("content-type", "").startswith(_EVENTS):
                await send({"type": "http.response.body", "body": b""})
                return
            if begun:
                raise
            exc = Unavailable(_STOPPING)
            await self._tell(503, exc, _headers(exc))(scope, receive, send)


def _headers(exc: LetheError) -> Headers | None:
    if isinstance(exc, Unauthenticated):
        return {"WWW-Authenticate": CHALLENGE}
    if isinstance(exc, RateLimited | Unavailable):
        return {"Retry-After": str(exc.retry_after)}
    return None
