"""What the APIs have in common as FastAPI applications."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from lethe.api.addresses import Allowing
from lethe.core.context import Context


def make(
    context: Context, *, title: str, description: str, responses: dict[int | str, dict[str, Any]]
) -> FastAPI:
    """An empty API, working with this context.

    Its paths are taken as they are written, and of the framework's pages it has openapi.json only.

    Args:
        responses: the answers that each route may give besides its own.
    """
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        responses=responses,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    app.add_middleware(Allowing, routes=app.router.routes)
    app.state.context = context
    return app


def _operation_id(route: APIRoute) -> str:
    """The name of a call's method in generated clients: `ingestArtifact` of `ingest_artifact`."""
    first, *others = route.name.split("_")
    return first + "".join(word.capitalize() for word in others)
