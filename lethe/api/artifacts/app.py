"""The Artifacts API, an application mounted at /v1/artifacts."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from lethe.api import framework
from lethe.api.artifacts import batch_routes, content_routes, convert_routes, errors, ingest_routes
from lethe.api.artifacts.answers import RESPONSES
from lethe.api.artifacts.batches import BATCH_BYTES
from lethe.api.artifacts.shapes import (
    ContentBody,
    ConvertBody,
    DeleteAsyncBody,
    DeleteBatchBody,
    DeleteBody,
    IngestAsyncBody,
    IngestBatchBody,
    IngestBody,
)
from lethe.api.doors import Door
from lethe.api.openapi import json_content
from lethe.api.request.bodies import JSON_BYTES, BodyLimit
from lethe.api.request.idempotency import Idempotency, describe
from lethe.core.context import Context
from lethe.domain.json import Json

PREFIX = "/v1/artifacts"

_NAMED = {"collection": "pgpt_collection", "artifact": "returns"}
_INGESTED = {
    **_NAMED,
    "metadata": {"file_name": "returns.md", "year": 2026},
    "input": {"type": "text", "value": "# Returns\n\nGoods can be returned within 30 days."},
}
_READ = {"context_filter": {"collection": "pgpt_collection", "artifacts": ["returns"]}}

_BODIES: dict[str, tuple[type[BaseModel], Json]] = {
    "/ingest": (IngestBody, _INGESTED),
    "/ingest/async": (IngestAsyncBody, {"ingest_body": _INGESTED}),
    "/ingest/batch": (IngestBatchBody, {"documents": [_INGESTED]}),
    "/delete": (DeleteBody, _NAMED),
    "/delete/async": (DeleteAsyncBody, {"delete_body": _NAMED}),
    "/delete/batch": (DeleteBatchBody, {"collection": "pgpt_collection", "artifacts": ["returns"]}),
    "/content": (ContentBody, {**_READ, "format": "markdown"}),
    "/chunked-content": (ContentBody, {**_READ, "max_tokens": 100}),
    "/convert": (ConvertBody, {"input": _INGESTED["input"], "format": "object"}),
}
"""The bodies by path, each with an example. Routes read bodies themselves, after authentication."""

_NAMES_BYTES = 4 * JSON_BYTES
"""A thousand names of 255 characters, each of up to 12 bytes in JSON."""

_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "collection": {"type": "string"},
        "artifact": {"type": "string", "description": "Default: the file's name."},
        "metadata": {"type": "string", "description": "A JSON object as text."},
    },
}


def build(context: Context) -> FastAPI:
    """The API, bound to this context."""
    app = framework.make(
        context,
        title="Lethe: Artifacts API",
        description="Stores documents, returns their content, and forgets them for good.",
        responses=RESPONSES,
    )
    # base64 turns three bytes into four. The limit does not allow for JSON's six-byte escapes.
    largest = context.limits.file_bytes * 4 // 3 + JSON_BYTES
    app.add_middleware(Idempotency, context=context)
    app.add_middleware(
        BodyLimit,
        limits={
            **dict.fromkeys(("/ingest", "/ingest/async", "/convert"), largest),
            "/ingest/batch": BATCH_BYTES,
            "/delete/batch": _NAMES_BYTES,
        },
        room=context.bodies,
    )
    errors.install(app)
    app.include_router(ingest_routes.router)
    app.include_router(batch_routes.router)
    app.include_router(content_routes.router)
    app.include_router(convert_routes.router)
    return framework.finish(app, PREFIX, bodies=[model for model, _ in _BODIES.values()], complete=_complete)


def _complete(schema: dict[str, Any]) -> None:
    for path, (model, example) in _BODIES.items():
        content = json_content(model, example)
        if path == "/ingest":
            content["multipart/form-data"] = {"schema": _FORM}
        schema["paths"][path]["post"]["requestBody"] = {"required": True, "content": content}
    describe(schema, reading={"/content", "/chunked-content", "/convert"})


DOOR = Door("artifacts", PREFIX, PREFIX, build)
