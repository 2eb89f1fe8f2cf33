"""The whole HTTP side: health, metrics, and the doors."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse
from starlette.routing import Route

from lethe.api.addresses import Lenient, Rooted
from lethe.api.artifacts import app as artifacts
from lethe.api.dify import app as dify
from lethe.api.doors import Door, DoorMount
from lethe.api.knowledge import app as knowledge
from lethe.api.mcp import app as mcp
from lethe.api.metrics import Counted, Metrics
from lethe.api.primitives import app as primitives
from lethe.api.request_log import HEADER, Logged
from lethe.api.tools import app as tools
from lethe.core.context import Context
from lethe.core.upkeep.measures import Meter

CONSOLE = "/console"
DOORS = (artifacts.DOOR, primitives.DOOR, tools.DOOR, knowledge.DOOR, dify.DOOR)
"""In the order in which a request is offered to them."""

_SHOWN_TO_SCRIPTS = (
    HEADER,
    "Lethe-Node",
    "Lethe-Receipt",
    "Idempotency-Replayed",
    "Retry-After",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
)
"""Headers of answers that scripts of other origins may read."""

Missing = Callable[[], Awaitable[list[str]]]


def build(
    context: Context,
    missing: Missing,
    *,
    metrics: bool,
    root_path: str = "",
    origins: Sequence[str] = (),
    console: FastAPI | None = None,
) -> FastAPI:
    """The application.

    Args:
        missing: returns what the server still lacks, one sentence each; empty when ready.
        metrics: whether to serve /metrics.
        root_path: the path below which clients see the server, such as `/api/gpt`.
        origins: the origins whose scripts may call it; `*` for all of them.
        console: the pages for people, if they are served.
    """
    app = FastAPI(title="Lethe", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    _add_pages(app, missing, root_path, with_console=console is not None)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials="*" not in origins,
            expose_headers=_SHOWN_TO_SCRIPTS,
        )
    if metrics:
        meters = Metrics(Meter(context.db))
        app.add_middleware(Counted, metrics=meters)
        app.add_api_route("/metrics", meters.answer, include_in_schema=False)
    app.add_middleware(Lenient, pages=[f"{door.docs}/docs" for door in DOORS], root_path=root_path)
    if root_path:
        app.add_middleware(Rooted, root_path=root_path)
    app.add_middleware(Logged)
    for door in DOORS:
        api = door.build(context)
        api.state.root_path = root_path
        app.router.routes.append(DoorMount(door, api))
    app.router.routes.append(Route(mcp.PATH, mcp.build(context)))
    if console is not None:
        app.router.routes.append(DoorMount(Door("console", CONSOLE, "", lambda _context: console), console))
    return app


def _add_pages(app: FastAPI, missing: Missing, root_path: str, *, with_console: bool) -> None:
    """Add the pages that need no token. `/v1/health` and `/v1/ready` are for clients with a single base URL."""

    @app.get("/health", include_in_schema=False)
    @app.get("/v1/health", include_in_schema=False)
    async def health() -> Response:
        return JSONResponse({"status": "ok"})

    @app.get("/ready", include_in_schema=False)
    @app.get("/v1/ready", include_in_schema=False)
    async def ready() -> Response:
        sentences = await missing()
        if sentences:
            return JSONResponse({"status": "not ready", "missing": sentences}, 503, {"Retry-After": "1"})
        return JSONResponse({"status": "ready"})

    @app.get("/", include_in_schema=False)
    async def doors(request: Request) -> Response:
        if with_console and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"{root_path}{CONSOLE}/start", 303, {"Vary": "Accept"})
        docs = {door.name: f"{root_path}{door.docs}/docs" for door in DOORS}
        pages = {"docs": docs, "health": f"{root_path}/health", "ready": f"{root_path}/ready"}
        return JSONResponse({"name": "Lethe", **pages}, headers={"Vary": "Accept"})

    if with_console:

        @app.get(CONSOLE, include_in_schema=False)
        async def begin() -> Response:
            return RedirectResponse(f"{root_path}{CONSOLE}/start", 303)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return RedirectResponse(f"{root_path}{DOORS[0].docs}/docs")
