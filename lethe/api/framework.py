"""What the APIs' FastAPI applications have in common."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from lethe.api.addresses import Allowing
from lethe.api.openapi import add_docs, generated
from lethe.core.context import Context


def make(
    context: Context,
    *,
    title: str,
    description: str,
    responses: dict[int | str, dict[str, Any]],
    docs: str = "",
) -> FastAPI:
    """An API without routes yet. It redirects no path, and of the framework's own pages it serves only openapi.json.

    Args:
        responses: the answers that every route may give besides its own.
        docs: the path, within the API, of the directory of its openapi.json.
    """
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        responses=responses,
        openapi_url=f"{docs}/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
        root_path_in_servers=False,  # `generated` writes them
        generate_unique_id_function=_operation_id,
    )
    app.add_middleware(Allowing, routes=app.router.routes)
    app.state.context = context
    app.state.root_path = ""
    return app


def finish(
    app: FastAPI,
    prefix: str,
    *,
    bodies: Iterable[type[BaseModel]],
    complete: Callable[[dict[str, Any]], None] = lambda _schema: None,
) -> FastAPI:
    """The API with its documentation, once all its routes are registered.

    Args:
        prefix: where the API is mounted.
        bodies: the models of bodies that routes read themselves.
        complete: adds to the generated OpenAPI document what FastAPI cannot know.
    """

    @cache
    def document() -> dict[str, Any]:
        schema = generated(app, prefix, *bodies)
        complete(schema)
        return schema

    add_docs(app)
    app.openapi = document  # type: ignore[method-assign]
    return app


def _operation_id(route: APIRoute) -> str:
    """The method name in generated clients: `ingestArtifact` for `ingest_artifact`."""
    first, *others = route.name.split("_")
    return first + "".join(word.capitalize() for word in others)
