"""Embeddings, models and tools: an application mounted at /v1, with the conventions of the Artifacts API."""

from typing import Any

from fastapi import FastAPI

from lethe.api import framework
from lethe.api.artifacts.answers import RESPONSES
from lethe.api.doors import Door
from lethe.api.request.bodies import BodyLimit
from lethe.api.tools import embedding_routes, errors, model_routes, search_routes
from lethe.api.tools.embedding_routes import EmbeddingsBody
from lethe.api.tools.errors import FieldsAnswer, SentenceAnswer
from lethe.api.tools.search_routes import SemanticSearchBody
from lethe.core.context import Context

_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {**response, "model": FieldsAnswer if status == 422 else SentenceAnswer}
    for status, response in RESPONSES.items()
}


def build(context: Context) -> FastAPI:
    """The API, bound to this context."""
    app = framework.make(
        context,
        title="Lethe: embeddings, models and tools",
        description="The server's embedding model in OpenAI's shape, and the search as an assistant's tool.",
        responses=_RESPONSES,
        docs="/tools",
    )
    app.add_middleware(BodyLimit, limits={}, room=context.bodies)
    errors.install(app)
    for routes in (embedding_routes, model_routes, search_routes):
        app.include_router(routes.router)
    return framework.finish(app, DOOR.prefix, bodies=[EmbeddingsBody, SemanticSearchBody])


DOOR = Door("tools", "/v1", "/v1/tools", build, owns=("embeddings", "models", "tools"))
