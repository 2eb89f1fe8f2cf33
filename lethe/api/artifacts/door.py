"""The Artifacts API as an application of its own, to be mounted at /v1/artifacts."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lethe.api import docs_page
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
    app = FastAPI(
        title="Lethe: Artifacts API",
        description="Stores documents, gives their content back, and forgets them for good.",
        version="1",
        responses=RESPONSES,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    app.state.context = context
    # base64 makes four bytes of three; JSON may escape a character of text with six bytes, which is not met here.
    largest = context.limits.file_bytes * 4 // 3 + JSON_BYTES
    app.add_middleware(BodyLimit, limits={"/ingest": largest, "/ingest/async": largest})
    errors.install(app)
    app.include_router(ingest_routes.router)
    app.include_router(content_routes.router)
    docs_page.serve(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The generated document, with the bodies that the ingest routes read themselves."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=[{"url": PREFIX}],
        )
        _, definitions = models_json_schema(
            [(model, "validation") for model in _BODIES.values()],
            ref_template="#/components/schemas/{model}",
        )
        schema["components"]["schemas"].update(definitions["$defs"])
        for path, model in _BODIES.items():
            content: dict[str, Any] = {
                "application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
            }
            if path == "/ingest":
                content["multipart/form-data"] = {"schema": _FORM}
            schema["paths"][path]["post"]["requestBody"] = {"required": True, "content": content}
        app.openapi_schema = schema
    return app.openapi_schema
