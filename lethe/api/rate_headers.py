"""The state of the token's rate limit, in headers of the answers of the Knowledge API and MCP."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lethe.domain.records.access import Caller


class RateHeaders:
    """ASGI middleware that adds X-RateLimit-* if the caller is known and has a limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look up the caller when the answer begins: by then the route has stored it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # This request's own dictionary, which routes see as request.state.
        state = scope["state"] = {**scope.get("state", {})}

        async def with_headers(message: Message) -> None:
            caller = state.get("caller")
            if message["type"] == "http.response.start" and isinstance(caller, Caller) and caller.most:
                message = {**message, "headers": [*message["headers"], *_headers(caller)]}
            await send(message)

        await self._app(scope, receive, with_headers)


def _headers(caller: Caller) -> list[tuple[bytes, bytes]]:
    standing = {
        "x-ratelimit-limit": caller.most,
        "x-ratelimit-remaining": caller.remaining,
        "x-ratelimit-reset": caller.reset,
    }
    return [(name.encode(), str(value).encode()) for name, value in standing.items()]
