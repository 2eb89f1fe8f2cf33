"""What the doors have in common as FastAPI applications."""

from typing import Any

from fastapi import FastAPI

from lethe.core.context import Context


def make(
    context: Context, *, title: str, description: str, responses: dict[int | str, dict[str, Any]]
) -> FastAPI:
    """An empty door, working with this context.

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
    )
    app.state.context = context
    return app
