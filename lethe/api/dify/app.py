"""Dify's External Knowledge API: an application of one route, which Dify appends to the server's address."""

from typing import Any

from fastapi import FastAPI

from lethe.api import framework
from lethe.api.dify import errors, retrieval_routes
from lethe.api.dify.errors import ErrorAnswer
from lethe.api.dify.retrieval_routes import RetrievalBody
from lethe.api.doors import Door
from lethe.api.request.bodies import BodyLimit
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
    return framework.finish(app, DOOR.prefix, bodies=[RetrievalBody], complete=_complete)


def _complete(schema: dict[str, Any]) -> None:
    for operation in schema["paths"]["/retrieval"].values():
        operation["responses"].pop("422", None)  # FastAPI adds it; this API never answers it


DOOR = Door("dify", "", "/retrieval", build, owns=("retrieval",))
