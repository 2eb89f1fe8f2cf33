"""Accepts HEAD for any GET, a trailing slash, OPTIONS for every address, and paths below a proxy's prefix."""

from collections.abc import Sequence

from fastapi.responses import RedirectResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Rooted:
    """ASGI middleware around everything: removes the path below which clients see the server, unless the proxy in front
    has done so."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the path that routes know."""
        if scope["type"] == "http" and f"{scope['path']}/".startswith(f"{self._root_path}/"):
            scope["path"] = scope["path"][len(self._root_path) :] or "/"
        await self._app(scope, receive, send)


HEADERS_ONLY = "headers_only"
"""Set in the scope of a HEAD request, which routes see as GET, so that they need not read a long answer."""


class Lenient:
    """ASGI middleware around all APIs: answers HEAD like GET without the body, and ignores one trailing slash.

    Pages, whose links are relative, redirect to the path without the slash.
    """

    def __init__(self, app: ASGIApp, pages: Sequence[str], root_path: str) -> None:
        self._app = app
        self._pages = frozenset(pages)
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the normalised request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        if path.endswith("/") and len(path) > 1:
            path = path[:-1]
            if path in self._pages:
                await RedirectResponse(f"{self._root_path}{path}")(scope, receive, send)
                return
            scope["path"] = path
        if scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            scope["method"] = "HEAD"  # so that the HTTP server omits the body
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        scope["method"] = "GET"
        scope[HEADERS_ONLY] = True
        try:
            await self._app(scope, receive, headed)
        finally:
            scope["method"] = "HEAD"


class Allowing:
    """ASGI middleware of an API: OPTIONS and 405 name all methods of an address. The framework names only those of the
    first route."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer OPTIONS for known addresses, and correct the Allow header of a 405."""
        if scope["type"] == "http" and scope["method"] == "OPTIONS" and (allowed := self._allowed(scope)):
            await Response(status_code=204, headers={"Allow": allowed})(scope, receive, send)
            return

        async def mended(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405:
                MutableHeaders(scope=message)["Allow"] = self._allowed(scope)
            await send(message)

        await self._app(scope, receive, mended)

    def _allowed(self, scope: Scope) -> str:
        path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
        methods: set[str] = set()
        for route in iter_route_contexts(self._routes):
            if route.methods and compile_path(route.path or "")[0].match(path):
                methods |= route.methods
        if "GET" in methods:
            methods.add("HEAD")
        return ", ".join(sorted(methods | {"OPTIONS"})) if methods else ""
