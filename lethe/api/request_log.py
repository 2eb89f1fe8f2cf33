"""One log line per request, with an id by which caller and operator can find it."""

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lethe.api.doors import declared
from lethe.domain.records.access import Caller

log = structlog.get_logger()

HEADER = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PROBES = frozenset({"/health", "/v1/health", "/ready", "/v1/ready", "/metrics"})


class Logged:
    """ASGI middleware around everything: gives each request an id, returns it in a header, and logs the outcome.

    Accepts the caller's own id of up to 64 letters, digits and `._-`. The line holds no content, and the route instead
    of the path, which may contain names. Probes are logged as debug.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((v.decode("latin-1") for n, v in scope["headers"] if n == b"x-request-id"), "")
        request_id = given if _ID.fullmatch(given) else uuid4().hex
        start, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noted)
            finally:
                self._log(scope, status, time.perf_counter() - start)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        caller = scope.get("state", {}).get("caller")
        _, route = declared(scope)
        write = log.debug if scope["path"] in _PROBES else log.info
        write(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            ms=round(1000 * seconds, 1),
            token=caller.prefix if isinstance(caller, Caller) else None,
        )
