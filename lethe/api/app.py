"""The whole HTTP side: health, metrics, and the APIs."""

import re
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from lethe.api.addresses import Lenient
from lethe.api.artifacts import app as artifacts
from lethe.api.knowledge import app as knowledge
from lethe.api.mcp import app as mcp
from lethe.api.metrics import Counted, Metrics
from lethe.api.primitives import app as primitives
from lethe.api.request_log import Logged
from lethe.core.context import Context
from lethe.core.upkeep.measures import Meter

CONSOLE = "/console"
APIS = {artifacts.PREFIX: "artifacts", primitives.PREFIX: "primitives", knowledge.PREFIX: "knowledge"}

Missing = Callable[[], Awaitable[list[str]]]


def build(context: Context, missing: Missing, *, metrics: bool, console: ASGIApp | None = None) -> FastAPI:
    """The application.

    Args:
        missing: returns what the server still lacks, one sentence each; empty when ready.
        metrics: whether to serve /metrics.
        console: the pages for people, if they are served.
    """
    app = FastAPI(title="Lethe", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)

    @app.get("/health", include_in_schema=False)
    async def health() -> Response:
        return JSONResponse({"status": "ok"})

    @app.get("/ready", include_in_schema=False)
    async def ready() -> Response:
        sentences = await missing()
        if sentences:
            return JSONResponse({"status": "not ready", "missing": sentences}, 503, {"Retry-After": "1"})
        return JSONResponse({"status": "ready"})

    @app.get("/", include_in_schema=False)
    async def apis(request: Request) -> Response:
        if console is not None and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(
                f"{request.scope.get('root_path', '')}{CONSOLE}/", 303, {"Vary": "Accept"}
            )
        docs = {name: f"{prefix}/docs" for prefix, name in APIS.items()}
        shown = {"name": "Lethe", "docs": docs, "health": "/health", "ready": "/ready"}
        return JSONResponse(shown, headers={"Vary": "Accept"})

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return RedirectResponse(f"{artifacts.PREFIX}/docs")

    if metrics:
        meters = Metrics(Meter(context.db), {**APIS, CONSOLE: "console"})
        app.add_middleware(Counted, metrics=meters)
        app.add_api_route("/metrics", meters.answer, include_in_schema=False)

    app.add_middleware(Lenient, pages=[f"{prefix}/docs" for prefix in APIS])
    app.add_middleware(Logged, prefixes=(*APIS, CONSOLE))
    for api in (artifacts, primitives, knowledge):
        app.router.routes.append(_Api(api.PREFIX, api.build(context)))
    app.router.routes.append(Route(mcp.PATH, mcp.build(context)))
    if console is not None:
        app.add_api_route(CONSOLE, begin, include_in_schema=False)
        app.router.routes.append(_Api(CONSOLE, console))
    return app


def begin(request: Request) -> Response:
    """To the console's first page."""
    start = f"{request.scope.get('root_path', '')}{CONSOLE}/start"
    return RedirectResponse(start, 303, {"Vary": "Accept"})


class _Api(Mount):
    """A mount for every path below its prefix. Starlette's does not match paths with a line break, and so skips the
    API's own 404."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)
