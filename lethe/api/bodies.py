"""Request bodies of bounded size."""

import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON_BYTES = 1024 * 1024
"""Most bytes of a request that carries no document."""


class BodyLimit:
    """ASGI middleware that stops reading a body over its limit, whatever its Content-Length says.

    Args:
        limits: most bytes by a pattern for the end of the path; other paths may send JSON_BYTES.
    """

    def __init__(self, app: ASGIApp, limits: dict[str, int]) -> None:
        self._app = app
        self._limits = {re.compile(f"{pattern}$"): most for pattern, most in limits.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received, and raise a 413 in the reader's place when it is too much."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        most = next((n for pattern, n in self._limits.items() if pattern.search(path)), JSON_BYTES)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, f"The request is over the limit of {most:,} bytes.")
            return message

        await self._app(scope, counted, send)
