"""The Artifacts API as an application of its own, to be mounted at /v1/artifacts."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_swagger import patch_fastapi
from pydantic.json_schema import models_json_schema

from lethe.api.artifacts import content_routes, errors, ingest_routes
from lethe.api.artifacts.answers import ErrorAnswer
from lethe.api.artifacts.shapes import IngestAsyncBody, IngestBody
from lethe.api.bodies import BodyLimit
from lethe.core.context import Context

PREFIX = "/v1/artifacts"

_SLACK_BYTES = 1024 * 1024
"""Room for a request's names and metadata beside its document."""

_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": text}
    for status, text in {
        400: "The content cannot be taken",
        401: "No token, or one that is unknown, revoked or expired",
        403: "A token without the scope",
        404: "Not there",
        409: "Overtaken by a newer request",
        413: "Over a limit of size",
        429: "Over the token's rate",
        503: "Something is away: try again",
    }.items()
}

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
        responses=_RESPONSES,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.context = context
    # base64 makes four bytes of three; JSON may escape a character of text with six bytes, which is not met here.
    largest = context.limits.file_bytes * 4 // 3 + _SLACK_BYTES
    app.add_middleware(BodyLimit, limits={"/ingest": largest, "/ingest/async": largest})
    errors.install(app)
    app.include_router(ingest_routes.router)
    app.include_router(content_routes.router)
    # Serves the page from this server; FastAPI's own would load it from elsewhere.
    patch_fastapi(app, redirect_from_root_to_docs=False)
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
            [(IngestBody, "validation"), (IngestAsyncBody, "validation")],
            ref_template="#/components/schemas/{model}",
        )
        schema["components"]["schemas"].update(definitions["$defs"])
        for path, model, form in (
            ("/ingest", "IngestBody", True),
            ("/ingest/async", "IngestAsyncBody", False),
        ):
            content: dict[str, Any] = {
                "application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}}
            }
            if form:
                content["multipart/form-data"] = {"schema": _FORM}
            schema["paths"][path]["post"]["requestBody"] = {"required": True, "content": content}
        app.openapi_schema = schema
    return app.openapi_schema
