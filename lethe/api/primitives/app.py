"""The primitives API, an application mounted at /v1/primitives. It follows the Artifacts API's conventions."""

from fastapi import FastAPI

from lethe.api import framework
from lethe.api.artifacts import errors
from lethe.api.artifacts.answers import RESPONSES
from lethe.api.doors import Door
from lethe.api.primitives import search_routes
from lethe.api.primitives.search_routes import SearchBody
from lethe.api.request.bodies import BodyLimit
from lethe.core.context import Context

PREFIX = "/v1/primitives"


def build(context: Context) -> FastAPI:
    """The API, bound to this context. Its errors have the same shape as the Artifacts API's."""
    app = framework.make(
        context,
        title="Lethe: primitives",
        description="Searches chunks by meaning, by words, or by both.",
        responses=RESPONSES,
    )
    app.add_middleware(BodyLimit, limits={}, room=context.bodies)
    errors.install(app)
    app.include_router(search_routes.router)
    return framework.finish(app, PREFIX, bodies=[SearchBody])


DOOR = Door("primitives", PREFIX, PREFIX, build)
