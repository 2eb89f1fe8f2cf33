"""The primitives of the Artifacts API's family as an application of its own, to be mounted at /v1/primitives."""

from fastapi import FastAPI

from lethe.api.artifacts import errors
from lethe.api.bodies import BodyLimit
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
    )
    app.state.context = context
    app.add_middleware(BodyLimit, limits={})
    errors.install(app)
    app.include_router(search_routes.router)
    return app
