"""An API's documentation: its page, and the schemas of bodies that routes read themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from fastapi_swagger import patch_fastapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema


def add_docs(app: FastAPI) -> None:
    """Serve a page that shows the API's openapi.json, in the same directory, with its assets from this server."""
    below = (app.openapi_url or "").removesuffix("/openapi.json")

    async def docs() -> Response:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=app.title,
            swagger_js_url="swagger/swagger-ui-bundle.js",
            swagger_css_url="swagger/swagger-ui.css",
            swagger_favicon_url="swagger/favicon-32x32.png",
        )

    app.add_api_route(f"{below}/docs", docs, include_in_schema=False)
    # Only for the assets: its own page would build their addresses from the Host header.
    patch_fastapi(
        app,
        docs_url=f"{below}/docs",
        redirect_from_root_to_docs=False,
        swagger_js_url=f"{below}/swagger/swagger-ui-bundle.js",
        swagger_css_url=f"{below}/swagger/swagger-ui.css",
        swagger_favicon_url=f"{below}/swagger/favicon-32x32.png",
    )


def generated(app: FastAPI, prefix: str, *bodies: type[BaseModel]) -> dict[str, Any]:
    """The API's OpenAPI document as FastAPI generates it, plus the schemas of these bodies.

    Args:
        prefix: where the API is mounted.
    """
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        servers=[{"url": f"{app.state.root_path}{prefix}" or "/"}],
    )
    _, definitions = models_json_schema(
        [(body, "validation") for body in bodies], ref_template="#/components/schemas/{model}"
    )
    schema["components"]["schemas"].update(definitions["$defs"])
    return schema


def body_schema(model: type[BaseModel], example: Any, *, required: bool = True) -> dict[str, Any]:
    """The `openapi_extra` of a route with a body of this model.

    Args:
        example: a body that can be sent unchanged.
    """
    return {"requestBody": {"required": required, "content": json_content(model, example)}}


def json_content(model: type[BaseModel], example: Any) -> dict[str, Any]:
    """The content of a body of this model, with an example that can be sent unchanged."""
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"application/json": {"schema": reference, "example": example}}
