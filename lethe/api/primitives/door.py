"""The primitives of the Artifacts API's family as an application of its own, to be mounted at /v1/primitives."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from lethe.api.artifacts import errors
from lethe.api.artifacts.answers import RESPONSES
from lethe.api.bodies import BodyLimit, described
from lethe.api.primitives import search_routes
from lethe.core.context import Context

PREFIX = "/v1/primitives"


def build(context: Context) -> FastAPI:
    """The door, working with this context. Its errors have the shape of the Artifacts API's."""
    app = FastAPI(
        title="Lethe: primitives",
        description="Searches chunks by meaning, by words, by both.",
        version="1",
        servers=[{"url": PREFIX}],
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=RESPONSES,
        redirect_slashes=False,
    )
    app.state.context = context
    app.add_middleware(BodyLimit, limits={})
    errors.install(app)
    app.include_router(search_routes.router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The generated document, with the body that the route reads itself."""
    if app.openapi_schema is None:
        app.openapi_schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=app.servers,
        )
        app.openapi_schema["components"]["schemas"].update(described(search_routes.SearchBody))
    return app.openapi_schema
