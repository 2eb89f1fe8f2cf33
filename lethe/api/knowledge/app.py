"""The Knowledge API, an application mounted at /v1."""

from typing import Any

from fastapi import FastAPI

from lethe.api import framework
from lethe.api.doors import Door
from lethe.api.knowledge import errors
from lethe.api.knowledge.routes import (
    assistants,
    deletions,
    erasures,
    original,
    receipts,
    search,
    tasks,
    trash,
    tree,
    webhooks,
)
from lethe.api.knowledge.routes.deletions import DeletionBody
from lethe.api.knowledge.routes.search import SearchBody
from lethe.api.knowledge.shapes import (
    AssignmentBody,
    ChangeBody,
    ContentBody,
    DocumentBody,
    ErrorAnswer,
    FolderBody,
    RestoreBody,
)
from lethe.api.knowledge.webhook_shapes import WebhookBody
from lethe.api.rate_headers import RateHeaders
from lethe.api.request import queries
from lethe.api.request.bodies import BodyLimit
from lethe.api.request.idempotency import Idempotency, describe
from lethe.core.context import Context

PREFIX = "/v1"

_SLACK_BYTES = 1024 * 1024
"""Allowance for the rest of a request besides its document."""

_BODIES = (
    FolderBody,
    DocumentBody,
    ContentBody,
    ChangeBody,
    RestoreBody,
    AssignmentBody,
    SearchBody,
    DeletionBody,
    WebhookBody,
)

_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": text}
    for status, text in {
        400: "The request is invalid; the message names the field",
        401: "The token is missing, unknown, revoked or expired",
        403: "The token lacks the scope",
        404: "Not found",
        408: "The body arrived too slowly",
        409: "The node would be moved below itself, a name is taken, or the Idempotency-Key was used before",
        413: "A size limit is exceeded",
        429: "The token's rate limit is exceeded",
        503: "A service is unavailable, or the queue is full: try again after Retry-After seconds",
    }.items()
}


def build(context: Context) -> FastAPI:
    """The API, bound to this context."""
    app = framework.make(
        context,
        title="Lethe: Knowledge API",
        description="A tree of folders and documents to search, change, and forget for real.",
        responses=_RESPONSES,
    )
    # JSON takes two bytes for a line end and may escape more; a form has fields besides its file.
    largest = 2 * context.limits.file_bytes + _SLACK_BYTES
    app.add_middleware(Idempotency, context=context)
    app.add_middleware(
        BodyLimit,
        limits={
            "/knowledge/documents": largest,
            "/knowledge/documents/upload": context.limits.file_bytes + _SLACK_BYTES,
            "/knowledge/documents/[0-9a-fA-F]{24}": largest,
        },
        room=context.bodies,
    )
    app.add_middleware(RateHeaders)
    errors.install(app)
    for routes in (
        tree,
        original,
        trash,
        assistants,
        deletions,
        search,
        receipts,
        erasures,
        tasks,
        webhooks,
    ):
        app.include_router(routes.router)
    queries.refuse_unknown(app)
    return framework.finish(app, PREFIX, bodies=_BODIES, complete=_complete)


def _complete(schema: dict[str, Any]) -> None:
    for path in schema["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)  # FastAPI adds it; this API never answers it
    describe(schema, reading={"/knowledge/search", "/me/token"})


DOOR = Door("knowledge", PREFIX, PREFIX, build)
