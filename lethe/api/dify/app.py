"""Dify's External Knowledge API: an application of one route, which Dify appends to the server's address."""

from typing import Any

from fastapi import FastAPI

from lethe.api import framework
from lethe.api.bodies import BodyLimit
from lethe.api.dify import errors, retrieval_routes
from lethe.api.dify.errors import ErrorAnswer
from lethe.api.dify.retrieval_routes import RetrievalBody
from lethe.api.doors import Door
from lethe.api.openapi import add_docs, generated
from lethe.core.context import Context

_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": text}
    for status, text in {
        400: "The request is invalid; the message names the field",
        403: "The token is missing or refused, or lacks the scope",
        404: "The knowledge does not exist",
        408: "The body arrived too slowly",
        413: "A size limit is exceeded",
        429: "The token's rate limit is exceeded",
        503: "A service is unavailable: try again after Retry-After seconds",
    }.items()
}


def build(context: Context) -> FastAPI:
    """The API, bound to this context."""
    app = framework.make(
        context,
        title="Lethe: external knowledge for Dify",
        description="Passages of a collection or folder, in the shape that Dify asks for.",
        responses=_RESPONSES,
        docs="/retrieval",
    )
    app.add_middleware(BodyLimit, limits={}, room=context.bodies)
    errors.install(app)
    app.include_router(retrieval_routes.router)
    add_docs(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The generated document, plus the body that the route reads itself."""
    if app.openapi_schema is None:
        schema = generated(app, DOOR.prefix, RetrievalBody)
        for operation in schema["paths"]["/retrieval"].values():
            operation["responses"].pop("422", None)  # FastAPI adds it; this API never answers it
        app.openapi_schema = schema
    return app.openapi_schema


DOOR = Door("dify", "", "/retrieval", build, owns=("retrieval",))
