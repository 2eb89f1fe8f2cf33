"""The Artifacts API as an application of its own, to be mounted at /v1/artifacts."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from lethe.api import doors
from lethe.api.artifacts import content_routes, errors, ingest_routes
from lethe.api.artifacts.answers import RESPONSES
from lethe.api.artifacts.shapes import (
    ContentBody,
    DeleteAsyncBody,
    DeleteBody,
    IngestAsyncBody,
    IngestBody,
)
from lethe.api.bodies import JSON_BYTES, BodyLimit
from lethe.api.idempotency import Idempotency, describe
from lethe.api.openapi import add_docs, generated
from lethe.core.context import Context

PREFIX = "/v1/artifacts"

_BODIES: dict[str, type[BaseModel]] = {
    "/ingest": IngestBody,
    "/ingest/async": IngestAsyncBody,
    "/delete": DeleteBody,
    "/delete/async": DeleteAsyncBody,
    "/content": ContentBody,
    "/chunked-content": ContentBody,
}
"""The bodies by path: routes read them themselves, after the caller is known."""

_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
        "collection": {"type": "string"},
        "artifact": {"type": "string", "description": "Default: the file's name."},
        "metadata": {"type": "string", "description": "A JSON object as text."},
    },
}


def build(context: Context) -> FastAPI:
    """The door, working with this context."""
    app = doors.make(
        context,
        title="Lethe: Artifacts API",
        description="Stores documents, gives their content back, and forgets them for good.",
        responses=RESPONSES,
    )
    # base64 makes four bytes of three; JSON may escape a character of text with six bytes, which is not met here.
    largest = context.limits.file_bytes * 4 // 3 + JSON_BYTES
    app.add_middleware(Idempotency, context=context)
    app.add_middleware(BodyLimit, limits={"/ingest": largest, "/ingest/async": largest}, room=context.bodies)
    errors.install(app)
    app.include_router(ingest_routes.router)
    app.include_router(content_routes.router)
    add_docs(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The generated document, with the bodies that the ingest routes read themselves."""
    if app.openapi_schema is None:
        schema = generated(app, PREFIX, *_BODIES.values())
        for path, model in _BODIES.items():
            content: dict[str, Any] = {
                "application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
            }
            if path == "/ingest":
                content["multipart/form-data"] = {"schema": _FORM}
            schema["paths"][path]["post"]["requestBody"] = {"required": True, "content": content}
        describe(schema, reading={"/content", "/chunked-content"})
        app.openapi_schema = schema
    return app.openapi_schema
