"""The Artifacts API as an application of its own, to be mounted at /v1/artifacts."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from fastapi_swagger import patch_fastapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lethe.api.artifacts import content_routes, errors, ingest_routes
from lethe.api.artifacts.answers import ErrorAnswer, InvalidAnswer
from lethe.api.artifacts.shapes import (
    ContentBody,
    DeleteAsyncBody,
    DeleteBody,
    IngestAsyncBody,
    IngestBody,
)
from lethe.api.bodies import JSON_BYTES, BodyLimit
from lethe.api.idempotency import Idempotency, describe
from lethe.core.context import Context

PREFIX = "/v1/artifacts"

_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": text}
    for status, text in {
        400: "The content cannot be taken",
        401: "No token, or one that is unknown, revoked or expired",
        403: "A token without the scope",
        404: "Not there",
        409: "Overtaken by a newer request, or the Idempotency-Key was used before",
        408: "The body came too slowly",
        413: "Over a limit of size",
        429: "Over the token's rate",
        503: "Something is away: try again",
    }.items()
}

_RESPONSES[422] = {"model": InvalidAnswer, "description": "The request is not of the right shape"}

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
        responses=_RESPONSES,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    app.state.context = context
    # base64 makes four bytes of three; JSON may escape a character of text with six bytes, which is not met here.
    largest = context.limits.file_bytes * 4 // 3 + JSON_BYTES
    app.add_middleware(Idempotency, context=context)
    app.add_middleware(BodyLimit, limits={"/ingest": largest, "/ingest/async": largest})
    errors.install(app)
    app.include_router(ingest_routes.router)
    app.include_router(content_routes.router)
    app.add_api_route("/docs", _docs, include_in_schema=False)
    # The assets of the page; its own page would name them by the Host header that came in.
    patch_fastapi(app, redirect_from_root_to_docs=False)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


async def _docs() -> Response:
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Lethe: Artifacts API",
        swagger_js_url="swagger/swagger-ui-bundle.js",
        swagger_css_url="swagger/swagger-ui.css",
        swagger_favicon_url="swagger/favicon-32x32.png",
    )


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
        describe(schema, reading={"/content", "/chunked-content"})
        app.openapi_schema = schema
    return app.openapi_schema
