"""The console, an ASGI application of its own: pages for people, built on the core."""

import asyncio
from collections import Counter

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lethe.console.frame import assets
from lethe.console.frame.headers import Guarded
from lethe.console.frame.visit import Visit, enter
from lethe.console.pages import (
    about,
    assistants,
    deletions,
    documents,
    events,
    library,
    metadata,
    overview,
    receipts,
    search,
    sign_in,
    tasks,
    tokens,
    trash,
    uploads,
)
from lethe.core.context import Context
from lethe.domain import errors
from lethe.domain.errors import LetheError, RateLimited, Unauthenticated, Unavailable

_STATUSES: dict[type[LetheError], int] = {
    errors.InsufficientScope: 403,
    errors.BeyondBounds: 403,
    errors.InvalidRequest: 400,
    errors.InputRejected: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.LimitExceeded: 413,
    errors.Revoked: 409,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}

_PAGES = (
    *(sign_in, library, documents, metadata, uploads, overview, search, trash, deletions, receipts, tasks),
    *(assistants, tokens, about, events),
)
_NOTHING = "There is nothing at this address."
_FAULT = "Something went wrong on the server; its log says why. Try again, or go back to the start."


def build(context: Context, stop: asyncio.Event, *, root_path: str = "") -> FastAPI:
    """Build the console.

    Args:
        stop: streams end once it is set.
        root_path: the path below which browsers see the server. Requests that arrive here no longer have it.
    """
    pages = [routes for module in _PAGES for routes in module.ROUTES]
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        routes=[Route("/static/{version}/{name}", assets.send), *pages],
        middleware=[Middleware(Guarded)],
        exception_handlers={LetheError: _failed, HTTPException: _failed, Exception: _broken},
    )
    app.router.redirect_slashes = False
    app.state.context = context
    app.state.stop = stop
    app.state.root_path = root_path
    app.state.streams = Counter()
    app.state.attempts = sign_in.Attempts()
    return app


async def _failed(request: Request, exc: Exception) -> Response:
    """A page that says what is wrong; for requests by a script, the sentence alone."""
    visit = await enter(request)
    if isinstance(exc, Unauthenticated):
        if request.headers.get("accept") == "text/event-stream":
            return Response(status_code=204)  # says to the browser that the stream is over
        return visit.redirect("/sign-in", then=_wanted(visit))
    status = exc.status_code if isinstance(exc, HTTPException) else _status(exc)
    sentence = visit.said(_NOTHING if isinstance(exc, HTTPException) else str(exc))
    headers = {"retry-after": str(exc.retry_after)} if isinstance(exc, RateLimited | Unavailable) else None
    if visit.by_script or request.method != "GET":
        return PlainTextResponse(sentence, status, headers)
    template = "error.html" if visit.session else "error_outside.html"
    return visit.render(template, status, sentence=sentence)


async def _broken(request: Request, _exc: Exception) -> Response:
    """The page for an unexpected error, made without the database. The log has the details."""
    visit = Visit(request, request.app.state.context, None, "")
    sentence = visit.said(_FAULT)
    if visit.by_script or request.method != "GET":
        return PlainTextResponse(sentence, 500)
    return visit.render("error_outside.html", 500, sentence=sentence)


def _status(exc: Exception) -> int:
    return next((status for kind, status in _STATUSES.items() if isinstance(exc, kind)), 500)


def _wanted(visit: Visit) -> str:
    """The page to go to after signing in; empty for a request by a script."""
    return "" if visit.by_script or visit.here == "/start" else visit.here
